import type { Options } from 'yargs';
import { UsageError, describeError } from '../base/errors.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../base/log.ts';
import type { LogFormat, LogLevel } from '../base/log.ts';
import { DEMO_SCENES } from '../simulator/demoSceneNames.ts';
import type { DemoSceneName } from '../simulator/demoSceneNames.ts';

/** Where the kernel's trees are; every command that looks at the kernel has these. */
export const PATH_OPTIONS: Record<string, Options> = {
  'path.sysfs': {
    type: 'string',
    describe: 'mount point of sysfs [default: from /proc/mounts, else /sys]',
    group: 'Kernel:',
  },
  'path.procfs': {
    type: 'string',
    default: '/proc',
    describe: 'mount point of procfs',
    group: 'Kernel:',
  },
  'path.tracefs': {
    type: 'string',
    describe: 'mount point of tracefs [default: from /proc/mounts, else /sys/kernel/tracing]',
    group: 'Kernel:',
  },
  'path.boot': {
    type: 'string',
    default: '/boot',
    describe: 'directory of kernel configurations (config-RELEASE)',
    group: 'Kernel:',
  },
};

export interface PathArguments {
  readonly 'path.sysfs'?: string | undefined;
  readonly 'path.procfs': string;
  readonly 'path.tracefs'?: string | undefined;
  readonly 'path.boot': string;
}

export const LOG_OPTIONS: Record<string, Options> = {
  'log.level': {
    choices: LOG_LEVELS,
    default: 'info',
    describe: 'least important messages shown',
    group: 'Logging:',
  },
  'log.format': {
    choices: LOG_FORMATS,
    default: 'logfmt',
    describe: 'form of messages on stderr',
    group: 'Logging:',
  },
};

export interface LogArguments {
  readonly 'log.level': LogLevel;
  readonly 'log.format': LogFormat;
}

export const SIMULATOR_OPTIONS: Record<string, Options> = {
  'simulator.speed': {
    type: 'number',
    default: 1,
    describe: 'simulated seconds per second',
    group: 'Simulated kernel:',
  },
  'simulator.seed': {
    type: 'number',
    default: 1,
    describe: 'seed of the simulated workloads',
    group: 'Simulated kernel:',
  },
  'simulator.kernel': {
    type: 'string',
    default: '7.2',
    describe: 'kernel version to simulate',
    group: 'Simulated kernel:',
  },
  'simulator.scene': {
    choices: DEMO_SCENES,
    describe: "what runs at the start: somebody else's kdamonds, DAMON_STAT, or nothing",
    group: 'Simulated kernel:',
  },
  'simulator.block-state-writes': {
    type: 'number',
    describe: 'milliseconds each write to a state file blocks, as on a slow kernel',
    group: 'Simulated kernel:',
  },
};

export interface SimulatorArguments {
  readonly 'simulator.speed': number;
  readonly 'simulator.seed': number;
  readonly 'simulator.kernel': string;
  /** Default: `operator`, or `idle` where the exporter is to monitor something itself. */
  readonly 'simulator.scene'?: DemoSceneName | undefined;
  readonly 'simulator.block-state-writes'?: number | undefined;
}

/** Lets an option be written in damo's spelling and with dashes: --target_pid, --target-pid. */
export function bothSpellings<T extends Record<string, Options>>(options: T): T {
  const entries = Object.entries(options).map(([name, option]) => {
    const dashed = name.replaceAll('_', '-');
    const aliases = [option.alias ?? [], dashed === name ? [] : dashed].flat();
    return [name, aliases.length === 0 ? option : { ...option, alias: aliases }] as const;
  });
  return Object.fromEntries(entries) as T;
}

/** Turns the parsers' RangeError into one about the command line. */
export function parseOption<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(describeError(error), { cause: error });
  }
}
