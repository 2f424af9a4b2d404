import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createAccumulators,
  DEFAULT_ACCUMULATOR_SETTINGS,
} from '../../src/metrics/accumulators.ts';
import type { Accumulators } from '../../src/metrics/accumulators.ts';
import { during, KEY, read } from '../support/accumulators.ts';
import { makeSnapshot, MIB } from '../support/observations.ts';
import type { RegionRow } from '../support/observations.ts';

function create(addressCells: number): Accumulators {
  return createAccumulators({ ...DEFAULT_ACCUMULATOR_SETTINGS, addressCells });
}

function readHeat(accumulators: Accumulators) {
  const heat = accumulators.readHeat(KEY);
  expect(heat).toBeDefined();
  const { cells } = heat!;
  const histogram = heat!.readHistogram();
  let below = 0n;
  const bytes = histogram.cumulativeCounts.map((count) => {
    const here = count - below;
    below = count;
    return here;
  });
  return { ...histogram, layout: cells.layout, bytes };
}

/** A space of 8 MiB, of which this is accessed all the time; seconds 0 to 1, unless told otherwise. */
function makeHot(hot: readonly RegionRow[], seconds: readonly [number, number] = [0, 1], at = 0n) {
  const rows = [...hot, [8n * MIB, 8n * MIB, 0, 0] as const];
  let start = at;
  const filled = rows.flatMap(([from, to, nr, age]): RegionRow[] => {
    const before: RegionRow = [start, at + from, 0, 1];
    start = at + to;
    return [before, [at + from, at + to, nr, age]];
  });
  return makeSnapshot(
    filled.filter(([from, to]) => to > from),
    during(...seconds),
  );
}

test('heat is bytes by access ratio and seconds, in the cells where they are', () => {
  const accumulators = create(4);
  accumulators.add(
    makeHot([
      [MIB, 2n * MIB, 20, 0],
      [3n * MIB, 5n * MIB, 10, 0],
    ]),
  );
  const { bounds, bytes, cumulativeCounts, startNs } = readHeat(accumulators);
  expect(bounds).toEqual([2, 4, 6, 8].map((mib) => mib * 2 ** 20));
  expect(bytes).toEqual([MIB, MIB / 2n, MIB / 2n, 0n, 0n]);
  expect(cumulativeCounts.at(-1)).toBe(2n * MIB);
  expect(startNs).toBe(0n);
});

test('intervals that change count each by themselves', () => {
  const accumulators = create(4);
  accumulators.add(makeHot([[0n, MIB, 5, 0]]));
  const other = { sampleIntervalUs: 10_000, aggrIntervalUs: 100_000 };
  accumulators.add({ ...makeHot([[0n, MIB, 5, 0]], [1, 3]), ...other });
  expect(readHeat(accumulators).bytes[0]).toBe(MIB / 4n + (2n * MIB) / 2n);
});

test('without cells, and without a sampling interval, there is no heat', () => {
  const off = create(0);
  off.add(makeHot([[0n, MIB, 5, 0]]));
  expect(off.readHeat(KEY)).toBeUndefined();
  const unknown = create(4);
  unknown.add({ ...makeHot([[0n, MIB, 5, 0]]), sampleIntervalUs: undefined });
  expect(unknown.readHeat(KEY)).toBeUndefined();
});

test('what grew beside the cells counts in the nearest', () => {
  const accumulators = create(4);
  const far = 1n << 40n;
  const rows = (heapEnd: bigint, mappingsStart: bigint): RegionRow[] => [
    [0n, heapEnd, 20, 0],
    [mappingsStart, far + 4n * MIB, 20, 0],
  ];
  accumulators.add(makeSnapshot(rows(4n * MIB, far), during(0, 1)));
  const { layout, bytes } = readHeat(accumulators);
  expect(bytes).toEqual([2n * MIB, 2n * MIB, 2n * MIB, 2n * MIB, 0n]);
  accumulators.add(makeSnapshot(rows(4n * MIB + 4096n, far - 8192n), during(60, 61)));
  const grown = readHeat(accumulators);
  expect(grown.layout).toBe(layout);
  const gap = 60n;
  expect(grown.bytes[1]! - bytes[1]! * (gap + 1n)).toBe(4096n * gap);
  expect(grown.bytes[2]! - bytes[2]! * (gap + 1n)).toBe(8192n * gap);
});

describe('a layout that does no more', () => {
  const far = 1n << 46n;

  test('gives way to another one, whose histogram begins at 0', () => {
    const accumulators = create(4);
    accumulators.add(makeHot([[0n, 2n * MIB, 20, 0]]));
    const first = readHeat(accumulators);
    accumulators.add(makeHot([[0n, MIB, 20, 0]], [19, 20], far));
    const second = readHeat(accumulators);
    expect(second.layout).not.toBe(first.layout);
    expect(second.bounds[0]).toBe(Number(far + 2n * MIB));
    expect(second.bytes).toEqual([19n * MIB, 0n, 0n, 0n, 0n]);
    expect(second.startNs).toBe(1_000_000_000n);
  });

  test('lasts ten seconds at least, ever longer when that goes on, and less after a calm', () => {
    const accumulators = create(4);
    const layouts = new Set<string>();
    /** Seconds at which another layout came. */
    const changes: number[] = [];
    let last: string | undefined;
    for (let second = 1; second <= 3000; second += 1) {
      // After 1000 s nothing moves for 1000 s.
      const place = second > 1000 && second <= 2000 ? 1000 : second;
      const at = BigInt(place) * 64n * MIB;
      accumulators.add(makeHot([[0n, MIB, 20, 0]], [second - 1, second], at));
      const { layout } = readHeat(accumulators);
      if (last !== undefined && layout !== last) changes.push(second);
      layouts.add(layout);
      last = layout;
    }
    expect(changes).toEqual([
      11, 31, 71, 151, 311, 631, 1271, 2001, 2011, 2031, 2071, 2151, 2311, 2631,
    ]);
    expect(layouts.size).toBe(changes.length + 1);
  });
});

test('before a count reaches 2^63 the histogram begins again, under the same layout', () => {
  const accumulators = createAccumulators({
    ...DEFAULT_ACCUMULATOR_SETTINGS,
    addressCells: 4,
    maxGapSeconds: 1e9,
  });
  const day = 86_400;
  const counts: bigint[] = [];
  const layouts = new Set<string>();
  for (let at = 1; at <= 120; at += 1) {
    accumulators.add(makeSnapshot([[0n, 1n << 40n, 20, 0]], during(at * day - 1, at * day)));
    const { cumulativeCounts, layout } = readHeat(accumulators);
    counts.push(cumulativeCounts.at(-1)!);
    layouts.add(layout);
  }
  expect(Math.max(...counts.map(Number))).toBeLessThan(2 ** 63);
  expect(counts[96]).toBe((1n << 40n) * BigInt(96 * day + 1));
  expect(counts[97]).toBe((1n << 40n) * BigInt(day));
  expect(layouts.size).toBe(1);
});

test('all heat is the sum of the access ratios, and no bucket ever goes back', () => {
  const step = fc.record({
    regions: fc.array(fc.tuple(fc.integer({ min: 1, max: 2 ** 30 }), fc.nat(25)), {
      minLength: 1,
      maxLength: 12,
    }),
    seconds: fc.constantFrom(0, 1, 1, 30),
    sampleIntervalUs: fc.constantFrom(1000, 5000, 7000),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      const accumulators = create(16);
      let [second, lastLayout] = [100, ''];
      let last: readonly bigint[] = [];
      for (const { regions, seconds, sampleIntervalUs } of steps) {
        let end = 0n;
        const rows = regions.map(([size, nrAccesses], index): RegionRow => {
          const start = end + BigInt((index % 3) * 1_000_000);
          end = start + BigInt(size);
          return [start, end, nrAccesses, 0];
        });
        const span = during(second, second + seconds);
        second += seconds;
        accumulators.add(makeSnapshot(rows, { ...span, sampleIntervalUs }));
        const { cumulativeCounts, layout, startNs } = readHeat(accumulators);
        if (layout === lastLayout) {
          expect(cumulativeCounts.every((count, index) => count >= last[index]!)).toBe(true);
        }
        [last, lastLayout] = [cumulativeCounts, layout];
        const ratios = read(accumulators, 'accessRatio');
        if (startNs !== ratios.startNs) continue;
        const total = Number(cumulativeCounts.at(-1));
        expect(Math.abs(total - ratios.sum)).toBeLessThanOrEqual(1 + ratios.sum * 1e-12);
      }
    }),
    { numRuns: 40 },
  );
});
