import type { CommandModule } from 'yargs';
import { defineOptions } from '../options.ts';
import {
  COLOR_SET_OPTION,
  JSON_OPTIONS,
  RANGE_OPTIONS,
  RAW_NUMBER_OPTIONS,
  RECORD_OPTIONS,
} from './reportOptions.ts';
import type { AccessArguments } from './runAccess.ts';

const ACCESS_OPTIONS = {
  ...RECORD_OPTIONS,
  ...RANGE_OPTIONS,
  ...JSON_OPTIONS,
  ...RAW_NUMBER_OPTIONS,
  ...defineOptions({
    style: {
      choices: [
        'detailed',
        'recency-percentiles',
        'temperature-percentiles',
        'recency-sz-hist',
        'temperature-sz-hist',
        'idle-time-percentiles',
        'cold-memory-tail',
      ],
      default: 'detailed',
      describe: 'regions, or their bytes by idle time or temperature',
      group: 'Output:',
    },
    temperature_weights: {
      type: 'string',
      nargs: 3,
      describe: 'what makes memory hot: SIZE ACCESS_RATE AGE [default: 0 100 100]',
      group: 'Output:',
    },
    stdout_heatmap_color: COLOR_SET_OPTION,
  }),
} as const;

export const accessCommand: CommandModule<object, AccessArguments> = {
  command: 'access',
  describe: 'the latest snapshot of each target',
  builder: (yargs) => yargs.options(ACCESS_OPTIONS) as never,
  handler: async (args) => {
    const { runAccess } = await import('./runAccess.ts');
    await runAccess(args);
  },
};
