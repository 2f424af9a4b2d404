import type { Options } from 'yargs';
import { UsageError, describeError } from '../base/errors.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../base/log.ts';
import type { LogFormat, LogLevel } from '../base/log.ts';
import { SOURCE_NAMES } from '../damon/observation.ts';
import type { SourceName } from '../damon/observation.ts';
import { DEMO_SCENES } from '../simulator/demoSceneNames.ts';
import type { DemoSceneName } from '../simulator/demoSceneNames.ts';

/** Where the kernel's trees are; every command that looks at the kernel has these. */
export const PATH_OPTIONS: Record<string, Options> = defineOptions({
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
});

export interface PathArguments {
  readonly 'path.sysfs'?: string | undefined;
  readonly 'path.procfs': string;
  readonly 'path.tracefs'?: string | undefined;
  readonly 'path.boot': string;
}

export const LOG_OPTIONS: Record<string, Options> = defineOptions({
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
});

export interface LogArguments {
  readonly 'log.level': LogLevel;
  readonly 'log.format': LogFormat;
}

export const SIMULATOR_OPTIONS: Record<string, Options> = defineOptions({
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
  'simulator.source': {
    choices: ['auto', ...SOURCE_NAMES],
    default: 'auto',
    describe: 'what the simulated kernel is read through, as --source says for a real one',
    group: 'Simulated kernel:',
  },
  'simulator.block-state-writes': {
    type: 'number',
    describe: 'milliseconds each write to a state file blocks, as on a slow kernel',
    group: 'Simulated kernel:',
  },
});

export interface SimulatorArguments {
  readonly 'simulator.speed': number;
  readonly 'simulator.seed': number;
  readonly 'simulator.kernel': string;
  readonly 'simulator.source': 'auto' | SourceName;
  /** Default: `operator`, or `idle` where the exporter is to monitor something itself. */
  readonly 'simulator.scene'?: DemoSceneName | undefined;
  readonly 'simulator.block-state-writes'?: number | undefined;
}

function refuseTwice(name: string, nrValues: number): (value: unknown) => unknown {
  return (value) => {
    const given = Array.isArray(value) ? value.length : 1;
    if (given > nrValues) throw new UsageError(`--${name} is given more than once`);
    return value;
  };
}

function completeOption(name: string, given: Options): Options {
  const { array, nargs, ...option } = given;
  const dashed = name.replaceAll('_', '-');
  const alias = [option.alias ?? [], dashed === name ? [] : dashed].flat();
  const completed = { ...option, ...(alias.length > 0 && { alias }) };
  if (option.type === 'boolean') return completed;
  // A list is given by repeating its option: it must not swallow the arguments behind it.
  if (array === true && nargs === undefined) return { ...completed, array, nargs: 1 };
  const coerce = refuseTwice(name, nargs ?? 1);
  return { ...completed, coerce, ...(nargs === undefined ? { requiresArg: true } : { nargs }) };
}

/**
 * Completes options the way every command has them: damo's spelling and dashes (--target_pid,
 * --target-pid), a value that must be there, and given once unless it is a list.
 */
export function defineOptions(options: Record<string, Options>): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, completeOption(name, option)]),
  );
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
