import { ExporterError, UsageError } from '../base/errors.ts';
import { findObstacle, isStreamPlace, isTaken } from '../record/outputPlace.ts';
import { parseTime } from '../base/units.ts';
import { Downsampler } from '../record/convert/downsample.ts';
import type { RecordReader, RecordedSnapshot } from '../record/recording.ts';
import { createRecordWriter } from '../record/write/createWriter.ts';
import { guessWrittenFormat } from '../record/write/formats.ts';
import type { WrittenFormat } from '../record/write/formats.ts';
import type { AbortableWriter } from '../record/write/streamedWriter.ts';
import { selectSnapshots } from '../report/selectSnapshots.ts';
import type { SnapshotSelection } from '../report/selectSnapshots.ts';
import { parseOption } from './options.ts';
import { createNothingError, readRecord } from './report/readRecord.ts';
import { parseSelection } from './report/reportArguments.ts';
import type { RangeArguments, RecordArguments } from './report/reportOptions.ts';

export interface ConvertArguments extends RecordArguments, RangeArguments {
  readonly output: string;
  readonly format?: WrittenFormat | undefined;
  readonly aggregate_interval?: string | undefined;
  readonly force: boolean;
}

/** What is to be written from which record. */
export interface Conversion {
  readonly input: string;
  readonly output: string;
  readonly format: WrittenFormat;
  readonly selection: SnapshotSelection;
  readonly aggrIntervalUs: number | undefined;
  readonly interruption: AbortSignal;
  /** Of the output; 0600 by default. */
  readonly mode?: number | undefined;
}

/** @throws UsageError for what would not be written, or is there already. */
function checkOutput({ output, force }: ConvertArguments, format: WrittenFormat): void {
  if (isStreamPlace(output)) {
    if (format !== 'damon-exporter') return;
    throw new UsageError(
      `${output}: found a device or a pipe, expected a file for the format ${format}; choose another with --format`,
    );
  }
  const obstacle = findObstacle(output);
  if (obstacle !== undefined) throw new UsageError(`${output}: ${obstacle}`);
  if (isTaken(output) && !force) {
    throw new UsageError(`${output}: it exists; choose another name, or replace it with --force`);
  }
}

function parseInterval(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const interval = parseOption(() => parseTime(text, 'us', '--aggregate_interval'));
  if (interval < 1n || interval > 0xffff_ffff_ffffn) {
    throw new UsageError(`--aggregate_interval: found "${text}", expected more than 0 and no max`);
  }
  return Number(interval);
}

/** What is written, in order: the part that was asked for, aggregated or as it is. */
async function* convertSnapshots(
  reader: RecordReader,
  { input, selection, aggrIntervalUs }: Conversion,
): AsyncGenerator<RecordedSnapshot> {
  const downsampler =
    aggrIntervalUs === undefined ? undefined : new Downsampler(input, aggrIntervalUs);
  const isClipped = selection.addressRange !== undefined;
  for await (const batch of selectSnapshots(reader, selection)) {
    for (const snapshot of batch) {
      const part = isClipped ? { ...snapshot, totalBytes: undefined } : snapshot;
      const done = downsampler === undefined ? part : downsampler.add(part);
      if (done !== undefined) yield done;
    }
  }
  if (downsampler !== undefined) yield* downsampler.finish();
}

/**
 * Writes what was selected, whole or not at all.
 *
 * @throws RecordError, also when that is nothing; ExporterError when interrupted.
 */
export async function writeConverted(reader: RecordReader, conversion: Conversion): Promise<void> {
  const { output, format, interruption, mode } = conversion;
  let writer: AbortableWriter | undefined;
  try {
    for await (const snapshot of convertSnapshots(reader, conversion)) {
      if (interruption.aborted) {
        throw new ExporterError('failure', `write ${output}: interrupted; nothing of it was kept`);
      }
      // Only now does the reader know its clock.
      const { clockBase } = reader;
      writer ??= await createRecordWriter({ path: output, format, clockBase, mode });
      await writer.write(snapshot);
    }
    if (writer === undefined) throw createNothingError(conversion.input, conversion.selection);
    await writer.close();
  } catch (error) {
    await writer?.abort();
    throw error;
  }
}

/**
 * Writes a record, or a part of it, in another format.
 *
 * @throws UsageError, RecordError.
 */
export async function runConvert(args: ConvertArguments): Promise<void> {
  const { input, output, format = guessWrittenFormat(output) } = args;
  checkOutput(args, format);
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const conversion = {
    input,
    output,
    format,
    selection: parseSelection(args),
    aggrIntervalUs: parseInterval(args.aggregate_interval),
    interruption: interruption.signal,
  };
  try {
    await readRecord(input, (reader) => writeConverted(reader, conversion));
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
