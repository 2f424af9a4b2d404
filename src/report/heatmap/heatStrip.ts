import { HIGH_HALF, LOW_HALF, createHalvesViewer } from '../../base/uint64Halves.ts';
import type { RegionColumns } from '../../damon/snapshot.ts';
import type { AddressRange } from './heatMatrix.ts';

/** Some regions of a snapshot. */
export interface RegionPart {
  readonly regions: RegionColumns;
  readonly from: number;
  readonly to: number;
}

/**
 * What regions say of the address cells of a grid, summed up by weight. A region takes the same time
 * however many cells it covers: where it covers whole ones only the change at its ends is noted.
 */
export interface HeatStrip {
  /** Between two takes, weights are whole numbers and sums below 2^53, or there is one weight. */
  add(part: RegionPart, weight: number): void;
  /**
   * Tells what was added and forgets it. Of each cell that was seen: the mean of its accesses, and
   * the sum of bytes times weight.
   */
  take(use: (cell: number, mean: number, observed: number) => void): void;
}

/** By cell, what regions say that cover a part of it, relative to the first: a constant stays exact. */
interface CellParts {
  readonly samples: Float64Array;
  readonly excess: Float64Array;
  readonly area: Float64Array;
}

function addPart(
  { samples, excess, area }: CellParts,
  cell: number,
  seen: number,
  partArea: number,
): void {
  if (area[cell] === 0) samples[cell] = seen;
  excess[cell] = (excess[cell] ?? 0) + (seen - (samples[cell] ?? 0)) * partArea;
  area[cell] = (area[cell] ?? 0) + partArea;
}

/** Offsets from the range's start are exact below 2^53 bytes, which is every real address range. */
export function createHeatStrip(range: AddressRange, nrCells: number): HeatStrip {
  const span = Number(range.endAddr - range.startAddr);
  const cellBytes = span / nrCells;
  const baseHigh = Number(range.startAddr >> 32n);
  const baseLow = Number(range.startAddr & 0xffff_ffffn);
  const columns = {
    parts: {
      samples: new Float64Array(nrCells),
      excess: new Float64Array(nrCells),
      area: new Float64Array(nrCells),
    },
    /** How much the weight, and samples times weight, of regions over whole cells change there. */
    weightChanges: new Float64Array(nrCells + 1),
    samplesChanges: new Float64Array(nrCells + 1),
  };
  let firstCell = nrCells;
  let endCell = 0;
  const viewStarts = createHalvesViewer();
  const viewEnds = createHalvesViewer();

  return {
    add: ({ regions: { startAddr, endAddr, nrAccesses }, from, to }, weight) => {
      const starts = viewStarts(startAddr);
      const ends = viewEnds(endAddr);
      // What is outside of the function is looked up anew at each use.
      const [highHalf, lowHalf] = [HIGH_HALF, LOW_HALF];
      const [high0, low0, bytes, range, most] = [baseHigh, baseLow, cellBytes, span, nrCells];
      const { parts, weightChanges, samplesChanges } = columns;
      let lowest = firstCell;
      let highest = endCell;
      // Mostly a region begins where the one before it ends: one division is saved.
      let previousEnd = NaN;
      let previousCells = NaN;
      for (let index = from; index < to; index++) {
        const high = 2 * index + highHalf;
        const low = 2 * index + lowHalf;
        const start = ((starts[high] ?? 0) - high0) * 0x1_0000_0000 + ((starts[low] ?? 0) - low0);
        const end = ((ends[high] ?? 0) - high0) * 0x1_0000_0000 + ((ends[low] ?? 0) - low0);
        if (end <= 0 || start >= range || end <= start) continue;
        const begin = start > 0 ? start : 0;
        const stop = end < range ? end : range;
        const samples = nrAccesses[index] ?? 0;
        const beginCells = begin === previousEnd ? previousCells : begin / bytes;
        const stopCells = stop / bytes;
        previousEnd = stop;
        previousCells = stopCells;
        // Neither is negative, nor beyond 2^31: this is the floor, as an integer of the machine.
        const beginCell = beginCells | 0;
        const stopCell = stopCells | 0;
        const first = beginCell < most ? beginCell : most - 1;
        const last = stopCell < stopCells && stopCell < most ? stopCell : stopCell - 1;
        if (first < lowest) lowest = first;
        if (last >= highest) highest = last + 1;
        if (first >= last) {
          addPart(parts, first, samples, (stop - begin) * weight);
          continue;
        }
        addPart(parts, first, samples, ((first + 1) * bytes - begin) * weight);
        addPart(parts, last, samples, (stop - last * bytes) * weight);
        weightChanges[first + 1] = (weightChanges[first + 1] ?? 0) + weight;
        weightChanges[last] = (weightChanges[last] ?? 0) - weight;
        const weighted = samples * weight;
        samplesChanges[first + 1] = (samplesChanges[first + 1] ?? 0) + weighted;
        samplesChanges[last] = (samplesChanges[last] ?? 0) - weighted;
      }
      firstCell = lowest;
      endCell = highest;
    },
    take: (use) => {
      const { parts, weightChanges, samplesChanges } = columns;
      let weight = 0;
      let weightedSamples = 0;
      for (let cell = firstCell; cell < endCell; cell++) {
        weight += weightChanges[cell] ?? 0;
        weightedSamples += samplesChanges[cell] ?? 0;
        const area = parts.area[cell] ?? 0;
        const observed = area + weight * cellBytes;
        if (observed === 0) continue;
        const base = area === 0 ? weightedSamples / weight : (parts.samples[cell] ?? 0);
        const excess = (parts.excess[cell] ?? 0) + (weightedSamples - base * weight) * cellBytes;
        use(cell, area === 0 ? base : base + excess / observed, observed);
      }
      for (const column of [weightChanges, samplesChanges, parts.excess, parts.area]) {
        column.fill(0, firstCell, endCell + 1);
      }
      firstCell = nrCells;
      endCell = 0;
    },
  };
}
