import { createRegionColumns } from '../damon/snapshot.ts';
import type {
  LendOptions,
  RecordReader,
  RecordedRegions,
  RecordedSnapshot,
} from '../record/recording.ts';
import type { AddressRange, TimeRange } from './heatmap/heatMatrix.ts';
import { isStreamSelected } from './streams.ts';
import type { StreamFilter } from './streams.ts';

/** The part of a record that a report is about. */
export interface SnapshotSelection {
  readonly streams?: StreamFilter | undefined;
  /** Snapshots that overlap it, whole. */
  readonly timeRange?: TimeRange | undefined;
  /** Regions are cut at its ends. */
  readonly addressRange?: AddressRange | undefined;
}

function isWithin(regions: RecordedRegions, range: AddressRange): boolean {
  const { count, startAddr, endAddr } = regions;
  for (let index = 0; index < count; index++) {
    const isInside =
      (startAddr[index] ?? 0n) >= range.startAddr && (endAddr[index] ?? 0n) <= range.endAddr;
    if (!isInside) return false;
  }
  return true;
}

/** The regions as far as they lie in the range. Bytes that passed a filter cannot be cut: dropped. */
export function clipRegions(regions: RecordedRegions, range: AddressRange): RecordedRegions {
  if (isWithin(regions, range)) return regions;
  const kept: number[] = [];
  const clipped = createRegionColumns(regions.count);
  for (let index = 0; index < regions.count; index++) {
    const start = regions.startAddr[index] ?? 0n;
    const end = regions.endAddr[index] ?? 0n;
    if (end <= range.startAddr || start >= range.endAddr) continue;
    const at = kept.push(index) - 1;
    clipped.startAddr[at] = start > range.startAddr ? start : range.startAddr;
    clipped.endAddr[at] = end < range.endAddr ? end : range.endAddr;
    clipped.nrAccesses[at] = regions.nrAccesses[index] ?? 0;
    clipped.ageIntervals[at] = regions.ageIntervals[index] ?? 0;
  }
  clipped.count = kept.length;
  return {
    ...clipped,
    hasAges: regions.hasAges,
    probeHits: regions.probeHits.map((hits) => Uint8Array.from(kept, (at) => hits[at] ?? 0)),
    filterPassedBytes: undefined,
  };
}

function isSelected(
  { stream, startNs, endNs }: RecordedSnapshot,
  { streams, timeRange }: SnapshotSelection,
): boolean {
  return (
    (streams === undefined || isStreamSelected(stream, streams)) &&
    (timeRange === undefined || (startNs < timeRange.endNs && endNs > timeRange.startNs))
  );
}

function clipSnapshot(
  snapshot: RecordedSnapshot,
  { addressRange }: SnapshotSelection,
): RecordedSnapshot {
  if (addressRange === undefined) return snapshot;
  return { ...snapshot, regions: clipRegions(snapshot.regions, addressRange) };
}

/** Reads the part of a record that was asked for, batch by batch, in the order of the file. */
export async function* selectSnapshots(
  reader: Pick<RecordReader, 'readSnapshots'>,
  selection: SnapshotSelection,
): AsyncGenerator<readonly RecordedSnapshot[]> {
  for await (const batch of reader.readSnapshots(selection.timeRange)) {
    const selected = batch.filter((snapshot) => isSelected(snapshot, selection));
    if (selected.length > 0) yield selected.map((snapshot) => clipSnapshot(snapshot, selection));
  }
}

/** Whether nothing is asked for that a snapshot may lack. */
function isEverything({ streams = {}, timeRange, addressRange }: SnapshotSelection): boolean {
  const asked = [timeRange, addressRange, ...(Object.values(streams) as unknown[])];
  return asked.every((one) => one === undefined);
}

function* selectLent(
  snapshots: Iterable<RecordedSnapshot>,
  selection: SnapshotSelection,
): Generator<RecordedSnapshot> {
  for (const snapshot of snapshots) {
    if (isSelected(snapshot, selection)) yield clipSnapshot(snapshot, selection);
  }
}

export type SnapshotBatches = AsyncIterable<Iterable<RecordedSnapshot>>;

/** What can be read for a report. */
export type ReadableSnapshots = Pick<RecordReader, 'readSnapshots' | 'lendSnapshots' | 'lendEnds'>;

/** The same for who is done with each snapshot before asking for the next (see RecordReader). */
export async function* selectLentSnapshots(
  reader: ReadableSnapshots,
  selection: SnapshotSelection,
  options: LendOptions,
): AsyncGenerator<Iterable<RecordedSnapshot>> {
  const { timeRange } = selection;
  const batches = reader.lendSnapshots?.(timeRange, options) ?? reader.readSnapshots(timeRange);
  if (isEverything(selection)) {
    yield* batches;
    return;
  }
  for await (const batch of batches) yield selectLent(batch, selection);
}

/** Start of the earliest snapshot at the beginning of a record; undefined when it has none. */
export async function readStartNs(
  reader: Pick<RecordReader, 'readSnapshots'>,
): Promise<bigint | undefined> {
  for await (const batch of reader.readSnapshots()) {
    const starts = batch.map(({ startNs }) => startNs);
    return starts.reduce((first, startNs) => (startNs < first ? startNs : first), starts[0] ?? 0n);
  }
  return undefined;
}
