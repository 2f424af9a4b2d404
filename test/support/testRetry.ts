import type { BusyRetry } from '../../src/kernel/busyRetry.ts';

/** Three tries without waiting; `count()` says how often the kernel was busy. */
export function createTestRetry(): BusyRetry & { count: () => number } {
  let busy = 0;
  return {
    attempts: 3,
    delayMs: 50,
    onBusy: () => {
      busy += 1;
    },
    sleep: () => Promise.resolve(),
    count: () => busy,
  };
}
