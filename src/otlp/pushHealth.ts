import type { Clock } from '../base/clock.ts';
import type { OtlpHealth } from '../metrics/metricsInput.ts';

/** Counts pushes; needs nothing of OpenTelemetry. */
export interface PushHealth {
  noteSuccess(): void;
  noteFailure(): void;
  read(): OtlpHealth;
}

export function createPushHealth(clock: Pick<Clock, 'monotonicNs'>): PushHealth {
  let successes = 0;
  let failures = 0;
  let successAtNs: bigint | undefined;
  return {
    noteSuccess: () => {
      successes += 1;
      successAtNs = clock.monotonicNs();
    },
    noteFailure: () => {
      failures += 1;
    },
    read: () => ({
      successes,
      failures,
      successAgeSeconds:
        successAtNs === undefined ? undefined : Number(clock.monotonicNs() - successAtNs) / 1e9,
    }),
  };
}
