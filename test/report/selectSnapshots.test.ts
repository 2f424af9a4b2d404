import { describe, expect, test } from 'vitest';
import type { RecordedSnapshot } from '../../src/record/recording.ts';
import {
  clipRegions,
  readStartNs,
  selectLentSnapshots,
  selectSnapshots,
} from '../../src/report/selectSnapshots.ts';
import type { SnapshotSelection } from '../../src/report/selectSnapshots.ts';
import { createSnapshotCache } from '../../src/report/snapshotCache.ts';
import { computeAggrIntervalUs } from '../../src/report/snapshotIntervals.ts';
import { createStreamFinder, isStreamSelected } from '../../src/report/streams.ts';
import { toComparable } from '../support/recordBuilders.ts';
import {
  DEFAULT_INTERVALS,
  createMemoryReader,
  lend,
  makeSnapshot,
  makeStream,
} from '../support/recordedSnapshots.ts';

const stream = makeStream();

async function select(
  snapshots: readonly RecordedSnapshot[],
  selection: SnapshotSelection,
): Promise<RecordedSnapshot[]> {
  const selected: RecordedSnapshot[] = [];
  for await (const batch of selectSnapshots(createMemoryReader(snapshots), selection)) {
    expect(batch.length).toBeGreaterThan(0);
    selected.push(...batch);
  }
  const lent: unknown[] = [];
  const reader = createMemoryReader(snapshots);
  for await (const batch of selectLentSnapshots(reader, selection, { withAges: true })) {
    for (const snapshot of batch) lent.push(toComparable(snapshot));
  }
  expect(lent).toEqual(selected.map(toComparable));
  return selected;
}

describe('a selection', () => {
  const snapshots = [0n, 10n, 20n, 30n].map((start) =>
    makeSnapshot(stream, [start, start + 10n], [[0n, 100n, 1]]),
  );

  test.each([
    [{ startNs: 10n, endNs: 20n }, [10n]],
    [{ startNs: 9n, endNs: 21n }, [0n, 10n, 20n]],
    [{ startNs: 40n, endNs: 50n }, []],
  ])('by time keeps what overlaps it (%#)', async (timeRange, expected) => {
    const selected = await select(snapshots, { timeRange });
    expect(selected.map(({ startNs }) => startNs)).toEqual(expected);
  });

  test.each([
    [{ targetId: '0' }, true],
    [{ targetId: '1' }, false],
    [{ kdamond: '0' }, false],
    [{ schemeIndex: 0 }, false],
    [{}, true],
  ])('by stream matches %j: %s', (filter, expected) => {
    expect(isStreamSelected(stream, filter)).toBe(expected);
  });

  test('by address cuts regions at the ends of the range', () => {
    const { regions } = makeSnapshot(
      stream,
      [0n, 1n],
      [
        [0n, 10n, 1, 5],
        [10n, 20n, 2, 6],
        [30n, 40n, 3, 7],
      ],
    );
    const withProbes = { ...regions, probeHits: [Uint8Array.of(7, 8, 9)] };
    const clipped = clipRegions(withProbes, { startAddr: 15n, endAddr: 35n });
    const columns = (['startAddr', 'endAddr', 'nrAccesses', 'ageIntervals'] as const).map(
      (name) => [...clipped[name].slice(0, clipped.count)],
    );
    expect(columns).toEqual([
      [15n, 30n],
      [20n, 35n],
      [2, 3],
      [6, 7],
    ]);
    expect(clipped.probeHits).toEqual([Uint8Array.of(8, 9)]);
    expect(clipRegions(regions, { startAddr: 0n, endAddr: 40n })).toBe(regions);
  });
});

describe('the cache', () => {
  test('gives back what was added', async () => {
    const snapshots = Array.from({ length: 1000 }, (_, nth) =>
      makeSnapshot(
        stream,
        [BigInt(nth), BigInt(nth + 1)],
        [
          [0n, BigInt(nth), nth, nth],
          [BigInt(nth), 2n ** 63n, 1, 2],
        ],
      ),
    );
    const cache = createSnapshotCache(1 << 30);
    for (const snapshot of lend(snapshots)) cache.add(snapshot);
    const replayed: RecordedSnapshot[] = [];
    for await (const batch of cache.replay()!()) replayed.push(...batch);
    expect(replayed).toEqual(snapshots);
  });

  test('gives up where there is too much', () => {
    const cache = createSnapshotCache(1 << 10);
    cache.add(makeSnapshot(stream, [0n, 1n], [[0n, 1n, 1]]));
    expect(cache.replay()).toBeUndefined();
  });
});

describe('the aggregation interval of a snapshot', () => {
  const goal = { accessBp: 400, aggrs: 3, minSampleIntervalUs: 5000, maxSampleIntervalUs: 1e7 };
  const tuned = makeStream({ intervals: { ...DEFAULT_INTERVALS, goal } });
  const ms = (duration: bigint): [bigint, bigint] => [0n, duration * 1_000_000n];

  test.each([
    ['as configured', makeSnapshot(stream, ms(300n), []), 100_000],
    ['as tuned', { ...makeSnapshot(stream, ms(1n), []), sampleIntervalUs: 20_000 }, 400_000],
    ['as measured under a goal', makeSnapshot(tuned, ms(800n), []), 800_000],
    ['as configured within 10 %', makeSnapshot(tuned, ms(109n), []), 100_000],
    ['unknown', makeSnapshot(makeStream({ intervals: undefined }), ms(1n), []), undefined],
  ])('is %s', (_, snapshot, expected) => {
    expect(computeAggrIntervalUs(snapshot)).toBe(expected);
  });
});

describe('the start of a record', () => {
  test('is that of the earliest snapshot it begins with', async () => {
    const snapshots = [7n, 5n, 9n].map((startNs) => makeSnapshot(makeStream(), [startNs, 10n], []));
    expect(await readStartNs(createMemoryReader(snapshots))).toBe(5n);
  });

  test('is unknown where there is no snapshot', async () => {
    expect(await readStartNs(createMemoryReader([]))).toBeUndefined();
  });
});

test('a stream is found again in another reading, by its place where nothing else tells', () => {
  const streams = ['0', '0', '1'].map((targetId) => makeStream({ targetId }));
  const all = streams.map((one, nth) => ({ stream: one, nth }));
  const again = streams.map((one) => ({ ...one }));
  const find = (nth: number): boolean[] => {
    const finder = createStreamFinder(all[nth]!, all);
    return again.map((one) => finder.isTarget(one));
  };
  expect(find(1)).toEqual([false, true, false]);
  expect(find(2)).toEqual([false, false, true]);
  expect(createStreamFinder(all[1]!, all).needsOrder).toBe(true);
  expect(createStreamFinder(all[2]!, all).needsOrder).toBe(false);
});
