import type { CommandModule } from 'yargs';
import { WRITTEN_FORMATS } from '../../record/write/formats.ts';
import { defineOptions } from '../options.ts';
import { RANGE_OPTIONS, STREAM_OPTIONS } from '../report/reportOptions.ts';
import type { ConvertArguments } from '../runConvert.ts';

const CONVERT_OPTIONS = defineOptions({
  format: {
    choices: WRITTEN_FORMATS,
    describe:
      'format of the output [default: from its name: .json, .csv, .txt, else damon-exporter]',
    group: 'Output:',
  },
  aggregate_interval: {
    type: 'string',
    describe: 'aggregate to this longer interval, in us or with a unit',
    group: 'Output:',
  },
  force: {
    type: 'boolean',
    default: false,
    describe: 'replace an output that exists',
    group: 'Output:',
  },
});

export const convertCommand: CommandModule<object, ConvertArguments> = {
  command: 'convert <input> <output>',
  describe: 'write a record, or a part of it, in another format',
  builder: (yargs) =>
    yargs
      .positional('input', { type: 'string', describe: 'record to read, of any format' })
      .positional('output', { type: 'string', describe: 'file to write' })
      .options({ ...CONVERT_OPTIONS, ...STREAM_OPTIONS, ...RANGE_OPTIONS })
      .example('$0 convert damon.data for-damo.data --format json_compressed', 'for damo')
      .example('$0 convert damon.data day.data --aggregate_interval 1m', 'smaller')
      .epilogue(
        'Rates are kept when aggregating: an address has the mean accesses per second of the time it was observed. Neighbouring regions that differ least become one, so that a snapshot has no more of them than before. Ages count the longer interval.',
      ) as never,
  handler: async (args) => {
    const { runConvert } = await import('../runConvert.ts');
    await runConvert(args);
  },
};
