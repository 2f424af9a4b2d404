import type { CommandModule } from 'yargs';
import { defineOptions } from '../options.ts';
import { PICTURE_OPTIONS } from './pictureOptions.ts';
import { COLOR_SET_OPTION, RANGE_OPTIONS, RECORD_OPTIONS, TABLE_OPTIONS } from './reportOptions.ts';
import type { HeatsArguments } from './runHeats.ts';

const HEATS_OPTIONS = {
  ...RECORD_OPTIONS,
  ...TABLE_OPTIONS,
  ...RANGE_OPTIONS,
  ...defineOptions({
    time_base: {
      type: 'string',
      describe: 'what --time_range counts from: a time, guided, or guided_end',
      group: 'Record:',
    },
    address_base: {
      type: 'string',
      describe: 'what --address_range counts from: an address, or guided',
      group: 'Record:',
    },
    resol: {
      type: 'string',
      nargs: 2,
      describe: 'cells in time and address [default: 500 500, on the terminal 40 80]',
      group: 'Output:',
    },
    abs_time: { type: 'boolean', default: false, describe: 'times as recorded', group: 'Output:' },
    abs_addr: { type: 'boolean', default: false, describe: 'full addresses', group: 'Output:' },
    guide: {
      type: 'boolean',
      default: false,
      describe: 'print what was monitored when, to choose ranges by',
      group: 'Output:',
    },
    heatmap: {
      type: 'string',
      describe: 'draw to FILE (png, svg, pdf, jpeg) or to the terminal (stdout)',
      group: 'Output:',
    },
    ...PICTURE_OPTIONS,
    stdout_heatmap_color: COLOR_SET_OPTION,
    unit: {
      choices: ['auto', 'hz', 'samples'],
      default: 'auto',
      describe: 'accesses per second or per aggregation; auto: hz where the intervals are known',
      group: 'Output:',
    },
    fill_by_age: {
      type: 'boolean',
      default: false,
      describe: "fill the time between snapshots as far back as the regions' ages tell",
      group: 'Output:',
    },
  }),
} as const;

export const heatsCommand: CommandModule<object, HeatsArguments> = {
  command: 'heats',
  aliases: ['heatmap'],
  describe: 'which memory was how hot at which time: as text, or drawn',
  builder: (yargs) => yargs.options(HEATS_OPTIONS) as never,
  handler: async (args) => {
    const { runHeats } = await import('./runHeats.ts');
    await runHeats(args);
  },
};
