import type { CommandModule } from 'yargs';
import { defineOptions } from '../options.ts';
import { PICTURE_OPTIONS } from './pictureOptions.ts';
import {
  ACCESS_THRESHOLD_OPTIONS,
  DEFAULT_WORK_TIME,
  PERCENTILE_OPTIONS,
  RANGE_OPTIONS,
  RAW_NUMBER_OPTIONS,
  RECORD_OPTIONS,
  TABLE_OPTIONS,
} from './reportOptions.ts';
import type { WssArguments } from './runWss.ts';

const WSS_OPTIONS = {
  ...RECORD_OPTIONS,
  ...RANGE_OPTIONS,
  ...TABLE_OPTIONS,
  ...RAW_NUMBER_OPTIONS,
  ...PERCENTILE_OPTIONS,
  ...ACCESS_THRESHOLD_OPTIONS,
  ...defineOptions({
    sz_thres: {
      type: 'string',
      default: '1',
      describe: 'size a region needs to count',
      group: 'Measuring:',
    },
    work_time: {
      type: 'string',
      default: DEFAULT_WORK_TIME,
      describe: 'measure over this time at once, in us or with units',
      group: 'Measuring:',
    },
    sortby: {
      alias: 's',
      choices: ['size', 'time'],
      default: 'size',
      describe: 'order of the sizes: time shows how the working set changed',
      group: 'Output:',
    },
    plot: {
      alias: 'p',
      type: 'string',
      describe: 'draw to FILE (png, svg, pdf, jpeg)',
      group: 'Output:',
    },
    ...PICTURE_OPTIONS,
    nr_cols_bar: {
      type: 'string',
      default: '59',
      describe: 'width of the bars',
      group: 'Output:',
    },
    all_wss: {
      type: 'boolean',
      default: false,
      describe: 'every measured size instead of percentiles',
      group: 'Output:',
    },
    per_target: {
      type: 'boolean',
      default: false,
      describe: 'without the sum of all targets',
      group: 'Output:',
    },
    collapse_targets: {
      type: 'boolean',
      default: false,
      describe: 'only the sum of all targets',
      group: 'Output:',
    },
  }),
} as const;

export const wssCommand: CommandModule<object, WssArguments> = {
  command: 'wss',
  describe: 'working set size: its distribution, or how it changed',
  builder: (yargs) => yargs.options(WSS_OPTIONS) as never,
  handler: async (args) => {
    const { runWss } = await import('./runWss.ts');
    await runWss(args);
  },
};
