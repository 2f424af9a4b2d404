import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/damon/snapshot.ts';
import {
  createAccumulators,
  DEFAULT_ACCUMULATOR_SETTINGS,
} from '../../src/metrics/accumulators.ts';
import type { HistogramPoint } from '../../src/metrics/metricFamily.ts';
import { during, KEY, read } from '../support/accumulators.ts';
import { makeSnapshot } from '../support/observations.ts';
import type { RegionRow } from '../support/observations.ts';

const anyRow = fc.record({
  size: fc.bigInt({ min: 0n, max: 1n << 57n }),
  nrAccesses: fc.nat(25),
  age: fc.nat(4_294_967_295),
});
type AnyRow = typeof anyRow extends fc.Arbitrary<infer Row> ? Row : never;

test('buckets and sums equal those of plain bigint arithmetic over each region', () => {
  const { accessRatioBounds, idleBoundsSeconds } = DEFAULT_ACCUMULATOR_SETTINGS;
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 40 }), (rows) => {
      const accumulators = createAccumulators(DEFAULT_ACCUMULATOR_SETTINGS);
      const regions = rows.map((row): RegionRow => [0n, row.size, row.nrAccesses, row.age]);
      accumulators.add(makeSnapshot(regions, during(0, 1)));
      const sizeWhere = (isIn: (row: AnyRow) => boolean): bigint =>
        rows.filter(isIn).reduce((sum, { size }) => sum + size, 0n);
      const access = read(accumulators, 'accessRatio');
      const idle = read(accumulators, 'idle');
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

function expectAscending(values: readonly bigint[]): void {
  expect(values.every((value, index) => value >= (values[index - 1] ?? 0n))).toBe(true);
}

interface AnySnapshot {
  readonly rows: readonly AnyRow[];
  readonly gapNs: bigint;
  readonly lengthNs: bigint;
  readonly sampleIntervalUs: number;
  readonly aggrIntervalUs: number;
}

const anySnapshot: fc.Arbitrary<AnySnapshot> = fc.record({
  // Small enough for no restart in all of them together.
  rows: fc.array(
    anyRow.map((row) => ({ ...row, size: row.size >> 11n })),
    { maxLength: 6 },
  ),
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
  const { accessRatioBounds, idleBoundsSeconds } = DEFAULT_ACCUMULATOR_SETTINGS;
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
      const accumulators = createAccumulators(DEFAULT_ACCUMULATOR_SETTINGS);
      let lastNs = 1_000_000_000_123n;
      const snapshots = drawn.map((one) => {
        const startNs = lastNs + one.gapNs;
        lastNs = startNs + one.lengthNs;
        return { ...one, startNs, endNs: lastNs };
      });
      for (const { rows, startNs, endNs, sampleIntervalUs, aggrIntervalUs } of snapshots) {
        const regions = rows.map((row): RegionRow => [0n, row.size, row.nrAccesses, row.age]);
        accumulators.add(
          makeSnapshot(regions, { startNs, endNs, sampleIntervalUs, aggrIntervalUs }),
        );
      }
      const expected = accumulatePlainly(snapshots);
      const access = read(accumulators, 'accessRatio');
      const idle = read(accumulators, 'idle');
      expect(access.cumulativeCounts).toEqual(expected.access);
      expect(idle.cumulativeCounts).toEqual(expected.idle);
      expect(Math.abs(access.sum - expected.accessSum)).toBeLessThanOrEqual(access.sum * 1e-12);
      expect(Math.abs(idle.sum - expected.idleSum)).toBeLessThanOrEqual(idle.sum * 1e-12);
    }),
  );
});

test('no count and no sum ever goes back, but where counting begins again', () => {
  const step = fc.record({ snapshot: anySnapshot, target: fc.constantFrom('0', '1') });
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 40 }), (steps) => {
      const accumulators = createAccumulators(DEFAULT_ACCUMULATOR_SETTINGS);
      const last = new Map<string, Omit<HistogramPoint, 'labels'>>();
      let lastNs = 1_000_000_000_123n;
      for (const { snapshot, target } of steps) {
        const { rows, gapNs, lengthNs, ...intervals } = snapshot;
        const startNs = lastNs + gapNs;
        lastNs = startNs + lengthNs;
        const regions = rows.map((row): RegionRow => [
          0n,
          row.size << 11n,
          row.nrAccesses,
          row.age,
        ]);
        const span = { startNs, endNs: lastNs };
        accumulators.add(makeSnapshot(regions, { ...span, ...intervals, target }));
        for (const name of ['wss', 'accessRatio', 'idle'] as const) {
          const point = accumulators.readHistogram(name, { ...KEY, target })!;
          const before = last.get(`${name} ${target}`);
          last.set(`${name} ${target}`, point);
          expectAscending(point.cumulativeCounts);
          if (before?.startNs !== point.startNs) continue;
          point.cumulativeCounts.forEach((count, index) => {
            expectAscending([before.cumulativeCounts[index]!, count]);
          });
          expect(point.sum).toBeGreaterThanOrEqual(before.sum);
        }
      }
    }),
    { numRuns: 50 },
  );
});
