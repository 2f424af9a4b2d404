import { expect, test } from 'vitest';
import { computeHeatRaster, computeHighestValue } from '../../../src/report/chart/raster.ts';
import { stairMatrix } from '../../support/heatMatrices.ts';

test('time runs to the right, addresses upwards, unobserved cells are blank', () => {
  const matrix = {
    ...stairMatrix(3, 2),
    // By time, then address: the first moment has 0 below and 100 above.
    values: Float64Array.of(0, 100, 50, NaN, 25, 200),
  };
  expect([...computeHeatRaster(matrix, 200).levels]).toEqual([128, 0, 255, 1, 65, 33]);
});

test('a matrix without any access has the lowest colour everywhere', () => {
  const matrix = { ...stairMatrix(2, 2), values: new Float64Array(4) };
  expect(computeHighestValue(matrix.values)).toBe(0);
  expect([...computeHeatRaster(matrix, 0).levels]).toEqual([1, 1, 1, 1]);
});
