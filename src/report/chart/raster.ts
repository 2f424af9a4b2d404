import type { HeatMatrix } from '../heatmap/heatMatrix.ts';
import { BLANK_LEVEL, HIGHEST_LEVEL, LOWEST_LEVEL } from './colorMap.ts';

/** A picture of colour levels, rows from the top. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly levels: Uint8Array;
}

/** The highest observed value; 0 when nothing was observed. */
export function computeHighestValue(values: Float64Array): number {
  let highest = 0;
  for (const value of values) if (value > highest) highest = value;
  return highest;
}

export function hasUnobserved(values: Float64Array): boolean {
  return values.some((value) => Number.isNaN(value));
}

/** One pixel per cell: time to the right, addresses upwards. `highest` gets the brightest colour. */
export function computeHeatRaster(
  matrix: Pick<HeatMatrix, 'nrTimes' | 'nrAddresses' | 'values'>,
  highest: number,
): Raster {
  const { nrTimes, nrAddresses, values } = matrix;
  const levels = new Uint8Array(nrTimes * nrAddresses);
  const scale = highest > 0 ? (HIGHEST_LEVEL - LOWEST_LEVEL) / highest : 0;
  for (let time = 0; time < nrTimes; time += 1) {
    for (let address = 0; address < nrAddresses; address += 1) {
      const value = values[time * nrAddresses + address] ?? NaN;
      const row = nrAddresses - 1 - address;
      const level = LOWEST_LEVEL + Math.round(Math.min(Math.max(value, 0), highest) * scale);
      levels[row * nrTimes + time] = Number.isNaN(value) ? BLANK_LEVEL : level;
    }
  }
  return { width: nrTimes, height: nrAddresses, levels };
}

/** All observed levels, the highest at the top: the legend's bar. */
export function computeScaleRaster(): Raster {
  const levels = new Uint8Array(HIGHEST_LEVEL - LOWEST_LEVEL + 1);
  for (let row = 0; row < levels.length; row += 1) levels[row] = HIGHEST_LEVEL - row;
  return { width: 1, height: levels.length, levels };
}
