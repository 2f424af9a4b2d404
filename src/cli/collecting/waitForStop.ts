import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Within this time it is one wish: timeout(1) signals a process and then its group, itself included. */
const SAME_WISH_NS = 1_000_000_000n;

/**
 * Resolves at the first SIGHUP, SIGINT or SIGTERM, with its name. A later SIGINT or SIGTERM ends the
 * process at once, for somebody who cannot wait for a blocked kernel; the next start then cleans up.
 */
export function waitForStop(logger: Logger, clock: Clock): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstNs: bigint | undefined;
    for (const signal of SIGNALS) {
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
