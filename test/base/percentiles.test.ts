import { expect, test } from 'vitest';
import {
  checkPercentiles,
  percentileIndex,
  selectPercentiles,
} from '../../src/base/percentiles.ts';

test('percentiles are found by count, without interpolation', () => {
  expect([0, 24, 25, 50, 99, 100].map((percentile) => percentileIndex(percentile, 4))).toEqual([
    0, 0, 1, 2, 3, 3,
  ]);
});

test('percentiles come in the order asked for; there are none of nothing', () => {
  expect(selectPercentiles(Float64Array.of(10, 20, 30), [100, 0, 50])).toEqual([
    { percentile: 100, value: 30 },
    { percentile: 0, value: 10 },
    { percentile: 50, value: 20 },
  ]);
  expect(selectPercentiles(new Float64Array(), [0, 100])).toEqual([]);
});

test('a percentile beyond 100 is refused', () => {
  expect(() => checkPercentiles([0, 125])).toThrow(
    '--range: found percentile 125, expected 0 to 100',
  );
});
