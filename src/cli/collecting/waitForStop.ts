import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type StopSignal = keyof typeof SIGNAL_NUMBERS;

/** Where SIGHUP means something else. */
export const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];
const ALL_SIGNALS: readonly StopSignal[] = ['SIGHUP', ...STOP_SIGNALS];

/** Within this time it is one wish: timeout(1) signals a process and then its group, itself included. */
const SAME_WISH_NS = 1_000_000_000n;

/**
 * Resolves at the first of the signals, with its name. A later SIGINT or SIGTERM ends the
 * process at once, for somebody who cannot wait for a blocked kernel; the next start then cleans up.
 */
export function waitForStop(
  logger: Logger,
  clock: Clock,
  signals: readonly StopSignal[] = ALL_SIGNALS,
): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstNs: bigint | undefined;
    for (const signal of signals) {
      process.on(signal, () => {
        const nowNs = clock.monotonicNs();
        if (firstNs === undefined) {
          firstNs = nowNs;
          logger.info('stopping', { signal });
          resolve(signal);
        } else if (signal !== 'SIGHUP' && nowNs - firstNs > SAME_WISH_NS) {
          process.exit(128 + SIGNAL_NUMBERS[signal]);
        }
      });
    }
  });
}
