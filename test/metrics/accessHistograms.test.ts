import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/damon/snapshot.ts';
import {
  createAccessHistograms,
  DEFAULT_HISTOGRAM_SETTINGS,
} from '../../src/metrics/accessHistograms.ts';
import type {
  AccessHistograms,
  HistogramName,
  HistogramSettings,
} from '../../src/metrics/accessHistograms.ts';
import type { HistogramPoint } from '../../src/metrics/metricFamily.ts';
import { makeSnapshot, MIB } from '../support/observations.ts';
import type { RegionRow } from '../support/observations.ts';

const SETTINGS: HistogramSettings = {
  wssThresholdSamples: 1,
  wssBoundsBytes: [Number(MIB), Number(4n * MIB)],
  accessRatioBounds: [0, 0.5, 1],
  idleBoundsSeconds: [0, 1, 60],
  maxGapSeconds: 60,
  maxTargets: 2,
};
const KEY = { kdamond: '0', contextIndex: 0, target: '0' };

function feed(snapshots: readonly Snapshot[]): AccessHistograms {
  const histograms = createAccessHistograms(SETTINGS);
  for (const snapshot of snapshots) histograms.add(snapshot);
  return histograms;
}

function read(histograms: AccessHistograms, name: HistogramName): Omit<HistogramPoint, 'labels'> {
  const point = histograms.read(name, KEY);
  expect(point).toBeDefined();
  return point!;
}

function during(startSeconds: number, endSeconds: number): Pick<Snapshot, 'startNs' | 'endNs'> {
  return { startNs: BigInt(startSeconds * 1e9), endNs: BigInt(endSeconds * 1e9) };
}

/** 2 MiB always accessed, 1 MiB in 3 of 20 samples, 1 MiB idle for 0.9 s, 4 MiB for 100 s. */
const ROWS: readonly RegionRow[] = [
  [0n, 2n * MIB, 20, 40],
  [2n * MIB, 3n * MIB, 3, 2],
  [3n * MIB, 4n * MIB, 0, 9],
  [4n * MIB, 8n * MIB, 0, 1000],
];

describe('one aggregation of a second', () => {
  const histograms = feed([makeSnapshot(ROWS, during(1, 2))]);

  test('counts its working set once', () => {
    expect(read(histograms, 'wss')).toEqual({
      bounds: SETTINGS.wssBoundsBytes,
      cumulativeCounts: [0n, 1n, 1n],
      sum: Number(3n * MIB),
    });
  });

  test('counts each byte for a second at its access ratio', () => {
    const { cumulativeCounts, sum } = read(histograms, 'accessRatio');
    expect(cumulativeCounts).toEqual([5n * MIB, 6n * MIB, 8n * MIB, 8n * MIB]);
    expect(sum).toBeCloseTo(Number(MIB) * (2 * 1 + 0.15), 6);
  });

  test('counts each byte for a second at its idle time', () => {
    const { cumulativeCounts, sum } = read(histograms, 'idle');
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
    const histograms = feed(spans.map(([start, end]) => makeSnapshot(row, during(start, end))));
    expect(read(histograms, 'idle').cumulativeCounts.at(-1)).toBe(byteSeconds);
  });
});

test('an age is judged by the interval in force when it was reported', () => {
  const row: readonly RegionRow[] = [[0n, 1000n, 0, 10]];
  const histograms = feed([
    makeSnapshot(row, { ...during(0, 1), aggrIntervalUs: 100_000 }),
    makeSnapshot(row, { ...during(1, 2), aggrIntervalUs: 6_000_000 }),
    makeSnapshot(row, { ...during(2, 3), aggrIntervalUs: 7_000_000 }),
  ]);
  expect(read(histograms, 'idle').cumulativeCounts).toEqual([0n, 1000n, 2000n, 3000n]);
});

test('accesses beyond the maximum of shortened intervals count as a ratio of 1', () => {
  const histograms = feed([makeSnapshot([[0n, 1000n, 50, 1]], during(0, 1))]);
  expect(read(histograms, 'accessRatio')).toMatchObject({
    cumulativeCounts: [0n, 0n, 1000n, 1000n],
    sum: 1000,
  });
});

test('without a sampling interval there are no access ratios, without any only working sets', () => {
  const noSampling = feed([makeSnapshot(ROWS, { sampleIntervalUs: undefined })]);
  expect(noSampling.read('accessRatio', KEY)).toBeUndefined();
  expect(read(noSampling, 'idle').sum).toBeGreaterThan(0);
  const nothing = feed([
    makeSnapshot(ROWS, { sampleIntervalUs: undefined, aggrIntervalUs: undefined }),
  ]);
  expect(nothing.read('idle', KEY)).toBeUndefined();
  expect(read(nothing, 'wss').sum).toBe(Number(3n * MIB));
});

test('a year of a target as large as an address space stays exact', () => {
  const size = (1n << 57n) - 1n;
  const greatestAge = 4_294_967_295;
  const histograms = createAccessHistograms({ ...SETTINGS, maxGapSeconds: 1e9 });
  const yearSeconds = 31_536_000;
  for (const end of [1, yearSeconds / 2, yearSeconds]) {
    histograms.add(makeSnapshot([[0n, size, 0, greatestAge]], during(end - 1, end)));
  }
  const { cumulativeCounts, sum } = read(histograms, 'idle');
  expect(cumulativeCounts.at(-1)).toBe(size * BigInt(yearSeconds));
  expect(sum).toBe(Number((size * BigInt(yearSeconds) * BigInt(greatestAge)) / 10n));
});

test('the target fed least recently is forgotten beyond the limit', () => {
  const histograms = createAccessHistograms(SETTINGS);
  for (const target of ['0', '1', '0', '2']) histograms.add(makeSnapshot(ROWS, { target }));
  const isKnown = (target: string): boolean =>
    histograms.read('wss', { ...KEY, target }) !== undefined;
  expect(['0', '1', '2'].map(isKnown)).toEqual([true, false, true]);
});

const anyRow = fc.record({
  size: fc.bigInt({ min: 0n, max: 1n << 57n }),
  nrAccesses: fc.nat(25),
  age: fc.nat(4_294_967_295),
});
type AnyRow = typeof anyRow extends fc.Arbitrary<infer Row> ? Row : never;

test('buckets and sums equal those of plain bigint arithmetic over each region', () => {
  const { accessRatioBounds, idleBoundsSeconds } = DEFAULT_HISTOGRAM_SETTINGS;
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 40 }), (rows) => {
      const histograms = createAccessHistograms(DEFAULT_HISTOGRAM_SETTINGS);
      const regions = rows.map((row): RegionRow => [0n, row.size, row.nrAccesses, row.age]);
      histograms.add(makeSnapshot(regions, during(0, 1)));
      const sizeWhere = (isIn: (row: AnyRow) => boolean): bigint =>
        rows.filter(isIn).reduce((sum, { size }) => sum + size, 0n);
      const access = read(histograms, 'accessRatio');
      const idle = read(histograms, 'idle');
      expect(access.cumulativeCounts.slice(0, -1)).toEqual(
        accessRatioBounds.map((bound) =>
          sizeWhere(({ nrAccesses }) => Math.min(1, nrAccesses / 20) <= bound),
        ),
      );
      expect(idle.cumulativeCounts.slice(0, -1)).toEqual(
        idleBoundsSeconds.map((bound) =>
          sizeWhere(({ nrAccesses, age }) => nrAccesses > 0 || age <= bound * 10),
        ),
      );
      const weigh = (weight: (row: AnyRow) => number): bigint =>
        rows.reduce((sum, row) => sum + row.size * BigInt(weight(row)), 0n);
      const idleTenths = weigh((row) => (row.nrAccesses > 0 ? 0 : row.age));
      const accessTwentieths = weigh((row) => Math.min(20, row.nrAccesses));
      expect(Math.abs(idle.sum - Number(idleTenths) / 10) <= idle.sum * 1e-15).toBe(true);
      expect(Math.abs(access.sum - Number(accessTwentieths) / 20) <= access.sum * 1e-15).toBe(true);
    }),
  );
});

interface AnySnapshot {
  readonly rows: readonly AnyRow[];
  readonly gapNs: bigint;
  readonly lengthNs: bigint;
  readonly sampleIntervalUs: number;
  readonly aggrIntervalUs: number;
}

const anySnapshot: fc.Arbitrary<AnySnapshot> = fc.record({
  rows: fc.array(anyRow, { maxLength: 6 }),
  // Neighbours, overlaps, a pause that still counts and one that does not.
  gapNs: fc.constantFrom(
    0n,
    0n,
    0n,
    -70_000_001n,
    1_234_567_891n,
    59_000_000_000n,
    61_000_000_000n,
  ),
  lengthNs: fc.bigInt({ min: 1n, max: 3_000_000_000n }),
  sampleIntervalUs: fc.constantFrom(1000, 5000),
  aggrIntervalUs: fc.constantFrom(100_000, 250_000),
});

/** The definition, with bigints only, a region at a time; amounts in bytes x microseconds. */
function accumulatePlainly(
  snapshots: readonly (AnySnapshot & Pick<Snapshot, 'startNs' | 'endNs'>)[],
) {
  const { accessRatioBounds, idleBoundsSeconds } = DEFAULT_HISTOGRAM_SETTINGS;
  const access = accessRatioBounds.map(() => 0n);
  const idle = idleBoundsSeconds.map(() => 0n);
  let [total, accessSum, idleSum] = [0n, 0, 0];
  let lastUs: bigint | undefined;
  for (const { rows, startNs, endNs, sampleIntervalUs, aggrIntervalUs } of snapshots) {
    const [startUs, endUs] = [startNs / 1000n, endNs / 1000n];
    const fromUs = lastUs !== undefined && startUs - lastUs <= 60_000_000n ? lastUs : startUs;
    const weightUs = endUs > fromUs ? endUs - fromUs : 0n;
    lastUs = endUs;
    const max = aggrIntervalUs / sampleIntervalUs;
    for (const { size, nrAccesses, age } of rows) {
      const amount = size * weightUs;
      const nr = Math.min(nrAccesses, max);
      const idleUs = nrAccesses > 0 ? 0 : age * aggrIntervalUs;
      total += amount;
      accessRatioBounds.forEach((bound, at) => (access[at]! += nr / max <= bound ? amount : 0n));
      idleBoundsSeconds.forEach((bound, at) => (idle[at]! += idleUs <= bound * 1e6 ? amount : 0n));
      accessSum += (Number(amount) / 1e6) * (nr / max);
      idleSum += (Number(amount) / 1e6) * (idleUs / 1e6);
    }
  }
  const toSeconds = (amounts: readonly bigint[]): bigint[] =>
    [...amounts, total].map((amount) => amount / 1_000_000n);
  return { access: toSeconds(access), idle: toSeconds(idle), accessSum, idleSum };
}

test('a run of snapshots with changing intervals adds up as in plain bigint arithmetic', () => {
  fc.assert(
    fc.property(fc.array(anySnapshot, { minLength: 1, maxLength: 40 }), (drawn) => {
      const histograms = createAccessHistograms(DEFAULT_HISTOGRAM_SETTINGS);
      let lastNs = 1_000_000_000_123n;
      const snapshots = drawn.map((one) => {
        const startNs = lastNs + one.gapNs;
        lastNs = startNs + one.lengthNs;
        return { ...one, startNs, endNs: lastNs };
      });
      for (const { rows, startNs, endNs, sampleIntervalUs, aggrIntervalUs } of snapshots) {
        const regions = rows.map((row): RegionRow => [0n, row.size, row.nrAccesses, row.age]);
        histograms.add(makeSnapshot(regions, { startNs, endNs, sampleIntervalUs, aggrIntervalUs }));
      }
      const expected = accumulatePlainly(snapshots);
      const access = read(histograms, 'accessRatio');
      const idle = read(histograms, 'idle');
      expect(access.cumulativeCounts).toEqual(expected.access);
      expect(idle.cumulativeCounts).toEqual(expected.idle);
      expect(Math.abs(access.sum - expected.accessSum)).toBeLessThanOrEqual(access.sum * 1e-12);
      expect(Math.abs(idle.sum - expected.idleSum)).toBeLessThanOrEqual(idle.sum * 1e-12);
    }),
  );
});
