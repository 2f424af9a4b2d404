import { createRandom } from '../../src/base/random.ts';
import { createRegionColumns } from '../../src/damon/snapshot.ts';
import type {
  LendOptions,
  ReadRange,
  RecordedRegions,
  RecordedSnapshot,
  RecordedStream,
  RecordReader,
} from '../../src/record/recording.ts';

export type RegionRow = readonly [start: bigint, end: bigint, nrAccesses: number, age: number];

export function makeRegions(
  rows: readonly RegionRow[],
  change: Partial<RecordedRegions> = {},
): RecordedRegions {
  const columns = createRegionColumns(rows.length);
  columns.count = rows.length;
  rows.forEach(([start, end, nrAccesses, age], index) => {
    columns.startAddr[index] = start;
    columns.endAddr[index] = end;
    columns.nrAccesses[index] = nrAccesses;
    columns.ageIntervals[index] = age;
  });
  return { ...columns, hasAges: true, probeHits: [], filterPassedBytes: undefined, ...change };
}

export function makeStream(change: Partial<RecordedStream> = {}): RecordedStream {
  return {
    kdamond: '0',
    contextIndex: 0,
    schemeIndex: undefined,
    targetId: '0',
    targetName: 'mysqld',
    intervals: {
      sampleIntervalUs: 5000,
      aggrIntervalUs: 100_000,
      updateIntervalUs: 1_000_000,
      goal: undefined,
    },
    schemeFilters: [],
    dataSource: undefined,
    ...change,
  };
}

export function makeRecorded(
  stream: RecordedStream,
  change: Partial<RecordedSnapshot> = {},
): RecordedSnapshot {
  return {
    stream,
    startNs: 0n,
    endNs: 100_000_000n,
    regions: makeRegions([[0x1000n, 0x3000n, 1, 2]]),
    sampleIntervalUs: undefined,
    totalBytes: undefined,
    schemeStats: undefined,
    ...change,
  };
}

export interface WorkloadShape {
  readonly nrSnapshots: number;
  readonly nrRegions: number;
  /** Share of boundaries that move from one snapshot to the next. */
  readonly restlessness: number;
  readonly seed?: number;
}

/**
 * Snapshots as DAMON makes them: boundaries at page granularity that mostly stay and sometimes move,
 * accesses that mostly stay, ages that grow until the accesses change. Real kernels move 10 to 60 %.
 */
export function* generateSnapshots(
  stream: RecordedStream,
  { nrSnapshots, nrRegions, restlessness, seed = 1 }: WorkloadShape,
): Generator<RecordedSnapshot> {
  const random = createRandom(seed);
  const bounds = Array.from(
    { length: nrRegions + 1 },
    (_, index) => index * 4096 + random.below(4096),
  );
  const nrAccesses = bounds.map(() => random.below(21));
  const ages = bounds.map(() => random.below(200));
  for (let number = 0; number < nrSnapshots; number += 1) {
    const rows: RegionRow[] = [];
    for (let region = 0; region < nrRegions; region += 1) {
      if (random.next() < restlessness) {
        bounds[region] = region * 4096 + random.below(4096);
        nrAccesses[region] = random.below(21);
        ages[region] = 0;
      } else ages[region]! += 1;
    }
    for (let region = 0; region < nrRegions; region += 1) {
      rows.push([
        0x7f00_0000_0000n + BigInt(bounds[region]!) * 4096n,
        0x7f00_0000_0000n + BigInt(bounds[region + 1]!) * 4096n,
        nrAccesses[region]!,
        ages[region]!,
      ]);
    }
    const startNs = 1_000_000_000n + BigInt(number) * 100_000_000n;
    yield makeRecorded(stream, {
      startNs,
      endNs: startNs + 100_000_000n,
      regions: makeRegions(rows),
    });
  }
}

/** All snapshots of a record, in order. */
export async function readAllSnapshots(
  reader: RecordReader,
  range?: ReadRange,
): Promise<RecordedSnapshot[]> {
  const snapshots: RecordedSnapshot[] = [];
  for await (const batch of reader.readSnapshots(range)) snapshots.push(...batch);
  return snapshots;
}

/** The same as far as it can be lent: plain values of each, taken while it was lent. */
export async function readAllLent(
  reader: RecordReader,
  range?: ReadRange,
  options: LendOptions = { withAges: true },
): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const batch of reader.lendSnapshots?.(range, options) ?? []) {
    for (const snapshot of batch) values.push(toComparable(snapshot));
  }
  return values;
}

/** Whether both are the same values, at a fraction of the time of `toEqual`. */
export function isSame(left: unknown, right: unknown): boolean {
  const toText = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? `${value.toString()}n` : value;
  return JSON.stringify(left, toText) === JSON.stringify(right, toText);
}

/** The same as plain values that can be compared: addresses as text, columns cut to their count. */
export function toComparable(snapshot: RecordedSnapshot): unknown {
  const { regions, ...rest } = snapshot;
  const { count, hasAges } = regions;
  return {
    ...rest,
    regions: {
      startAddr: [...regions.startAddr.subarray(0, count)],
      endAddr: [...regions.endAddr.subarray(0, count)],
      nrAccesses: [...regions.nrAccesses.subarray(0, count)],
      ageIntervals: hasAges ? [...regions.ageIntervals.subarray(0, count)] : undefined,
      probeHits: regions.probeHits.map((hits) => [...hits.subarray(0, count)]),
      filterPassedBytes: regions.filterPassedBytes && [
        ...regions.filterPassedBytes.subarray(0, count),
      ],
    },
  };
}
