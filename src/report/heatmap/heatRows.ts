import type { HeatGrid } from './heatGrid.ts';
import { createHeatStrip } from './heatStrip.ts';
import type { RegionPart } from './heatStrip.ts';

/** Weighted sums by cell. */
export interface HeatSums {
  /** The first value of the cell: sums are relative to it, so that a constant stays exact. */
  readonly reference: Float64Array;
  readonly excess: Float64Array;
  /** Observed nanoseconds times bytes. */
  readonly area: Float64Array;
}

/** Sums up what regions were seen when, in the cells of a grid. */
export interface HeatRows {
  /** From and to count from the start of the grid; accesses are taken times `scale`. */
  add(
    part: RegionPart,
    span: { readonly fromNs: number; readonly toNs: number },
    scale: number,
  ): void;
  /** After the last. */
  finish(): HeatSums;
}

/** Sums of whole numbers are exact below 2^53. */
const MAX_EXACT_SUM = 2 ** 52;

/** No sum of accesses of these regions, and no count of them, is larger. */
function boundSamples({ regions: { nrAccesses }, from, to }: RegionPart): number {
  let most = 1;
  for (let index = from; index < to; index++) {
    const samples = nrAccesses[index] ?? 0;
    if (samples > most) most = samples;
  }
  return (to - from) * most;
}

/**
 * Snapshots that lie in the same row are added up by region, and given to its cells together. Memory:
 * three numbers for each cell. Time: regions, and cells for each row touched.
 */
export function createHeatRows({
  timeRange,
  addressRange,
  nrTimes,
  nrAddresses,
}: HeatGrid): HeatRows {
  const nrCells = nrTimes * nrAddresses;
  const reference = new Float64Array(nrCells);
  const excess = new Float64Array(nrCells);
  const area = new Float64Array(nrCells);
  const strip = createHeatStrip(addressRange, nrAddresses);
  const spanNs = Number(timeRange.endNs - timeRange.startNs);
  const rowNs = spanNs / nrTimes;
  /** Where that belongs what is in the strip, and how large a sum of it may be. */
  let stripRow = 0;
  let stripScale = 1;
  let stripBound = 0;

  const settle = (weightNs: number): void => {
    const rowStart = stripRow * nrAddresses;
    const scale = stripScale;
    strip.take((cell, mean, observed) => {
      const at = rowStart + cell;
      const seen = mean * scale;
      const observedArea = observed * weightNs;
      if (area[at] === 0) reference[at] = seen;
      excess[at] = (excess[at] ?? 0) + (seen - (reference[at] ?? 0)) * observedArea;
      area[at] = (area[at] ?? 0) + observedArea;
    });
    stripBound = 0;
  };

  const addToRow = (row: number, part: RegionPart, durationNs: number, scale: number): void => {
    const bound = boundSamples(part) * durationNs;
    const isExact = bound <= MAX_EXACT_SUM && Number.isInteger(durationNs);
    const isTogether =
      isExact && row === stripRow && scale === stripScale && stripBound + bound <= MAX_EXACT_SUM;
    if (!isTogether) settle(1);
    stripRow = row;
    stripScale = scale;
    strip.add(part, isExact ? durationNs : 1);
    stripBound += bound;
    if (!isExact) settle(durationNs);
  };

  return {
    add: (part, { fromNs, toNs }, scale) => {
      const from = Math.max(fromNs, 0);
      const to = Math.min(toNs, spanNs);
      if (to <= from) return;
      const last = Math.min(Math.ceil(to / rowNs), nrTimes) - 1;
      for (let row = Math.min(Math.floor(from / rowNs), nrTimes - 1); row <= last; row++) {
        const durationNs = Math.min(to, (row + 1) * rowNs) - Math.max(from, row * rowNs);
        if (durationNs > 0) addToRow(row, part, durationNs, scale);
      }
    },
    finish: () => {
      settle(1);
      return { reference, excess, area };
    },
  };
}
