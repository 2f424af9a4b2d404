import {
  createRegionCountsBuilder,
  formatRegionCounts,
  formatRegionCountsCsv,
  formatRegionCountsJson,
} from '../../report/regionCounts.ts';
import { selectLentSnapshots } from '../../report/selectSnapshots.ts';
import { labelStreams } from '../../report/streams.ts';
import { createStdoutSink, readRecord, visitSnapshots } from './readRecord.ts';
import { parsePercentiles, parseSelection, parseWhole } from './reportArguments.ts';
import type {
  PercentileArguments,
  RangeArguments,
  RecordArguments,
  TableArguments,
} from './reportOptions.ts';

export interface RegionCountsArguments
  extends RecordArguments, RangeArguments, TableArguments, PercentileArguments {}

/** Prints how many regions the snapshots had. */
export async function runRegionCounts(args: RegionCountsArguments): Promise<void> {
  const selection = parseSelection(args);
  const percentiles = parsePercentiles(args);
  const excludeSamples = parseWhole('--exclude_samples', args.exclude_samples);
  const builder = createRegionCountsBuilder(excludeSamples);
  await readRecord(args.input, async (reader) => {
    const batches = selectLentSnapshots(reader, selection, { withAges: false });
    await visitSnapshots({ batches, path: args.input }, selection, (snapshot) => {
      builder.add(snapshot);
    });
    const all = builder.finish();
    const labels = labelStreams(all.map(({ stream }) => stream));
    const format = args.json
      ? formatRegionCountsJson
      : args.csv
        ? formatRegionCountsCsv
        : formatRegionCounts;
    await createStdoutSink().write(format({ all, labels, percentiles }));
  });
}
