import type { Options, PositionalOptions } from 'yargs';
import { OWN_KDAMOND_OPTIONS } from '../collecting/collectingOptions.ts';
import type { OwnKdamondArguments } from '../collecting/collectingOptions.ts';
import { LOG_OPTIONS, PATH_OPTIONS, defineOptions } from '../options.ts';
import type { LogArguments, PathArguments } from '../options.ts';
import type { WantedArguments } from './wantedKdamonds.ts';

const CONFIG = 'Configuration:';

export const TARGET_POSITIONAL: PositionalOptions = {
  type: 'string',
  array: true,
  describe: 'process ids, or paddr',
};

/** For commands that take a configuration file; see docs/configuration.md. */
export const CONFIG_FILE_OPTIONS: Record<string, Options> = defineOptions({
  'config.file': {
    type: 'string',
    describe: 'kdamonds to run, as YAML or JSON, instead of a target and options',
    group: CONFIG,
  },
  'config.trusted': {
    type: 'boolean',
    default: false,
    describe: 'read it although others than root (or you) could have written it',
    group: CONFIG,
  },
});

export const UNSAFE_OPTION: Record<string, Options> = defineOptions({
  unsafe: {
    type: 'boolean',
    default: false,
    describe: 'allow pageout, cold and migrate_* with neither a quota nor watermarks',
    group: 'Schemes (each option once for each scheme, in order):',
  },
});

export const DRY_RUN_OPTION: Record<string, Options> = defineOptions({
  'dry-run': {
    type: 'boolean',
    default: false,
    describe: 'print the writes that would be done, and do none',
  },
});

/** For every command that does something in the kernel and ends. */
export const MACHINE_OPTIONS: Record<string, Options> = {
  ...PATH_OPTIONS,
  ...LOG_OPTIONS,
  'log.level': { ...LOG_OPTIONS['log.level'], default: 'warn' },
};

export const CHANGING_OPTIONS: Record<string, Options> = {
  ...OWN_KDAMOND_OPTIONS,
  ...MACHINE_OPTIONS,
};

/** As parsed; texts are not checked yet. */
export interface ChangingArguments
  extends
    WantedArguments,
    PathArguments,
    LogArguments,
    Pick<OwnKdamondArguments, 'takeover' | 'state.file'> {}
