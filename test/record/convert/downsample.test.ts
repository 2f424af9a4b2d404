import { describe, expect, test } from 'vitest';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import { aggregate, createSnapshot, createStream, listRows } from '../../support/downsampling.ts';
import type { Row } from '../../support/downsampling.ts';
import { DEFAULT_INTERVALS, generateSnapshots } from '../../support/generateRecord.ts';
import { describeSnapshot } from '../../support/records.ts';

describe('one window', () => {
  test.each([
    [
      'the same regions: samples add up, the last ages count',
      [
        [
          [0, 4, 5, 10],
          [4, 8, 0, 11],
        ],
        [
          [0, 4, 15, 20],
          [4, 8, 0, 21],
        ],
      ],
      [
        [0, 4, 20, 10],
        [4, 8, 0, 10],
      ],
    ],
    [
      'borders that moved: cut at all of them, most alike become one',
      [
        [
          [0, 4, 20, 0],
          [4, 8, 0, 0],
        ],
        [
          [0, 2, 20, 0],
          [2, 8, 0, 0],
        ],
      ],
      [
        [0, 4, 30, 0],
        [4, 8, 0, 0],
      ],
    ],
    [
      'what was mapped for half of the time keeps its rate',
      [
        [[0, 4, 5, 0]],
        [
          [0, 4, 5, 0],
          [8, 12, 20, 3],
        ],
      ],
      [
        [0, 4, 10, 0],
        [8, 12, 40, 1],
      ],
    ],
    ['a single access is not rounded away', [[[0, 4, 1, 0]], [[0, 4, 0, 0]]], [[0, 4, 1, 0]]],
  ] as [string, Row[][], number[][]][])('%s', (_what, snapshots, expected) => {
    const stream = createStream(DEFAULT_INTERVALS);
    const read = snapshots.map((rows, index) => createSnapshot(stream, BigInt(index) * 100n, rows));
    const [window, ...others] = aggregate(read, 200_000);
    expect(others).toEqual([]);
    expect(listRows(window!)).toEqual(expected);
    expect([window!.startNs, window!.endNs]).toEqual([0n, 200_000_000n]);
    expect(window!.stream.intervals).toEqual({ ...DEFAULT_INTERVALS, aggrIntervalUs: 200_000 });
  });

  test('a snapshot counts by how long it took', () => {
    const stream = createStream(undefined);
    const snapshots = [
      createSnapshot(stream, 0n, [[0, 1, 10, 0]], { durationMs: 300n }),
      createSnapshot(stream, 300n, [[0, 1, 10, 0]], { durationMs: 100n }),
    ];
    // 10 in 300 ms and 10 in 100 ms are 20 in 400 ms.
    expect(listRows(aggregate(snapshots, 400_000)[0]!)).toEqual([[0, 1, 20, 0]]);
  });

  test('a tuned sampling interval changes what a sample is worth', () => {
    const goal = { accessBp: 400, aggrs: 3, minSampleIntervalUs: 1, maxSampleIntervalUs: 9 };
    const stream = createStream({ ...DEFAULT_INTERVALS, goal });
    const snapshots = [
      createSnapshot(stream, 0n, [[0, 1, 10, 0]]),
      createSnapshot(stream, 100n, [[0, 1, 10, 5]], { durationMs: 200n, sampleIntervalUs: 10_000 }),
    ];
    // 100 Hz for 100 ms and 50 Hz for 200 ms: 20 in 300 ms. The age is 5 times 200 ms.
    expect(listRows(aggregate(snapshots, 300_000)[0]!)).toEqual([[0, 1, 20, 3]]);
  });

  test('several targets in one snapshot, not in order, are put in order', () => {
    const stream = createStream(DEFAULT_INTERVALS);
    const rows: Row[] = [
      [8, 9, 1, 0],
      [0, 4, 2, 0],
      [2, 6, 3, 0],
    ];
    const [window] = aggregate([createSnapshot(stream, 0n, rows)], 100_000);
    expect(listRows(window!)).toEqual([
      [0, 4, 2, 0],
      [4, 6, 3, 0],
      [8, 9, 1, 0],
    ]);
  });

  test('what no column can hold becomes the largest it can', () => {
    const stream = createStream(DEFAULT_INTERVALS);
    const [window] = aggregate([createSnapshot(stream, 0n, [[0, 1, 2 ** 32 - 1, 0]])], 1_000_000);
    expect(listRows(window!)).toEqual([[0, 1, 2 ** 32 - 1, 0]]);
  });

  test('addresses of the kernel are exact', () => {
    const snapshot = createSnapshot(createStream(DEFAULT_INTERVALS), 0n, [[0, 1, 1, 0]]);
    snapshot.regions.startAddr[0] = 2n ** 64n - 8192n;
    snapshot.regions.endAddr[0] = 2n ** 64n - 4096n;
    const [window] = aggregate([snapshot], 100_000);
    expect(window!.regions.startAddr).toEqual(snapshot.regions.startAddr);
    expect(window!.regions.endAddr).toEqual(snapshot.regions.endAddr);
  });
});

describe('many windows', () => {
  test('a snapshot belongs where its middle lies, so that windows do not drift', () => {
    const snapshots = [
      ...generateSnapshots({ nrSnapshots: 200, nrRegions: 10, shape: 'constant' }),
    ];
    const windows = aggregate(snapshots, 1_000_000);
    const last = snapshots.at(-1)!;
    const middleNs = (last.startNs + last.endNs) / 2n - snapshots[0]!.startNs;
    expect(windows).toHaveLength(Number(middleNs / 1_000_000_000n) + 1);
    for (const [index, { startNs, endNs }] of windows.entries()) {
      expect(endNs - startNs).toBeGreaterThan(0n);
      if (index > 0) expect(startNs).toBe(windows[index - 1]!.endNs);
    }
  });

  test('200 Hz stay 200 Hz', () => {
    const snapshots = generateSnapshots({ nrSnapshots: 100, nrRegions: 10, shape: 'constant' });
    for (const { regions } of aggregate(snapshots, 500_000)) {
      expect([...regions.nrAccesses.subarray(0, regions.count)]).toEqual(
        Array.from({ length: regions.count }, () => 100),
      );
    }
  });

  test('the same interval changes nothing', () => {
    const snapshots = [...generateSnapshots({ nrSnapshots: 30, nrRegions: 10 })];
    const windows = aggregate(snapshots, 100_000);
    const regions = (list: readonly RecordedSnapshot[]): unknown[] =>
      list.map((one) => (describeSnapshot(one) as { regions: unknown }).regions);
    // Neighbours with the same accesses and age are one region.
    const distinct = snapshots.filter((_, index) => windows[index]?.regions.count === 10);
    expect(distinct.length).toBeGreaterThan(5);
    expect(regions(windows.filter(({ regions: { count } }) => count === 10))).toEqual(
      regions(distinct),
    );
  });

  test('a shorter interval than the record has cannot be made', () => {
    expect(() =>
      aggregate([createSnapshot(createStream(DEFAULT_INTERVALS), 0n, [[0, 1, 1, 0]])], 50_000),
    ).toThrow(/aggregate record: found an aggregation interval of 100000 us/);
  });
});
