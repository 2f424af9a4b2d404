import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/damon/snapshot.ts';
import { createLiveView } from '../../src/live/liveView.ts';
import type { Batch, LiveView, LiveViewOptions } from '../../src/live/liveView.ts';
import { makeSnapshot, MIB } from '../support/observations.ts';
import type { RegionRow } from '../support/observations.ts';

const MS = 1_000_000n;

function makeView(options: Partial<LiveViewOptions> = {}): LiveView {
  return createLiveView({
    nrRows: 4,
    range: undefined,
    wssThresholdSamples: 1,
    toWallMs: (timeNs) => Number(timeNs) / 1e6,
    ...options,
  });
}

/** An aggregation of 100 ms that ended so many milliseconds after boot. */
function snapshotAt(
  endMs: number,
  rows: readonly RegionRow[],
  changes: Partial<Snapshot> = {},
): Snapshot {
  const endNs = BigInt(endMs) * MS;
  return makeSnapshot(rows, { startNs: endNs - 100n * MS, endNs, ...changes });
}

const FOUR_ROWS: readonly RegionRow[] = [
  [0n, MIB, 20, 3],
  [MIB, 2n * MIB, 10, 3],
  [2n * MIB, 3n * MIB, 1, 3],
  [3n * MIB, 4n * MIB, 0, 3],
];

function listTimes({ columns }: Batch): [number, number][] {
  return columns.map(([, startMs, endMs]) => [startMs, endMs]);
}

function decode({ columns }: Batch): number[][] {
  return columns.map((column) => [...Buffer.from(column[6], 'base64')]);
}

describe('a column', () => {
  test('has a level for each row: share of the most there can be, any access above none', () => {
    const view = makeView();
    view.add(snapshotAt(1000, FOUR_ROWS));
    const batch = view.since(0);
    expect(decode(batch)).toEqual([[255, 128, 14, 1]]);
    expect(batch.columns[0]?.slice(0, 6)).toEqual([1, 900, 1000, 200, 'hz', Number(3n * MIB)]);
    expect(batch.layouts).toEqual([{ id: 1, ranges: [['0', '400000', 4]] }]);
  });

  test('weighs regions of a row by their bytes', () => {
    const view = makeView({ nrRows: 1 });
    view.add(
      snapshotAt(1000, [
        [0n, MIB, 20, 0],
        [MIB, 4n * MIB, 0, 0],
      ]),
    );
    expect(decode(view.since(0))).toEqual([[1 + Math.ceil(254 / 4)]]);
  });

  test('folds gaps: a heap and a stack 40 TiB apart are next to each other', () => {
    const view = makeView();
    view.add(
      snapshotAt(1000, [
        [0x5000_0000_0000n, 0x5000_0000_0000n + 3n * MIB, 20, 0],
        [0x7fff_0000_0000n, 0x7fff_0000_0000n + MIB, 0, 0],
      ]),
    );
    const batch = view.since(0);
    expect(batch.layouts[0]?.ranges).toEqual([
      ['500000000000', '500000300000', 3],
      ['7fff00000000', '7fff00100000', 1],
    ]);
    expect(decode(batch)).toEqual([[255, 255, 255, 1]]);
  });

  test('shows only the range that is looked at, in finer rows', () => {
    const view = makeView({ range: { start: 0, end: Number(MIB) } });
    view.add(snapshotAt(1000, FOUR_ROWS));
    expect(view.since(0).layouts[0]?.ranges).toEqual([['0', '100000', 4]]);
    expect(decode(view.since(0))).toEqual([[255, 255, 255, 255]]);
  });

  test('there is none while nothing of the range is monitored', () => {
    const view = makeView({ range: { start: 2 ** 40, end: 2 ** 41 } });
    view.add(snapshotAt(1000, FOUR_ROWS));
    expect([view.next, view.since(0).columns]).toEqual([0, []]);
  });

  test.each([
    ['sampleIntervalUs', { sampleIntervalUs: undefined }],
    ['aggrIntervalUs', { aggrIntervalUs: undefined }],
  ])('where %s is not known counts samples, up to the hottest', (_, changes) => {
    const view = makeView();
    view.add(snapshotAt(1000, FOUR_ROWS, changes));
    expect(view.since(0).columns[0]?.slice(3, 5)).toEqual([20, 'samples']);
  });

  test('holds several aggregations when they are short: mean heat, the largest working set', () => {
    const view = makeView({ nrRows: 1 });
    const add = (endMs: number, nrAccesses: number): void => {
      const startNs = BigInt(endMs - 50) * MS;
      const changes = { startNs, sampleIntervalUs: 5000, aggrIntervalUs: 50_000 };
      view.add(snapshotAt(endMs, [[0n, MIB, nrAccesses, 0]], changes));
    };
    add(1000, 10);
    expect(view.next).toBe(0);
    add(1050, 0);
    expect(listTimes(view.since(0))).toEqual([[950, 1050]]);
    expect(decode(view.since(0))).toEqual([[128]]);
    expect(view.since(0).columns[0]?.[5]).toBe(Number(MIB));
  });
});

describe('time', () => {
  test('that a rarely asked source leaves out is taken to have been as it is after', () => {
    const view = makeView();
    for (const endMs of [5000, 10_000, 15_000, 20_000]) view.add(snapshotAt(endMs, FOUR_ROWS));
    expect(listTimes(view.since(0)).slice(2)).toEqual([
      [10_000, 15_000],
      [15_000, 20_000],
    ]);
  });

  test('in which nothing came for long stays a gap', () => {
    const view = makeView();
    for (const endMs of [1000, 1100, 1200, 1300, 9000]) view.add(snapshotAt(endMs, FOUR_ROWS));
    expect(listTimes(view.since(0)).at(-1)).toEqual([8900, 9000]);
  });
});

describe('rows', () => {
  test('stay where they are while the memory grows a little', () => {
    const view = makeView();
    view.add(snapshotAt(1000, [[0n, 1000n * MIB, 1, 0]]));
    view.add(snapshotAt(20_000, [[0n, 1004n * MIB, 1, 0]]));
    expect(view.since(0).columns.map(([layoutId]) => layoutId)).toEqual([1, 1]);
  });

  test('are laid anew when it grows beyond them, some seconds after the last time', () => {
    const view = makeView();
    view.add(snapshotAt(1000, [[0n, 100n * MIB, 1, 0]]));
    view.add(snapshotAt(2000, [[0n, 200n * MIB, 1, 0]]));
    view.add(snapshotAt(7000, [[0n, 200n * MIB, 1, 0]]));
    const { columns, layouts } = view.since(0);
    expect(columns.map(([layoutId]) => layoutId)).toEqual([1, 1, 2]);
    expect(layouts.map(({ ranges }) => ranges[0]?.[1])).toEqual(['6400000', 'c800000']);
  });
});

describe('the past', () => {
  test('is told from the ages of regions, the oldest first, blank where it is not known', () => {
    const view = makeView({ nrRows: 2 });
    const batch = view.describePast(
      snapshotAt(100_000, [
        [0n, MIB, 20, 60],
        [MIB, 2n * MIB, 0, 20],
      ]),
    );
    expect(listTimes(batch)).toEqual([
      [94_000, 96_000],
      [96_000, 98_000],
      [98_000, 100_000],
    ]);
    expect(decode(batch)).toEqual([
      [255, 0],
      [255, 0],
      [255, 1],
    ]);
  });

  test('of a row with several regions is the mean of those old enough', () => {
    const view = makeView({ nrRows: 1 });
    const batch = view.describePast(
      snapshotAt(100_000, [
        [0n, MIB, 20, 40],
        [MIB, 2n * MIB, 0, 20],
      ]),
    );
    expect(decode(batch)).toEqual([[255], [128]]);
  });

  test('is not known without an aggregation interval', () => {
    const view = makeView();
    const snapshot = snapshotAt(1000, FOUR_ROWS, { aggrIntervalUs: undefined });
    expect(view.describePast(snapshot).columns).toEqual([]);
  });
});
