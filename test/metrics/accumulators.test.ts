import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/damon/snapshot.ts';
import {
  createAccumulators,
  DEFAULT_ACCUMULATOR_SETTINGS,
} from '../../src/metrics/accumulators.ts';
import type { Accumulators, AccumulatorSettings } from '../../src/metrics/accumulators.ts';
import { during, KEY, read } from '../support/accumulators.ts';
import { makeSnapshot, MIB } from '../support/observations.ts';
import type { RegionRow } from '../support/observations.ts';

const SETTINGS: AccumulatorSettings = {
  ...DEFAULT_ACCUMULATOR_SETTINGS,
  wssBoundsBytes: [Number(MIB), Number(4n * MIB)],
  accessRatioBounds: [0, 0.5, 1],
  idleBoundsSeconds: [0, 1, 60],
  maxGapSeconds: 60,
  maxTargets: 2,
};

function feed(snapshots: readonly Snapshot[]): Accumulators {
  const accumulators = createAccumulators(SETTINGS);
  for (const snapshot of snapshots) accumulators.add(snapshot);
  return accumulators;
}

/** 2 MiB always accessed, 1 MiB in 3 of 20 samples, 1 MiB idle for 0.9 s, 4 MiB for 100 s. */
const ROWS: readonly RegionRow[] = [
  [0n, 2n * MIB, 20, 40],
  [2n * MIB, 3n * MIB, 3, 2],
  [3n * MIB, 4n * MIB, 0, 9],
  [4n * MIB, 8n * MIB, 0, 1000],
];

describe('one aggregation of a second', () => {
  const accumulators = feed([makeSnapshot(ROWS, during(1, 2))]);

  test('counts its working set once', () => {
    expect(read(accumulators, 'wss')).toEqual({
      bounds: SETTINGS.wssBoundsBytes,
      cumulativeCounts: [0n, 1n, 1n],
      sum: Number(3n * MIB),
      startNs: 1_000_000_000n,
    });
  });

  test('counts each byte for a second at its access ratio', () => {
    const { cumulativeCounts, sum } = read(accumulators, 'accessRatio');
    expect(cumulativeCounts).toEqual([5n * MIB, 6n * MIB, 8n * MIB, 8n * MIB]);
    expect(sum).toBeCloseTo(Number(MIB) * (2 * 1 + 0.15), 6);
  });

  test('counts each byte for a second at its idle time', () => {
    const { cumulativeCounts, sum } = read(accumulators, 'idle');
    expect(cumulativeCounts).toEqual([3n * MIB, 4n * MIB, 4n * MIB, 8n * MIB]);
    expect(sum).toBeCloseTo(Number(MIB) * (0.9 + 4 * 100), 6);
  });
});

describe('a snapshot stands for', () => {
  const row: readonly RegionRow[] = [[0n, 1000n, 0, 1]];
  test.each<[string, [number, number][], bigint]>([
    ['its own aggregation when it is the first', [[5, 5.5]], 500n],
    ['the time since the one before', [[5, 5.5], [5.5, 6]], 1000n], // prettier-ignore
    ['that time too when aggregations were missed', [[5, 5.5], [8, 8.5]], 3500n], // prettier-ignore
    ['only its own aggregation after a long pause', [[5, 5.5], [100, 100.5]], 1000n], // prettier-ignore
    ['nothing when it is not newer than the one before', [[5, 5.5], [5, 5.5]], 500n], // prettier-ignore
    ['no more than what is new when it overlaps', [[5, 5.5], [5, 6]], 1000n], // prettier-ignore
  ])('%s', (_title, spans, byteSeconds) => {
    const accumulators = feed(spans.map(([start, end]) => makeSnapshot(row, during(start, end))));
    expect(read(accumulators, 'idle').cumulativeCounts.at(-1)).toBe(byteSeconds);
  });
});

test('an age is judged by the interval in force when it was reported', () => {
  const row: readonly RegionRow[] = [[0n, 1000n, 0, 10]];
  const accumulators = feed([
    makeSnapshot(row, { ...during(0, 1), aggrIntervalUs: 100_000 }),
    makeSnapshot(row, { ...during(1, 2), aggrIntervalUs: 6_000_000 }),
    makeSnapshot(row, { ...during(2, 3), aggrIntervalUs: 7_000_000 }),
  ]);
  expect(read(accumulators, 'idle').cumulativeCounts).toEqual([0n, 1000n, 2000n, 3000n]);
});

test('accesses beyond the maximum of shortened intervals count as a ratio of 1', () => {
  const accumulators = feed([makeSnapshot([[0n, 1000n, 50, 1]], during(0, 1))]);
  expect(read(accumulators, 'accessRatio')).toMatchObject({
    cumulativeCounts: [0n, 0n, 1000n, 1000n],
    sum: 1000,
  });
});

test('without a sampling interval there are no access ratios, without any only working sets', () => {
  const noSampling = feed([makeSnapshot(ROWS, { sampleIntervalUs: undefined })]);
  expect(noSampling.readHistogram('accessRatio', KEY)).toBeUndefined();
  expect(read(noSampling, 'idle').sum).toBeGreaterThan(0);
  const nothing = feed([
    makeSnapshot(ROWS, { sampleIntervalUs: undefined, aggrIntervalUs: undefined }),
  ]);
  expect(nothing.readHistogram('idle', KEY)).toBeUndefined();
  expect(read(nothing, 'wss').sum).toBe(Number(3n * MIB));
});

test('a target as large as an address space stays exact', () => {
  const size = (1n << 57n) - 1n;
  const greatestAge = 4_294_967_295;
  const ends = [1, 21, 41];
  const accumulators = feed(
    ends.map((end) => makeSnapshot([[0n, size, 0, greatestAge]], during(end - 1, end))),
  );
  const { cumulativeCounts, sum } = read(accumulators, 'idle');
  expect(cumulativeCounts.at(-1)).toBe(size * 41n);
  expect(sum).toBe(Number((size * 41n * BigInt(greatestAge)) / 10n));
});

describe('a year of 1 TiB', () => {
  const TIB = 1n << 40n;
  const DAY = 86_400;
  const accumulators = createAccumulators({ ...SETTINGS, maxGapSeconds: DAY });
  /** At the end of every day. */
  const days = Array.from({ length: 365 }, (_, day) => {
    const span = during((day + 1) * DAY - 1, (day + 1) * DAY);
    accumulators.add(makeSnapshot([[0n, TIB, day % 2, 5]], span));
    const { cumulativeCounts, startNs } = read(accumulators, 'idle');
    return { count: cumulativeCounts.at(-1)!, startSeconds: Number(startNs / 1_000_000_000n) };
  });

  test('never counts to 2^63, which is as far as integers of receivers go', () => {
    expect(days.every(({ count }) => count > 0n && count < 1n << 63n)).toBe(true);
    // Otherwise the year would prove nothing.
    expect(TIB * BigInt(365 * DAY)).toBeGreaterThan(1n << 63n);
  });

  test('begins again at 0 after 96 days, and says since when it counts', () => {
    const starts = [...new Set(days.map(({ startSeconds }) => startSeconds))];
    expect(starts).toEqual([DAY - 1, 97 * DAY, 193 * DAY, 289 * DAY]);
    for (const [index, { count, startSeconds }] of days.entries()) {
      const seconds = (index + 1) * DAY - startSeconds;
      expect(count).toBe(TIB * BigInt(seconds));
    }
  });

  test('begins access ratios again at the same time, buckets and sum together', () => {
    const access = read(accumulators, 'accessRatio');
    const idle = read(accumulators, 'idle');
    expect(access.startNs).toBe(idle.startNs);
    expect(access.cumulativeCounts.at(-1)).toBe(idle.cumulativeCounts.at(-1));
    expect(access.sum).toBeLessThan(Number(access.cumulativeCounts.at(-1)));
  });
});

test('what alone would be more than fits is left out', () => {
  const size = (1n << 63n) - 4096n;
  const accumulators = feed([
    makeSnapshot([[0n, 4096n, 0, 1]], during(0, 1)),
    makeSnapshot([[0n, size, 0, 1]], during(1, 3)),
    makeSnapshot([[0n, 4096n, 0, 1]], during(3, 4)),
  ]);
  expect(read(accumulators, 'idle').cumulativeCounts.at(-1)).toBe(8192n);
});

test('the target fed least recently is forgotten beyond the limit', () => {
  const accumulators = createAccumulators(SETTINGS);
  for (const target of ['0', '1', '0', '2']) accumulators.add(makeSnapshot(ROWS, { target }));
  const isKnown = (target: string): boolean =>
    accumulators.readHistogram('wss', { ...KEY, target }) !== undefined;
  expect(['0', '1', '2'].map(isKnown)).toEqual([true, false, true]);
});
