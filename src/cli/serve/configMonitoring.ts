import { ExporterError, UsageError, describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { DamonConfig } from '../../config/config.ts';
import type { ConfigHealth } from '../../damon/observation.ts';
import type { FindOptions } from '../../kernel/findProcesses.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { createKeeper } from '../../reconcile/keeper.ts';
import type { Keeper } from '../../reconcile/keeper.ts';
import { readConfigFile } from '../configFile.ts';
import { isMonitoringAsked } from '../monitoringOptions.ts';
import { lookUpUser } from '../lookUpUser.ts';
import { createCommandTargets } from './commandTargets.ts';
import { createOwnKernel, createOwnMonitoring } from '../collecting/ownMonitoring.ts';
import type { OwnMonitoring } from '../collecting/ownMonitoring.ts';
import type { ServeArguments } from './serveArguments.ts';

/** What this run makes the kernel do because a file says so. */
export interface ConfigMonitoring extends OwnMonitoring {
  /**
   * Reads the file again and goes over to what it says.
   *
   * @throws ExporterError; what was kept up before is kept up further.
   */
  readonly reload: () => Promise<void>;
  health(): ConfigHealth;
}

export interface ConfigMonitoringOptions {
  readonly args: ServeArguments;
  readonly fs: KernelFs;
  readonly logger: Logger;
  readonly config: DamonConfig;
  /** Reads the file again. */
  readonly readConfig: () => Promise<DamonConfig>;
  readonly wallMs: () => number;
}

/** Reads the file the command line names; undefined where it names none. */
export type ConfigReader = () => Promise<DamonConfig>;

/**
 * The reader throws UsageError for kdamonds in the file together with a target: only one of them can
 * say what runs.
 */
export function createConfigReader(args: ServeArguments): ConfigReader | undefined {
  const path = args['config.file'];
  if (path === undefined) return undefined;
  return async () => {
    const config = await readConfigFile(path, args['config.trusted']);
    if (config.kdamonds.length > 0 && isMonitoringAsked(args)) {
      throw new UsageError('--config.file and a target exclude each other: name it in the file');
    }
    return config;
  };
}

/** At every SIGHUP; what is wrong goes to the log, and all goes on as before. */
export function reloadAtHangUp(configured: ConfigMonitoring, logger: Logger): void {
  process.on('SIGHUP', () => {
    configured.reload().catch((error: unknown) => {
      logger.error('reload failed; the configuration of before stays in force', {
        reason: describeError(error),
      });
    });
  });
}

/** How often processes and changes by others are looked for. */
const LOOK_INTERVAL_MS = 5000;

function logOutcomes(logger: Logger, keeper: Keeper): void {
  for (const { name, index, pid, missing } of keeper.list()) {
    if (pid === undefined) logger.info('a kdamond waits', { name, for: missing.join(', ') });
    else logger.info('a kdamond does what is configured', { name, kdamond: index, pid });
  }
}

function createConfigMonitoring(options: ConfigMonitoringOptions): ConfigMonitoring {
  const { args, fs, logger, wallMs } = options;
  const own = createOwnKernel(args, fs, logger);
  const { deps, countBusyRetries } = own;
  const commands = createCommandTargets(logger, args.source !== 'simulator');
  let keeper: Keeper | undefined;
  let current = options.config;
  let timer: NodeJS.Timeout | undefined;
  let lastReload: { readonly isGood: boolean; readonly successMs: number } | undefined;
  const getFindOptions = (): FindOptions => ({
    ownPid: process.pid,
    lookUpUser: (name: string) => lookUpUser(name),
    commandPids: commands.listPids(),
  });
  /** Runs `change` with the commands of a configuration there, and lets them run if it works. */
  const withCommands = async <T>(config: DamonConfig, change: () => Promise<T>): Promise<T> => {
    await commands.prepare(config);
    let result: T;
    try {
      result = await change();
    } catch (error) {
      commands.abandon();
      throw error;
    }
    commands.resume();
    current = config;
    return result;
  };
  return {
    listOwnIndexes: () => new Set(keeper?.list().map(({ index }) => index)),
    targetPids: [],
    getKdamondPid: () => keeper?.list()[0]?.pid,
    countBusyRetries,
    describe: (index) => keeper?.list()[index],
    prepare: async () => {
      await own.prepare();
    },
    start: async () => {
      const base = await own.prepare();
      const left = deps.store.read();
      const kept = left?.isKept === true ? left : undefined;
      if (kept !== undefined) {
        logger.info('taking over kdamonds that were left running', { pid: kept.exporter.pid });
      }
      const starting = createKeeper(deps, { ...base, getFindOptions }, options.config);
      await withCommands(options.config, () => starting.start(kept));
      keeper = starting;
      lastReload = { isGood: true, successMs: wallMs() };
      logOutcomes(logger, keeper);
      // One that waits in the kernel is not to be followed by a queue of others.
      let isLooking = false;
      timer = setInterval(() => {
        if (isLooking) return;
        isLooking = true;
        void starting.look().finally(() => {
          isLooking = false;
        });
      }, LOOK_INTERVAL_MS);
    },
    reload: async () => {
      try {
        const config = await options.readConfig();
        const outcomes = await withCommands(config, async () => keeper?.reload(config));
        void commands.endOthers(config);
        lastReload = { isGood: true, successMs: wallMs() };
        logger.info('reloaded the configuration', { outcomes: outcomes?.join(' ') });
      } catch (error) {
        lastReload = { isGood: false, successMs: lastReload?.successMs ?? 0 };
        throw error;
      }
    },
    health: () => ({
      isLastReloadGood: lastReload?.isGood ?? false,
      lastReloadSuccessMs: lastReload?.successMs,
      kdamonds: (keeper?.list() ?? []).map(({ name, index, pid, drift, problem }) => ({
        name,
        kdamond: String(index),
        isInForce: pid !== undefined && problem === undefined && drift.length === 0,
        isWaiting: pid === undefined && problem === undefined,
        nrDriftedSettings: drift.length,
      })),
    }),
    stop: async () => {
      clearInterval(timer);
      await keeper?.end();
      if (current.onExit === 'restore') await commands.endOthers(undefined);
    },
  };
}

/** For a file that is about `serve` alone: nothing of it is kept up. */
function createSettingsFile(options: ConfigMonitoringOptions): ConfigMonitoring {
  const { args, fs, logger, readConfig, wallMs } = options;
  let lastReload = { isGood: true, successMs: wallMs() };
  return {
    ...createOwnMonitoring(args, fs, logger),
    reload: async () => {
      try {
        const { kdamonds } = await readConfig();
        if (kdamonds.length > 0) {
          const hint = 'it describes kdamonds, and did not at the start; start serve anew';
          throw new ExporterError('config', `reload the configuration: ${hint}`);
        }
        lastReload = { isGood: true, successMs: wallMs() };
      } catch (error) {
        lastReload = { ...lastReload, isGood: false };
        throw error;
      }
    },
    health: () => ({
      isLastReloadGood: lastReload.isGood,
      lastReloadSuccessMs: lastReload.successMs,
      kdamonds: [],
    }),
  };
}

/** What a file makes of this run. */
export function createConfigured(options: ConfigMonitoringOptions): ConfigMonitoring {
  const isAboutServeAlone = options.config.kdamonds.length === 0;
  return isAboutServeAlone ? createSettingsFile(options) : createConfigMonitoring(options);
}
