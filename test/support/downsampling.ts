import { createRegionColumns } from '../../src/damon/snapshot.ts';
import { Downsampler } from '../../src/record/convert/downsample.ts';
import type { RecordedSnapshot, RecordedStream } from '../../src/record/recording.ts';

const MS = 1_000_000n;

/** A stream of one target. */
export function createStream(intervals: RecordedStream['intervals']): RecordedStream {
  return {
    kdamond: undefined,
    contextIndex: undefined,
    schemeIndex: undefined,
    targetId: '0',
    targetName: undefined,
    intervals,
    schemeFilters: [],
    dataSource: undefined,
  };
}

/** In pages. */
export type Row = readonly [start: number, end: number, samples: number, age: number];

/** 100 ms long unless told otherwise. */
export function createSnapshot(
  stream: RecordedStream,
  startMs: bigint,
  rows: readonly Row[],
  more: Partial<RecordedSnapshot> & { readonly durationMs?: bigint } = {},
): RecordedSnapshot {
  const { durationMs = 100n, ...rest } = more;
  const columns = createRegionColumns(rows.length);
  columns.count = rows.length;
  for (const [index, [start, end, samples, age]] of rows.entries()) {
    columns.startAddr[index] = BigInt(start) * 4096n;
    columns.endAddr[index] = BigInt(end) * 4096n;
    columns.nrAccesses[index] = samples;
    columns.ageIntervals[index] = age;
  }
  return {
    stream,
    startNs: startMs * MS,
    endNs: (startMs + durationMs) * MS,
    regions: { ...columns, hasAges: true, probeHits: [], filterPassedBytes: undefined },
    sampleIntervalUs: undefined,
    totalBytes: undefined,
    schemeStats: undefined,
    ...rest,
  };
}

/** All windows, in the order they come. */
export function aggregate(
  snapshots: Iterable<RecordedSnapshot>,
  aggrIntervalUs: number,
): RecordedSnapshot[] {
  const downsampler = new Downsampler('record', aggrIntervalUs);
  const done: RecordedSnapshot[] = [];
  for (const snapshot of snapshots) {
    const window = downsampler.add(snapshot);
    if (window !== undefined) done.push(window);
  }
  return [...done, ...downsampler.finish()];
}

/** Rows in pages. */
export function listRows({ regions }: RecordedSnapshot): number[][] {
  return Array.from({ length: regions.count }, (_, index) => [
    Number(regions.startAddr[index]! / 4096n),
    Number(regions.endAddr[index]! / 4096n),
    regions.nrAccesses[index]!,
    regions.ageIntervals[index]!,
  ]);
}
