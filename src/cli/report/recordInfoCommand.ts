import type { CommandModule } from 'yargs';
import { JSON_OPTIONS, RECORD_OPTIONS } from './reportOptions.ts';
import type { RecordInfoArguments } from './runRecordInfo.ts';

export const recordInfoCommand: CommandModule<object, RecordInfoArguments> = {
  command: 'record-info',
  aliases: ['record_info'],
  describe: 'what a record holds: targets, intervals, time, ranges',
  builder: (yargs) => yargs.options({ ...RECORD_OPTIONS, ...JSON_OPTIONS }) as never,
  handler: async (args) => {
    const { runRecordInfo } = await import('./runRecordInfo.ts');
    await runRecordInfo(args);
  },
};
