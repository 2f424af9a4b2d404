import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aggregate, createSnapshot, createStream, listRows } from '../../support/downsampling.ts';
import type { Row } from '../../support/downsampling.ts';
import { DEFAULT_INTERVALS } from '../../support/generateRecord.ts';

const layout = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.boolean(), fc.nat(20), fc.nat(9)), {
    minLength: 1,
    maxLength: 12,
  })
  .map((pieces) => {
    let at = 0;
    return pieces.flatMap(([size, isMapped, samples, age]): Row[] => {
      const start = at;
      at += size;
      return isMapped ? [[start, at, samples, age]] : [];
    });
  });

/** What was seen of each page: in how many snapshots, and how many accesses in all of them. */
function countPages(layouts: readonly Row[][]): { times: number; accesses: number }[] {
  const pages = Array.from({ length: 400 }, () => ({ times: 0, accesses: 0 }));
  for (const [start, end, samples] of layouts.flat()) {
    for (const page of pages.slice(start, end)) {
      page.times += 1;
      page.accesses += samples;
    }
  }
  return pages;
}

describe('whatever the regions', () => {
  function checkWindows(check: (rows: number[][], layouts: readonly Row[][]) => void): void {
    fc.assert(
      fc.property(fc.array(layout, { minLength: 1, maxLength: 8 }), (layouts) => {
        const stream = createStream(DEFAULT_INTERVALS);
        const snapshots = layouts.map((rows, index) =>
          createSnapshot(stream, BigInt(index) * 100n, rows),
        );
        check(listRows(aggregate(snapshots, 100_000 * layouts.length)[0]!), layouts);
      }),
      { numRuns: 200 },
    );
  }

  const sumPages = (rows: readonly number[][]): number =>
    rows.reduce((sum, [start, end]) => sum + end! - start!, 0);

  test('they ascend, and cover what was seen', () => {
    checkWindows((rows, layouts) => {
      for (const [index, [start, end]] of rows.entries()) {
        expect(end!).toBeGreaterThan(start!);
        if (index > 0) expect(start!).toBeGreaterThanOrEqual(rows[index - 1]![1]!);
      }
      expect(sumPages(rows)).toBe(countPages(layouts).filter(({ times }) => times > 0).length);
    });
  });

  test('the working set is what any snapshot saw accessed', () => {
    checkWindows((rows, layouts) => {
      const accessed = rows.filter(([, , samples]) => samples! > 0);
      const expected = countPages(layouts).filter(({ accesses }) => accesses > 0);
      expect(sumPages(accessed)).toBe(expected.length);
    });
  });

  test('there are no more than before, but where accessed and idle take turns', () => {
    checkWindows((rows, layouts) => {
      const kinds = countPages(layouts).map(({ times, accesses }) =>
        times === 0 ? 'unseen' : accesses > 0 ? 'accessed' : 'idle',
      );
      const nrTurns = kinds.filter(
        (kind, page) => kind !== 'unseen' && kind !== kinds[page - 1],
      ).length;
      const largest = Math.max(...layouts.map((one) => one.length));
      expect(rows.length).toBeLessThanOrEqual(Math.max(largest, nrTurns));
    });
  });

  test('the accesses of all are kept, up to rounding', () => {
    checkWindows((rows, layouts) => {
      const expected = countPages(layouts).reduce(
        (sum, { times, accesses }) => sum + (times === 0 ? 0 : (accesses / times) * layouts.length),
        0,
      );
      const actual = rows.reduce(
        (sum, [start, end, samples]) => sum + (end! - start!) * samples!,
        0,
      );
      expect(Math.abs(actual - expected)).toBeLessThanOrEqual(sumPages(rows));
    });
  });
});
