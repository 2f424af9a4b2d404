import { createRegionColumns } from '../../src/damon/snapshot.ts';
import type { RecordReader, RecordedSnapshot, RecordedStream } from '../../src/record/recording.ts';
import type { ReportSink } from '../../src/report/sink.ts';

/** Start, end, accesses and, where the record has them, age. */
export type RegionTuple = readonly [bigint, bigint, number, number?];

/** 5 ms, 100 ms, 1 s: at most 20 samples, 200 Hz. */
export const DEFAULT_INTERVALS = {
  sampleIntervalUs: 5_000,
  aggrIntervalUs: 100_000,
  updateIntervalUs: 1_000_000,
  goal: undefined,
} as const;

export function makeStream(overrides: Partial<RecordedStream> = {}): RecordedStream {
  return {
    kdamond: undefined,
    contextIndex: undefined,
    schemeIndex: undefined,
    targetId: '0',
    targetName: undefined,
    intervals: DEFAULT_INTERVALS,
    schemeFilters: [],
    dataSource: undefined,
    ...overrides,
  };
}

export function makeSnapshot(
  stream: RecordedStream,
  [startNs, endNs]: readonly [bigint, bigint],
  regions: readonly RegionTuple[],
): RecordedSnapshot {
  const columns = createRegionColumns(regions.length);
  columns.count = regions.length;
  for (const [index, [start, end, nrAccesses, age = 0]] of regions.entries()) {
    columns.startAddr[index] = start;
    columns.endAddr[index] = end;
    columns.nrAccesses[index] = nrAccesses;
    columns.ageIntervals[index] = age;
  }
  return {
    stream,
    startNs,
    endNs,
    regions: {
      ...columns,
      hasAges: regions.some(([, , , age]) => age !== undefined),
      probeHits: [],
      filterPassedBytes: undefined,
    },
    sampleIntervalUs: undefined,
    totalBytes: undefined,
    schemeStats: undefined,
  };
}

/** Lends snapshots as readers do: each is overwritten after its use, and its columns are longer. */
export function* lend(snapshots: Iterable<RecordedSnapshot>): Generator<RecordedSnapshot> {
  for (const snapshot of snapshots) {
    const { regions } = snapshot;
    const { startAddr, endAddr, nrAccesses, ageIntervals } = regions;
    const columns = createRegionColumns(regions.count + 3);
    const all = [
      columns.startAddr.fill(1n),
      columns.endAddr.fill(2n ** 40n),
      columns.nrAccesses.fill(77),
      columns.ageIntervals.fill(88),
    ] as const;
    all[0].set(startAddr.subarray(0, regions.count));
    all[1].set(endAddr.subarray(0, regions.count));
    all[2].set(nrAccesses.subarray(0, regions.count));
    all[3].set(ageIntervals.subarray(0, regions.count));
    yield { ...snapshot, regions: { ...regions, ...columns, count: regions.count } };
    all[0].fill(3n);
    all[1].fill(2n ** 41n);
    all[2].fill(99);
    all[3].fill(111);
  }
}

/** A record in memory; like a file, each reading may have stream objects of its own. */
export function createMemoryReader(
  snapshots: readonly RecordedSnapshot[],
  { format = 'json', batchLength = 3 }: { format?: string; batchLength?: number } = {},
): RecordReader & Required<Pick<RecordReader, 'lendSnapshots'>> & { nrReadings: number } {
  return {
    format,
    clockBase: undefined,
    damages: [],
    nrReadings: 0,
    // eslint-disable-next-line @typescript-eslint/require-await -- stands in for a file
    async *readSnapshots() {
      this.nrReadings += 1;
      const streams = new Map<RecordedStream, RecordedStream>();
      const copies = snapshots.map((snapshot) => {
        const stream = streams.get(snapshot.stream) ?? { ...snapshot.stream };
        streams.set(snapshot.stream, stream);
        return { ...snapshot, stream };
      });
      for (let from = 0; from < copies.length; from += batchLength) {
        yield copies.slice(from, from + batchLength);
      }
    },
    async *lendSnapshots() {
      for await (const batch of this.readSnapshots()) yield lend(batch);
    },
    close: () => Promise.resolve(),
  };
}

/** Keeps what a report writes. */
export function createMemorySink(): ReportSink & { readonly text: () => string } {
  const chunks: Buffer[] = [];
  return {
    write: (chunk) => {
      chunks.push(Buffer.from(chunk as string));
      return undefined;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
