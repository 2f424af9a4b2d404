import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  computeAccessRatio,
  computeColdBytes,
  computeIdleUs,
  computeMaxNrAccesses,
  computeMonitoredBytes,
  computeWssBytes,
} from '../../src/damon/derive.ts';
import { makeRegions } from '../support/observations.ts';
import type { RegionRow } from '../support/observations.ts';

const GIB = 1n << 30n;

describe('working set and monitored bytes', () => {
  test.each<[string, RegionRow[], number, bigint, bigint]>([
    ['no regions', [], 1, 0n, 0n],
    ['only idle regions', [[0n, GIB, 0, 9]], 1, 0n, GIB],
    ['one access is enough', [[0n, 4096n, 1, 0]], 1, 4096n, 4096n],
    ['fewer accesses than the threshold', [[0n, 4096n, 4, 0]], 5, 0n, 4096n],
    ['as many accesses as the threshold', [[0n, 4096n, 5, 0]], 5, 4096n, 4096n],
    [
      'a region across a 4 GiB border, whose low half falls',
      [[4n * GIB - 4096n, 4n * GIB + 4096n, 1, 0]],
      1,
      8192n,
      8192n,
    ],
    [
      'a gap of a sparse address space that no double holds',
      [
        [4096n, (1n << 57n) - 4096n, 0, 1],
        [(1n << 57n) - 4096n, (1n << 57n) - 4095n, 3, 1],
      ],
      1,
      1n,
      (1n << 57n) - 8191n,
    ],
    [
      'the whole of 64 bits but its last byte',
      [[0n, (1n << 64n) - 1n, 1, 1]],
      1,
      (1n << 64n) - 1n,
      (1n << 64n) - 1n,
    ],
  ])('%s', (_title, rows, threshold, wssBytes, monitoredBytes) => {
    const regions = makeRegions(rows);
    expect(computeWssBytes(regions, threshold)).toBe(wssBytes);
    expect(computeMonitoredBytes(regions)).toBe(monitoredBytes);
  });

  test('entries beyond count are not regions', () => {
    const regions = {
      ...makeRegions([
        [0n, 1n, 1, 1],
        [1n, 5n, 1, 1],
      ]),
      count: 1,
    };
    expect(computeMonitoredBytes(regions)).toBe(1n);
  });

  test('columns that start in the middle of a buffer are read from there', () => {
    const { startAddr, endAddr, nrAccesses, ageIntervals } = makeRegions([
      [0n, 7n, 1, 1],
      [10n, 12n, 1, 1],
    ]);
    const second = {
      count: 1,
      startAddr: startAddr.subarray(1),
      endAddr: endAddr.subarray(1),
      nrAccesses: nrAccesses.subarray(1),
      ageIntervals: ageIntervals.subarray(1),
    };
    expect(computeWssBytes(second)).toBe(2n);
  });
});

const anyRow = fc
  .tuple(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.nat(2000),
    fc.nat(100_000),
  )
  .map(([left, right, nrAccesses, age]): RegionRow =>
    left < right ? [left, right, nrAccesses, age] : [right, left, nrAccesses, age],
  );

test('both sums equal those of plain bigint arithmetic, in any order of regions', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 50 }), fc.nat(20), (rows, threshold) => {
      const sum = (chosen: readonly RegionRow[]): bigint =>
        chosen.reduce((total, [start, end]) => total + end - start, 0n);
      const regions = makeRegions(rows);
      const wssBytes = computeWssBytes(regions, threshold);
      expect(wssBytes).toBe(sum(rows.filter(([, , nrAccesses]) => nrAccesses >= threshold)));
      expect(computeMonitoredBytes(regions)).toBe(sum(rows));
      expect(wssBytes).toBe(computeWssBytes(makeRegions(rows.toReversed()), threshold));
    }),
  );
});

test.each([
  [100_000, 5000, 20],
  [8_000_000, 400_000, 20],
  [100_000, 30_000, 3],
  [5000, 10_000, 1],
])(
  'aggregating %i us of samples each %i us counts at most %i accesses',
  (aggr, sample, expected) => {
    expect(computeMaxNrAccesses(aggr, sample)).toBe(expected);
  },
);

test.each([
  [0, 20, 0],
  [5, 20, 0.25],
  [20, 20, 1],
  [27, 20, 1],
])('%i accesses of %i are a ratio of %d', (nrAccesses, max, expected) => {
  expect(computeAccessRatio(nrAccesses, max)).toBe(expected);
});

test.each([
  [0, 7, 100_000, 700_000],
  [1, 7, 100_000, 0],
  [0, 0, 100_000, 0],
])('%i accesses, age %i of %i us: idle for %i us', (nrAccesses, age, aggr, expected) => {
  expect(computeIdleUs(nrAccesses, age, aggr)).toBe(expected);
});

describe('cold bytes', () => {
  const regions = makeRegions([
    [0n, 4096n, 0, 2],
    [4096n, 12_288n, 0, 3],
    [12_288n, GIB, 1, 900],
    [(1n << 57n) - 8n, 1n << 57n, 0, 4_294_967_295],
  ]);

  test.each<[string, number, number, bigint]>([
    ['all that is not accessed is idle for at least nothing', 0, 100_000, 4096n + 8192n + 8n],
    ['an age that gives just the time', 300_000, 100_000, 8192n + 8n],
    ['a time between two ages is not reached by the lower', 200_001, 100_000, 8192n + 8n],
    ['the same ages under a longer interval', 300_000, 150_000, 4096n + 8192n + 8n],
    ['longer than most', 400_000, 100_000, 8n],
    ['longer than any age', 5e14, 100_000, 0n],
  ])('%s', (_title, minIdleUs, aggrIntervalUs, coldBytes) => {
    expect(computeColdBytes(regions, minIdleUs, aggrIntervalUs)).toBe(coldBytes);
  });
});
