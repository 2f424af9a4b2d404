/** Time as an argument: real time in production, simulated or scripted time elsewhere. */
export interface Clock {
  /** Nanoseconds of CLOCK_MONOTONIC, the clock trace events are stamped with. */
  monotonicNs(): bigint;
  /** Milliseconds since 1970, UTC; may jump. */
  wallMs(): number;
}

export const systemClock: Clock = {
  monotonicNs: () => process.hrtime.bigint(),
  wallMs: () => Date.now(),
};

/**
 * Waits in real time; ends early, without an error, when the signal is aborted.
 */
export function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    signal?.addEventListener('abort', finish);
  });
}
