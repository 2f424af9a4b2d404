import { systemClock } from '../../base/clock.ts';
import { createLogger } from '../../base/log.ts';
import { openKernel } from '../collecting/openKernel.ts';
import { STOP_SIGNALS, waitForStop } from '../collecting/waitForStop.ts';
import { isMonitoringAsked } from '../monitoringOptions.ts';
import { printOwnPlan } from '../schemes/printOwnPlan.ts';
import { createConfigReader, reloadAtHangUp } from './configMonitoring.ts';
import { createReloadReader, mergeFileSettings } from './fileSettings.ts';
import type { ServeArguments } from './serveArguments.ts';
import { serveKernel } from './serveKernel.ts';

/**
 * Serves until SIGTERM or SIGINT; without a configuration file until SIGHUP, too.
 *
 * @param open How the kernel is reached.
 */
export async function runServe(
  given: ServeArguments,
  open: typeof openKernel = openKernel,
): Promise<void> {
  const read = createConfigReader(given);
  const config = await read?.();
  const { args, settings } = mergeFileSettings(given, config, process.env);
  const logger = createLogger({
    level: args['log.level'],
    format: args['log.format'],
    clock: systemClock,
    write: (line) => process.stderr.write(line),
  });
  const isScene = !isMonitoringAsked(args) && !config?.kdamonds.length;
  const kernel = open(args, { isScene, logger });
  if (args['dry-run']) {
    await printOwnPlan({ args, fs: kernel.fs, logger, config });
    return;
  }
  await serveKernel({
    args,
    settings,
    kernel,
    logger,
    config,
    readConfig: read && createReloadReader(read, { args: given, config, logger }),
    waitForStop: (configured) => {
      if (configured !== undefined) reloadAtHangUp(configured, logger);
      return waitForStop(logger, systemClock, configured ? STOP_SIGNALS : undefined);
    },
  });
}
