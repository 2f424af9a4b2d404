import type { Logger } from '../../base/log.ts';

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Resolves at the first SIGINT or SIGTERM, with its name. A second one ends the process at once, for somebody who
 * cannot wait for a blocked kernel; the next start then cleans up.
 */
export function waitForStop(logger: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(128 + SIGNAL_NUMBERS[signal]);
        isStopping = true;
        logger.info('stopping', { signal });
        resolve(signal);
      });
    }
  });
}
