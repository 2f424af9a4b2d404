import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { mergeRegions } from '../../src/simulator/aggregation.ts';
import { PAGE_BYTES, RegionSet } from '../../src/simulator/regionSet.ts';
import type { Range } from '../../src/simulator/regionSet.ts';

function listRanges(regions: RegionSet): Range[] {
  return Array.from({ length: regions.count }, (_, index) => ({
    start: regions.columns.start[index]!,
    end: regions.columns.end[index]!,
  }));
}

function expectSound(regions: RegionSet): void {
  const ranges = listRanges(regions);
  ranges.forEach(({ start, end }, index) => {
    expect(end).toBeGreaterThan(start);
    expect(start % PAGE_BYTES).toBe(0);
    if (index > 0) expect(start).toBeGreaterThanOrEqual(ranges[index - 1]!.end);
  });
}

/** Ascending ranges with gaps, in pages. */
const rangesOfPages = fc
  .array(
    fc.record({ gap: fc.integer({ min: 0, max: 50 }), pages: fc.integer({ min: 1, max: 5000 }) }),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((parts) => {
    let page = 1;
    return parts.map(({ gap, pages }) => {
      const start = page + gap;
      page = start + pages;
      return { start: start * PAGE_BYTES, end: page * PAGE_BYTES };
    });
  });

describe('regions', () => {
  test('stay sorted, disjoint and page aligned, cover the same bytes and keep to their limits', () => {
    const rounds = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rangesOfPages, rounds, fc.integer(), (ranges, accesses, seed) => {
        const regions = new RegionSet();
        const random = createRandom(seed);
        regions.reset(ranges);
        const bytes = regions.totalBytes();
        const limits = { minNrRegions: 10, maxNrRegions: 60, maxNrAccesses: 20 };
        for (const hot of accesses) {
          for (let i = 0; i < regions.count; i++) {
            regions.columns.nrAccesses[i] = random.below(hot + 1);
          }
          mergeRegions([regions], limits);
          expectSound(regions);
          expect(regions.count).toBeLessThanOrEqual(Math.max(60, ranges.length));
          regions.startAggregation();
          if (regions.count <= 30) regions.split(2, random);
          expectSound(regions);
          expect(regions.totalBytes()).toBe(bytes);
        }
      }),
    );
  });

  test('fitting to new ranges covers exactly those', () => {
    fc.assert(
      fc.property(rangesOfPages, rangesOfPages, fc.integer(), (before, after, seed) => {
        const regions = new RegionSet();
        regions.reset(before);
        regions.split(3, createRandom(seed));
        regions.fitTo(after);
        expectSound(regions);
        const bytes = after.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(regions.totalBytes()).toBe(bytes);
        expect(listRanges(regions)[0]!.start).toBe(after[0]!.start);
        expect(listRanges(regions).at(-1)!.end).toBe(after.at(-1)!.end);
      }),
    );
  });

  test('an even split gives pieces of nearly the same size that cover the whole', () => {
    const regions = new RegionSet();
    regions.reset([{ start: 0x1000, end: 0x1000 + 1003 * PAGE_BYTES }]);
    regions.splitEvenly(regions.totalBytes() / 10);
    expect(regions.count).toBe(10);
    expect(regions.totalBytes()).toBe(1003 * PAGE_BYTES);
    expectSound(regions);
  });

  test('age grows while the accesses stay alike and starts anew when they change', () => {
    const regions = new RegionSet();
    regions.reset([
      { start: 0, end: 4096 },
      { start: 8192, end: 12288 },
    ]);
    const aggregate = (first: number, second: number): number[] => {
      regions.columns.nrAccesses.set([first, second]);
      regions.merge(1, 2 ** 40, true);
      regions.startAggregation();
      return [...regions.columns.age.subarray(0, 2)];
    };
    expect(aggregate(0, 20)).toEqual([1, 0]);
    expect(aggregate(0, 19)).toEqual([2, 1]);
    // From none to one access is a change, however small.
    expect(aggregate(1, 19)).toEqual([0, 2]);
  });

  test('merging weighs accesses and ages by size', () => {
    const regions = new RegionSet();
    regions.reset([
      { start: 0, end: 4096 },
      { start: 4096, end: 16384 },
    ]);
    regions.columns.nrAccesses.set([10, 14]);
    regions.columns.age.set([40, 80]);
    regions.merge(4, 2 ** 40, false);
    expect(regions.count).toBe(1);
    expect(regions.columns.nrAccesses[0]).toBe(13);
    expect(regions.columns.age[0]).toBe(70);
  });
});
