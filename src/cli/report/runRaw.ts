import { UsageError } from '../../base/errors.ts';
import { parseTime } from '../../base/units.ts';
import { createRawCsvWriter } from '../../report/raw/rawCsv.ts';
import { createRawJsonWriter } from '../../report/raw/rawJson.ts';
import { createRawTextWriter } from '../../report/raw/rawText.ts';
import type { RawWriter } from '../../report/raw/rawText.ts';
import type { RawLayout } from '../../report/raw/rawTextOptions.ts';
import { selectLentSnapshots } from '../../report/selectSnapshots.ts';
import type { ReportSink } from '../../report/sink.ts';
import { limitOffsets, visitByStream } from '../../report/streamRuns.ts';
import type { StartOffsets, StreamVisitor } from '../../report/streamRuns.ts';
import { parseOption } from '../options.ts';
import {
  createNothingError,
  createShownCounter,
  createStdoutSink,
  readRecord,
} from './readRecord.ts';
import { parseSelection } from './reportArguments.ts';
import type { RangeArguments, RecordArguments, TableArguments } from './reportOptions.ts';

export interface RawArguments extends RecordArguments, RangeArguments, TableArguments {
  readonly layout: RawLayout;
  readonly raw_number: boolean;
  readonly duration?: readonly string[] | undefined;
}

/** Seconds, or with units. */
function parseOffsets(words: readonly string[] | undefined): StartOffsets | undefined {
  if (words === undefined) return undefined;
  const [minNs = 0n, maxNs = 0n] = words.map((word) =>
    parseOption(() => parseTime(/^[\d.,]+$/.test(word) ? `${word}s` : word, 'ns', '--duration')),
  );
  if (minNs <= maxNs) return { minNs, maxNs };
  throw new UsageError('--duration: found an end before the start');
}

function createWriter(sink: ReportSink, args: RawArguments): RawWriter {
  if (args.json) return createRawJsonWriter(sink);
  if (args.csv) return createRawCsvWriter(sink);
  return createRawTextWriter(sink, { layout: args.layout, isRaw: args.raw_number });
}

/** Prints every snapshot of the record. */
export async function runRaw(args: RawArguments): Promise<void> {
  const selection = parseSelection(args);
  const startOffsets = parseOffsets(args.duration);
  const withAges = args.json === true || args.csv === true || args.layout === 'table';
  await readRecord(args.input, async (reader) => {
    const writer = createWriter(createStdoutSink(), args);
    const shown = createShownCounter(selection);
    const visitor: StreamVisitor = {
      begin: (stream, baseNs) => {
        writer.begin(stream, baseNs);
      },
      visit: (snapshot) => {
        shown.add(snapshot);
        return writer.visit(snapshot);
      },
    };
    await visitByStream(
      () => selectLentSnapshots(reader, selection, { withAges }),
      limitOffsets(visitor, startOffsets),
    );
    if (shown.isNothing()) throw createNothingError(args.input, { ...selection, startOffsets });
    await writer.finish();
  });
}
