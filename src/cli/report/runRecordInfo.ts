import {
  createRecordInfoBuilder,
  formatRecordInfo,
  formatRecordInfoJson,
} from '../../report/info/recordInfo.ts';
import { selectLentSnapshots } from '../../report/selectSnapshots.ts';
import { createStdoutSink, readRecord, visitSnapshots } from './readRecord.ts';
import { parseStreamFilter } from './reportArguments.ts';
import type { JsonArguments, RecordArguments } from './reportOptions.ts';

export interface RecordInfoArguments extends RecordArguments, JsonArguments {}

/** Prints what a record holds. */
export async function runRecordInfo(args: RecordInfoArguments): Promise<void> {
  const builder = createRecordInfoBuilder();
  await readRecord(args.input, async (reader) => {
    const selection = { streams: parseStreamFilter(args) };
    const batches = selectLentSnapshots(reader, selection, { withAges: true });
    await visitSnapshots({ batches, path: args.input }, selection, (snapshot) => {
      builder.add(snapshot);
    });
    const info = builder.finish(reader);
    await createStdoutSink().write(args.json ? formatRecordInfoJson(info) : formatRecordInfo(info));
  });
}
