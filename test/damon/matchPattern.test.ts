import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeMatching } from '../../src/damon/matchPattern.ts';
import { createRegionColumns } from '../../src/damon/snapshot.ts';
import type { RegionColumns } from '../../src/damon/snapshot.ts';
import { ANY_PATTERN } from '../../src/damon/spec.ts';

const MAX = 0xffff_ffff_ffff_ffffn;
const USUAL = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 };
const SLOW = { sampleIntervalUs: 50_000, aggrIntervalUs: 500_000 };

/** Regions of so many pages, one after another: pages, accesses, age. */
function makeRegions(...rows: readonly (readonly [number, number, number])[]): RegionColumns {
  const regions = createRegionColumns(rows.length);
  let page = 0n;
  for (const [index, [pages, accesses, age]] of rows.entries()) {
    regions.startAddr[index] = page * 4096n;
    page += BigInt(pages);
    regions.endAddr[index] = page * 4096n;
    regions.nrAccesses[index] = accesses;
    regions.ageIntervals[index] = age;
  }
  regions.count = rows.length;
  return regions;
}

const REGIONS = makeRegions([1, 0, 100], [10, 0, 50], [100, 10, 5], [1000, 20, 1]);

test.each([
  ['anything', {}, 1111, 4],
  ['what is idle', { nrAccesses: { min: 0n, max: 0n } }, 11, 2],
  [
    'what is idle for ten seconds',
    { nrAccesses: { min: 0n, max: 0n }, ageIntervals: { min: 100n, max: MAX } },
    1,
    1,
  ],
  ['half and more', { nrAccesses: { min: 10n, max: 20n } }, 1100, 2],
  ['large ones', { sizeBytes: { min: 10n * 4096n, max: 100n * 4096n } }, 110, 2],
  ['nothing', { ageIntervals: { min: 101n, max: MAX } }, 0, 0],
])('%s', (_what, pattern, pages, nrRegions) => {
  const found = computeMatching(
    REGIONS,
    { ...ANY_PATTERN, ...pattern },
    { wanted: USUAL, seen: USUAL },
  );
  expect(found).toEqual({ bytes: BigInt(pages) * 4096n, nrRegions });
});

test('rates and ages mean the same in other intervals', () => {
  // Ten samples of 50 ms each: 5 of 10 is half, and an age of 1 is half a second.
  const seen = makeRegions([1, 0, 19], [10, 0, 20], [100, 5, 1], [1000, 4, 1]);
  const compute = (pattern: Partial<typeof ANY_PATTERN>): bigint =>
    computeMatching(seen, { ...ANY_PATTERN, ...pattern }, { wanted: USUAL, seen: SLOW }).bytes /
    4096n;
  expect(compute({ nrAccesses: { min: 10n, max: 20n } })).toBe(100n);
  expect(compute({ nrAccesses: { min: 8n, max: 8n } })).toBe(1000n);
  // Ten seconds.
  expect(compute({ ageIntervals: { min: 100n, max: MAX } })).toBe(10n);
});

test('in the same intervals it is what the kernel compares, number by number', () => {
  const bound = fc.nat(25).map(BigInt);
  fc.assert(
    fc.property(fc.nat(20), fc.nat(25), bound, bound, bound, bound, (accesses, age, ...limits) => {
      const [a, b, c, d] = limits;
      const pattern = {
        ...ANY_PATTERN,
        nrAccesses: { min: a, max: b },
        ageIntervals: { min: c, max: d },
      };
      const isFitting = a <= accesses && accesses <= b && c <= age && age <= d;
      const found = computeMatching(makeRegions([1, accesses, age]), pattern, {
        wanted: USUAL,
        seen: USUAL,
      });
      expect(found.nrRegions).toBe(isFitting ? 1 : 0);
    }),
  );
});
