import { describe, expect, test } from 'vitest';
import { createHeatAccumulator } from '../../../src/report/heatmap/heatAccumulator.ts';
import type { HeatOptions } from '../../../src/report/heatmap/heatAccumulator.ts';
import { fitGrid } from '../../../src/report/heatmap/heatGrid.ts';
import type { HeatGrid } from '../../../src/report/heatmap/heatGrid.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import {
  DEFAULT_INTERVALS,
  lend,
  makeSnapshot,
  makeStream,
} from '../../support/recordedSnapshots.ts';
import type { RegionTuple } from '../../support/recordedSnapshots.ts';

const MS = 1_000_000n;

function makeGrid(times: [bigint, bigint, number], addresses: [bigint, bigint, number]): HeatGrid {
  return fitGrid(
    { startNs: times[0], endNs: times[1] },
    { startAddr: addresses[0], endAddr: addresses[1] },
    { nrTimes: times[2], nrAddresses: addresses[2] },
  );
}

function accumulate(
  grid: HeatGrid,
  snapshots: readonly RecordedSnapshot[],
  options?: HeatOptions,
): { values: Float64Array; unit: string } {
  const accumulator = createHeatAccumulator(grid, options);
  for (const snapshot of lend(snapshots)) accumulator.add(snapshot);
  return accumulator.finish();
}

/** Snapshots of 100 ms, one after the other, all with the same regions. */
function repeat(
  regions: readonly RegionTuple[],
  count: number,
  stream = makeStream(),
): RecordedSnapshot[] {
  return Array.from({ length: count }, (_, index) =>
    makeSnapshot(stream, [BigInt(index) * 100n * MS, BigInt(index + 1) * 100n * MS], regions),
  );
}

describe('a constant 200 Hz', () => {
  const snapshots = repeat([[0x1000n, 0x64_0000n, 20, 100]], 100);

  test.each([
    [1, 1],
    [4, 3],
    [10, 10],
    [100, 7],
    [333, 500],
    [1000, 1],
  ])('reads 200 Hz at every resolution: %d x %d', (nrTimes, nrAddresses) => {
    const grid = makeGrid([0n, 10_000n * MS, nrTimes], [0x1000n, 0x64_0000n, nrAddresses]);
    const { values, unit } = accumulate(grid, snapshots);
    expect(unit).toBe('hz');
    expect(values).toHaveLength(nrTimes * nrAddresses);
    expect(new Set(values)).toEqual(new Set([200]));
  });

  test('reads 200 Hz in a range that begins inside the record and inside the region', () => {
    const grid = makeGrid([5_037n * MS, 9_041n * MS, 13], [0x12_3456n, 0x34_5678n, 11]);
    expect(new Set(accumulate(grid, snapshots).values)).toEqual(new Set([200]));
  });

  test('reads 200 Hz while the intervals are tuned', () => {
    const stream = makeStream({ intervals: { ...DEFAULT_INTERVALS, goal: undefined } });
    const tuned = snapshots.map((snapshot, index) => ({
      ...snapshot,
      stream,
      sampleIntervalUs: index < 50 ? 5_000 : 2_500,
      regions: {
        ...snapshot.regions,
        nrAccesses: Uint32Array.of(index < 50 ? 20 : 10),
      },
    }));
    const grid = makeGrid([0n, 10_000n * MS, 3], [0x1000n, 0x64_0000n, 1]);
    expect([...accumulate(grid, tuned).values]).toEqual([200, 200, 200]);
  });
});

describe('by hand', () => {
  test('long snapshots with many samples leave nothing where nothing was', () => {
    const hourNs = 3_600_000_000_000n;
    const stream = makeStream({
      intervals: { ...DEFAULT_INTERVALS, aggrIntervalUs: 3_600_000_000 },
    });
    const regions = Array.from({ length: 300 }, (_, index): RegionTuple => [
      BigInt(index) * 0x1001_1000n,
      BigInt(index + 1) * 0x1001_1000n,
      index < 100 ? 719_999 : index < 200 ? 0 : 7,
    ]);
    const snapshots = [0n, 1n, 2n].map((nth) =>
      makeSnapshot(stream, [nth * hourNs, (nth + 1n) * hourNs], regions),
    );
    const grid = makeGrid([0n, 3n * hourNs, 2], [0n, 300n * 0x1001_1000n, 3]);
    const { values } = accumulate(grid, snapshots, { unit: 'samples' });
    expect([...values]).toEqual([719_999, 0, 7, 719_999, 0, 7]);
  });

  test('intervals that change within a row are told apart', () => {
    const stream = makeStream({
      intervals: {
        ...DEFAULT_INTERVALS,
        goal: { accessBp: 400, aggrs: 3, minSampleIntervalUs: 5000, maxSampleIntervalUs: 10_000 },
      },
    });
    const at = (startMs: bigint, sampleIntervalUs: number, samples: number): RecordedSnapshot => ({
      ...makeSnapshot(stream, [startMs * MS, (startMs + 100n) * MS], [[0n, 8192n, samples]]),
      sampleIntervalUs,
    });
    // 30 in 300 ms and 20 in 200 ms are 100 Hz, 0 in 100 ms is none.
    const snapshots = [at(0n, 15_000, 30), at(100n, 10_000, 20), at(200n, 5_000, 0)];
    const grid = makeGrid([0n, 300n * MS, 1], [0n, 8192n, 2]);
    const { values } = accumulate(grid, snapshots);
    for (const value of values) expect(value).toBeCloseTo(200 / 3, 9);
  });

  test('a cell is the mean of what lies in it, weighted by time and bytes', () => {
    const stream = makeStream();
    const snapshots = [
      // 0-100 ms: 10 samples (100 Hz) on the first quarter, 0 on the rest.
      makeSnapshot(
        stream,
        [0n, 100n * MS],
        [
          [0n, 4096n, 10],
          [4096n, 16_384n, 0],
        ],
      ),
      // 100-400 ms: 20 samples (200 Hz) on the last half, 4 (40 Hz) on the first.
      makeSnapshot(
        stream,
        [100n * MS, 400n * MS],
        [
          [0n, 8192n, 4],
          [8192n, 16_384n, 20],
        ],
      ),
    ];
    const grid = makeGrid([0n, 400n * MS, 2], [0n, 16_384n, 2]);
    expect([...accumulate(grid, snapshots).values]).toEqual([
      // 0-200 ms, first half: half of the time (100 + 0) / 2, then 40.
      45,
      // 0-200 ms, last half: 0, then 200.
      100, 40, 200,
    ]);
  });

  test('what was not observed is NaN, and does not thin out what was', () => {
    const stream = makeStream();
    const snapshots = [
      makeSnapshot(stream, [0n, 50n * MS], [[0n, 4096n, 20]]),
      // Nothing from 50 to 200 ms, and an unmapped gap in the middle.
      makeSnapshot(
        stream,
        [200n * MS, 300n * MS],
        [
          [0n, 4096n, 10],
          [12_288n, 16_384n, 0],
        ],
      ),
    ];
    const grid = makeGrid([0n, 300n * MS, 3], [0n, 16_384n, 4]);
    expect([...accumulate(grid, snapshots).values]).toEqual([
      // Half of the time of the first cell was observed, all of it with 200 Hz.
      ...[200, NaN, NaN, NaN],
      ...[NaN, NaN, NaN, NaN],
      ...[100, NaN, NaN, 0],
    ]);
  });

  test('a range outside of the record is empty', () => {
    const snapshots = repeat([[0n, 4096n, 20]], 3);
    const later = makeGrid([1000n * MS, 2000n * MS, 2], [0n, 4096n, 1]);
    expect([...accumulate(later, snapshots).values]).toEqual([NaN, NaN]);
    const beyond = makeGrid([0n, 300n * MS, 1], [4096n, 8192n, 1]);
    expect([...accumulate(beyond, snapshots).values]).toEqual([NaN]);
  });

  test('a range that begins before the record is exact from there on', () => {
    const snapshots = repeat([[0x2000n, 0x3000n, 7]], 2).map((snapshot) => ({
      ...snapshot,
      startNs: snapshot.startNs + 1000n * MS,
      endNs: snapshot.endNs + 1000n * MS,
    }));
    const grid = makeGrid([800n * MS, 1200n * MS, 4], [0n, 0x4000n, 4]);
    expect([...accumulate(grid, snapshots).values]).toEqual([
      ...[NaN, NaN, NaN, NaN],
      ...[NaN, NaN, NaN, NaN],
      ...[NaN, NaN, 70, NaN],
      ...[NaN, NaN, 70, NaN],
    ]);
  });

  test('a region that is most of the 64-bit space still has the right heat', () => {
    const grid = makeGrid([0n, 100n * MS, 1], [0n, 2n ** 64n - 1n, 4]);
    const snapshots = repeat(
      [
        [0n, 2n ** 63n, 20],
        [2n ** 63n, 2n ** 64n - 1n, 10],
      ],
      1,
    );
    const { values } = accumulate(grid, snapshots);
    for (const [index, expected] of [200, 200, 100, 100].entries()) {
      expect(values[index]).toBeCloseTo(expected, 9);
    }
  });

  test('without intervals, or where asked for, the unit is samples', () => {
    const grid = makeGrid([0n, 200n * MS, 1], [0n, 4096n, 1]);
    const unknown = repeat([[0n, 4096n, 20]], 2, makeStream({ intervals: undefined }));
    const known = repeat([[0n, 4096n, 20]], 2);
    expect(accumulate(grid, unknown)).toEqual({ values: Float64Array.of(20), unit: 'samples' });
    expect(accumulate(grid, known, { unit: 'samples' })).toEqual({
      values: Float64Array.of(20),
      unit: 'samples',
    });
  });
});

describe('filling by age', () => {
  const stream = makeStream();
  const snapshots = [
    makeSnapshot(stream, [0n, 100n * MS], [[0n, 8192n, 20, 0]]),
    // 400 ms unobserved: one region tells of 200 ms of them, the other of none.
    makeSnapshot(
      stream,
      [500n * MS, 600n * MS],
      [
        [0n, 4096n, 10, 2],
        [4096n, 8192n, 0, 0],
      ],
    ),
  ];
  const grid = makeGrid([0n, 600n * MS, 6], [0n, 8192n, 2]);

  test('goes back as far as each age tells', () => {
    expect([...accumulate(grid, snapshots, { isFilledByAge: true }).values]).toEqual([
      ...[200, 200],
      ...[NaN, NaN],
      ...[NaN, NaN],
      ...[100, NaN],
      ...[100, NaN],
      ...[100, 0],
    ]);
  });

  test('never goes back into what was observed, so that nothing counts twice', () => {
    const old = snapshots.map((snapshot) => ({
      ...snapshot,
      regions: { ...snapshot.regions, ageIntervals: Uint32Array.of(1000, 1000) },
    }));
    const { values } = accumulate(grid, old, { isFilledByAge: true });
    expect([...values]).toEqual([200, 200, ...Array.from({ length: 5 }, () => [100, 0]).flat()]);
  });

  test('is off unless asked for', () => {
    expect(accumulate(grid, snapshots).values.slice(2, 10).every(Number.isNaN)).toBe(true);
  });
});

describe('a grid', () => {
  test('shrinks its ranges to whole cells', () => {
    expect(makeGrid([10n, 111n, 10], [4096n, 8191n, 4])).toEqual({
      timeRange: { startNs: 10n, endNs: 110n },
      addressRange: { startAddr: 4096n, endAddr: 8188n },
      nrTimes: 10,
      nrAddresses: 4,
    });
  });

  test('has no more cells than there are nanoseconds or bytes', () => {
    expect(makeGrid([0n, 3n, 500], [0n, 2n, 500])).toMatchObject({ nrTimes: 3, nrAddresses: 2 });
  });
});
