import type { CommandModule } from 'yargs';
import { DEFAULT_COLD_AGES } from '../coldAges.ts';
import { defineOptions } from '../options.ts';
import {
  ACCESS_THRESHOLD_OPTIONS,
  EXCLUDE_OPTIONS,
  RANGE_OPTIONS,
  RAW_NUMBER_OPTIONS,
  RECORD_OPTIONS,
  TABLE_OPTIONS,
} from './reportOptions.ts';
import type { SizingArguments } from './runSizing.ts';

const SIZING_OPTIONS = {
  ...RECORD_OPTIONS,
  ...RANGE_OPTIONS,
  ...ACCESS_THRESHOLD_OPTIONS,
  ...EXCLUDE_OPTIONS,
  ...TABLE_OPTIONS,
  ...RAW_NUMBER_OPTIONS,
  ...defineOptions({
    headroom: {
      type: 'string',
      default: '20%',
      describe: 'what is added to the working set, in percent',
      group: 'Measuring:',
    },
    idle: {
      type: 'string',
      default: DEFAULT_COLD_AGES,
      describe: 'idle times from which on memory is told as reclaimable',
      group: 'Measuring:',
    },
  }),
} as const;

export const sizingCommand: CommandModule<object, SizingArguments> = {
  command: 'sizing',
  describe: 'how much memory each target needs, and how much could be reclaimed',
  builder: (yargs) => yargs.options(SIZING_OPTIONS) as never,
  handler: async (args) => {
    const { runSizing } = await import('./runSizing.ts');
    await runSizing(args);
  },
};
