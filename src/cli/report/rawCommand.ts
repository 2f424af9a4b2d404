import type { CommandModule } from 'yargs';
import { defineOptions } from '../options.ts';
import {
  RANGE_OPTIONS,
  RAW_NUMBER_OPTIONS,
  RECORD_OPTIONS,
  TABLE_OPTIONS,
} from './reportOptions.ts';
import type { RawArguments } from './runRaw.ts';

const RAW_OPTIONS = {
  ...RECORD_OPTIONS,
  ...RANGE_OPTIONS,
  ...TABLE_OPTIONS,
  ...RAW_NUMBER_OPTIONS,
  layout: {
    choices: ['seed', 'table'],
    default: 'seed',
    describe: "seed: damo's first text; table: its later one, with the age",
    group: 'Output:',
  },
  ...defineOptions({
    duration: {
      type: 'string',
      nargs: 2,
      describe: 'only snapshots that start so many seconds after the first: START END',
      group: 'Record:',
    },
  }),
} as const;

export const rawCommand: CommandModule<object, RawArguments> = {
  command: 'raw',
  describe: 'every snapshot as text',
  builder: (yargs) => yargs.options(RAW_OPTIONS) as never,
  handler: async (args) => {
    const { runRaw } = await import('./runRaw.ts');
    await runRaw(args);
  },
};
