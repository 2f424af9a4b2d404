import { expect, test } from 'vitest';
import { createExactSums, readSum } from '../../src/metrics/exactSums.ts';
import {
  addBucketsTo,
  addProductTo,
  createRegionTally,
  createThresholds,
  tallyRegions,
} from '../../src/metrics/regionTally.ts';
import { makeRegions } from '../support/observations.ts';
import type { RegionRow } from '../support/observations.ts';

const PLAN = {
  access: createThresholds(Float64Array.of(0, 10, Infinity)),
  idle: createThresholds(Float64Array.of(0, 1023, 1024, 100_000)),
  maxNrAccesses: 20,
  wssThresholdSamples: 2,
};

test.each([
  ['small regions of small ages', 4096n, 7],
  ['4 GiB of the largest age that is one product', 2n ** 32n - 1n, 2 ** 20 - 1],
  ['4 GiB of the first age that is two', 2n ** 32n - 1n, 2 ** 20],
  ['4 GiB of the largest age', 2n ** 32n - 1n, 2 ** 32 - 1],
  ['half of all addresses of the largest age that is one product', 2n ** 63n, 2 ** 20 - 1],
  ['a 10,000th of all addresses of the largest age', 2n ** 64n / 10_000n, 2 ** 32 - 1],
])('ten thousand times %s is summed to the last byte', (_title, size, age) => {
  const rows = Array.from({ length: 10_000 }, (): RegionRow => [0n, size, 0, age]);
  const tally = createRegionTally(3, 4);
  tallyRegions(tally, makeRegions([...rows, [0n, 1n, 0, 1]]), PLAN);
  const sums = createExactSums(1);
  addProductTo(sums, 0, tally.idleProduct, 3);
  expect(readSum(sums, 0)).toBe((10_000n * size * BigInt(age) + 1n) * 3n);
});

test('values beside a bound, tabulated or not, fall on its two sides', () => {
  const tally = createRegionTally(3, 4);
  const ages = [0, 1, 1023, 1024, 1025, 100_000, 100_001, 2 ** 32 - 1];
  const rows = ages.map((age, at): RegionRow => [0n, 1n << BigInt(4 * at), 0, age]);
  tallyRegions(tally, makeRegions([...rows, [0n, 1n << 40n, 10, 5], [0n, 1n << 44n, 11, 5]]), PLAN);
  const idle = createExactSums(5);
  const access = createExactSums(4);
  addBucketsTo(idle, tally.idleBytes, 1);
  addBucketsTo(access, tally.accessBytes, 1);
  expect([0, 1, 2, 3, 4].map((bucket) => readSum(idle, bucket))).toEqual([
    (1n << 44n) + (1n << 40n) + 1n,
    0x110n,
    0x1000n,
    0x11_0000n,
    0x1100_0000n,
  ]);
  expect([0, 1, 2, 3].map((bucket) => readSum(access, bucket))).toEqual([
    0x1111_1111n,
    1n << 40n,
    1n << 44n,
    0n,
  ]);
});

test('the working set begins at the asked number of accesses', () => {
  const tally = createRegionTally(3, 4);
  const rows: RegionRow[] = [
    [0n, 100n, 1, 0],
    [100n, 300n, 2, 0],
    [300n, 1000n, 50, 0],
  ];
  tallyRegions(tally, makeRegions(rows), PLAN);
  expect([...tally.wssBytes]).toEqual([0, 900]);
  tallyRegions(tally, makeRegions(rows), { ...PLAN, wssThresholdSamples: 0 });
  expect([...tally.wssBytes]).toEqual([0, 1000]);
});
