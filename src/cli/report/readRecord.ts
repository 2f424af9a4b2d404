import { RecordError } from '../../base/errors.ts';
import { formatTimeNs } from '../../base/format.ts';
import type { RecordReader, RecordedSnapshot } from '../../record/recording.ts';
import type { SnapshotBatches, SnapshotSelection } from '../../report/selectSnapshots.ts';
import type { ReportSink } from '../../report/sink.ts';
import type { StartOffsets } from '../../report/streamRuns.ts';
import { describeOrigin } from '../../report/streams.ts';
import { readPackageInfo } from '../packageInfo.ts';

/** Standard output that is waited for when its reader is slower. */
export function createStdoutSink(): ReportSink {
  const { stdout } = process;
  return {
    write: (chunk) =>
      new Promise((resolve) => {
        stdout.write(chunk, () => {
          resolve();
        });
      }),
  };
}

/** One line for all that was wrong with the record: the first in full. */
function warnOfDamages(path: string, { damages }: RecordReader): void {
  const [first, ...others] = damages;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more damaged places)`;
  process.stderr.write(
    `${readPackageInfo().name}: warning: ${path} at byte ${first.byteOffset}: ${first.message}${more}\n`,
  );
}

/**
 * Opens a record for one report, and afterwards says what of it could not be read.
 *
 * @throws RecordError when it cannot be read at all.
 */
export async function readRecord(
  path: string,
  report: (reader: RecordReader) => Promise<void>,
): Promise<void> {
  const { openRecord } = await import('../../record/openRecord.ts');
  const reader = await openRecord(path);
  try {
    await report(reader);
  } finally {
    // Also where the report failed: what is damaged may be why there was nothing to report on.
    warnOfDamages(path, reader);
    await reader.close();
  }
}

/** What a report was asked to show. */
export interface ReportSelection extends SnapshotSelection {
  readonly startOffsets?: StartOffsets | undefined;
}

function describeSelection(selection: ReportSelection): string {
  const { streams, timeRange, addressRange, startOffsets } = selection;
  const origin = streams === undefined ? '' : describeOrigin(streams);
  const parts = [
    streams?.targetId === undefined ? '' : ` of target ${streams.targetId}`,
    origin === '' ? '' : ` of ${origin}`,
    timeRange === undefined
      ? ''
      : ` between ${formatTimeNs(timeRange.startNs)} and ${formatTimeNs(timeRange.endNs)}`,
    addressRange === undefined
      ? ''
      : ` from address ${addressRange.startAddr.toString()} to ${addressRange.endAddr.toString()}`,
    startOffsets === undefined
      ? ''
      : ` that begins ${formatTimeNs(startOffsets.minNs)} to ${formatTimeNs(startOffsets.maxNs)} after the first`,
  ];
  return parts.join('');
}

/** What to say of a record, or a part of it, that has no snapshot. */
export function createNothingError(path: string, selection: ReportSelection): RecordError {
  const noun = selection.addressRange === undefined ? 'snapshot' : 'region';
  const what = describeSelection(selection);
  const advice = what === '' ? '' : '; "report heats --guide" shows what there is';
  return new RecordError({
    operation: 'report on',
    path,
    hint: `found no ${noun}${what}${advice}`,
  });
}

/** Tells whether there was anything to show: a range of addresses needs regions in it. */
export function createShownCounter({ addressRange }: SnapshotSelection): {
  add(snapshot: RecordedSnapshot): void;
  isNothing(): boolean;
} {
  let count = 0;
  return {
    add: ({ regions }) => {
      count += addressRange === undefined ? 1 : regions.count;
    },
    isNothing: () => count === 0,
  };
}

/**
 * Visits what was selected, in the order of the file.
 *
 * @throws RecordError when that is nothing.
 */
export async function visitSnapshots(
  { batches, path }: { readonly batches: SnapshotBatches; readonly path: string },
  selection: SnapshotSelection,
  visit: (snapshot: RecordedSnapshot) => void,
): Promise<void> {
  const shown = createShownCounter(selection);
  for await (const batch of batches) {
    for (const snapshot of batch) {
      shown.add(snapshot);
      visit(snapshot);
    }
  }
  if (shown.isNothing()) throw createNothingError(path, selection);
}
