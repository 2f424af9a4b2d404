import { computeHighestValue } from '../report/chart/raster.ts';
import type { HeatWindow } from './heatWindow.ts';

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/**
 * Value of the brightest colour: the most there can be, or a round share of it where nothing is
 * nearly as hot. In steps, so that colours do not change with each moment.
 */
export function chooseTop({ values, maxValue }: Pick<HeatWindow, 'values' | 'maxValue'>): number {
  if (maxValue <= 0) return 1;
  const share = computeHighestValue(values) / maxValue;
  const step = share === 0 ? 1 : (STEPS.find((candidate) => share <= candidate) ?? 1);
  return maxValue * step;
}

const UNITS = { hz: 'Hz', samples: 'accesses per aggregation' } as const;

/** "120 Hz". */
export function formatHeat(value: number, unit: HeatWindow['unit']): string {
  return `${Number(value.toPrecision(3))} ${UNITS[unit]}`;
}
