import { isKernelErrno } from '../base/errors.ts';

/** How often and how long to try again when the kernel answers EBUSY. */
export interface BusyRetry {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly delayMs: number;
  /** Called for each EBUSY, also the last. */
  readonly onBusy: () => void;
  readonly sleep: (durationMs: number) => Promise<void>;
}

/**
 * Repeats an action while the kernel answers EBUSY. DAMON's sysfs lock is only ever tried for, so a
 * collision with another program is normal.
 *
 * @throws the last EBUSY, or any other error at once.
 */
export async function withBusyRetry<T>(action: () => T | Promise<T>, retry: BusyRetry): Promise<T> {
  for (let left = retry.attempts; ; left -= 1) {
    try {
      return await action();
    } catch (error) {
      if (!isKernelErrno(error, 'EBUSY')) throw error;
      retry.onBusy();
      if (left <= 1) throw error;
    }
    await retry.sleep(retry.delayMs);
  }
}
