import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFitting, layCells, listRanges } from '../../src/metrics/addressCells.ts';
import type { Range } from '../../src/metrics/addressCells.ts';
import { makeRegions } from '../support/observations.ts';

const PAGE = 4096;
const MIB = 2 ** 20;
const TIB = 2 ** 40;

function lay(ranges: readonly Range[], nrCells: number): Range[] {
  const cells = layCells(ranges, nrCells);
  return [...(cells?.starts ?? [])].map((start, index) => ({ start, end: cells!.ends[index]! }));
}

/** Start and size. */
function range(start: number, size: number): Range {
  return { start, end: start + size };
}

test('ranges are regions without their borders, gaps between', () => {
  const regions = makeRegions([
    [0n, 4096n, 0, 0],
    [4096n, 8192n, 3, 0],
    [1n << 40n, (1n << 40n) + 4096n, 0, 0],
    [(1n << 63n) - 4096n, 1n << 63n, 0, 0],
  ]);
  expect(listRanges(regions)).toEqual([
    range(0, 8192),
    range(TIB, 4096),
    range(2 ** 63 - 4096, 4096),
  ]);
  expect(listRanges(makeRegions([]))).toEqual([]);
});

test('one range is cut into equal cells', () => {
  expect(lay([range(16 * MIB, 4 * MIB)], 4)).toEqual(
    [16, 17, 18, 19].map((mib) => range(mib * MIB, MIB)),
  );
});

test('a process has cells on heap, mappings and stack, and none on the 42 TiB between', () => {
  const heap = range(0x5500_0000_0000, 100 * MIB);
  const mappings = range(0x7f00_0000_0000, 900 * MIB);
  const stack = range(0x7ffc_0000_0000, 132 * 1024);
  const cells = lay([heap, mappings, stack], 64);
  expect(cells).toHaveLength(64);
  const on = ({ start, end }: Range) => cells.filter((c) => c.start >= start && c.end <= end);
  expect([heap, mappings, stack].map((one) => on(one).length)).toEqual([7, 56, 1]);
  expect(cells.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(1000 * MIB + 132 * 1024);
});

test('more ranges than cells: the smallest gaps are closed', () => {
  const pages = [0, 2, 3, 10, 14].map((page) => range(page * PAGE, PAGE));
  expect(lay(pages, 3)).toEqual([
    range(0, 4 * PAGE),
    range(10 * PAGE, PAGE),
    range(14 * PAGE, PAGE),
  ]);
});

test('a cell is no smaller than a page, its edges are whole pages', () => {
  expect(lay([range(PAGE, 2 * PAGE)], 64)).toEqual([range(PAGE, PAGE), range(2 * PAGE, PAGE)]);
  expect(lay([range(PAGE + 1, 10)], 64)).toEqual([range(PAGE, PAGE)]);
});

test('without memory there are no cells', () => {
  expect(layCells([], 64)).toBeUndefined();
});

test('the same cells have the same layout, others another', () => {
  const layout = (size: number) => layCells([range(0, size)], 8)?.layout;
  expect(layout(MIB)).toMatch(/^[0-9a-f]{8}$/);
  expect(layout(MIB)).toBe(layout(MIB));
  expect(layout(MIB)).not.toBe(layout(2 * MIB));
});

test('cells of any ranges are few, apart, whole pages, and cover all that is monitored', () => {
  const anyRange = fc.record({
    gap: fc.oneof(fc.constant(0), fc.nat(9000), fc.nat(2 ** 46)),
    size: fc.oneof(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 2 ** 45 })),
  });
  fc.assert(
    fc.property(
      fc.array(anyRange, { minLength: 1 }),
      fc.integer({ min: 1, max: 99 }),
      (drawn, nr) => {
        let at = 0;
        const ranges = drawn.map(({ gap, size }) => {
          const one = range(at + gap, size);
          at = one.end;
          return one;
        });
        const cells = lay(ranges, nr);
        expect(cells.length).toBeLessThanOrEqual(nr);
        cells.forEach(({ start, end }, index) => {
          expect(start % PAGE).toBe(0);
          expect(end % PAGE).toBe(0);
          expect(end).toBeGreaterThan(start);
          expect(start).toBeGreaterThanOrEqual(cells[index - 1]?.end ?? 0);
        });
        for (const { start, end } of ranges) {
          let uncovered = end - start;
          for (const cell of cells) {
            uncovered -= Math.max(Math.min(cell.end, end) - Math.max(cell.start, start), 0);
          }
          expect(uncovered).toBe(0);
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe('cells laid on 64 MiB and, far away, 16 MiB', () => {
  const heap = range(100 * MIB, 64 * MIB);
  const mappings = range(TIB, 16 * MIB);
  const cells = layCells([heap, mappings], 16)!;
  test.each<[string, readonly Range[], boolean]>([
    ['do for just that', [heap, mappings], true],
    ['do when the heap grew by an eighth of all', [range(100 * MIB, 73 * MIB), mappings], true],
    ['do not when it grew by more', [range(100 * MIB, 76 * MIB), mappings], false],
    ['do when mappings grew downwards a little', [heap, range(TIB - MIB, 17 * MIB)], true],
    ['do when less is left, but half', [range(100 * MIB, 24 * MIB), mappings], true],
    ['do not when less than half is left', [range(100 * MIB, 23 * MIB), mappings], false],
    ['do not when everything moved', [range(2 * TIB, 64 * MIB)], false],
    ['do not when there is nothing', [], false],
  ])('%s', (_title, ranges, expected) => {
    expect(isFitting(cells, ranges)).toBe(expected);
  });
});
