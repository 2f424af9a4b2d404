import type { RegionColumns } from '../damon/snapshot.ts';
import type { AddressCells } from '../metrics/addressCells.ts';
import { projectRegions } from './projectRegions.ts';

/** How a target was before it was watched. */
export interface PastColumn {
  /** Before the end of the snapshot: from, and up to. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Mean accesses of each row over what is known of it; NaN where nothing is. */
  readonly nrAccesses: Float64Array;
}

/** Finer where more of what was is still known. */
const STEPS = [
  { untilSeconds: 60, stepSeconds: 2 },
  { untilSeconds: 600, stepSeconds: 15 },
  { untilSeconds: 3600, stepSeconds: 120 },
] as const;

/** Ends of the steps, counted back in seconds. */
function listStepEnds(): number[] {
  const ends: number[] = [];
  let at = 0;
  for (const { untilSeconds, stepSeconds } of STEPS) {
    while (at < untilSeconds) ends.push((at += stepSeconds));
  }
  return ends;
}

/**
 * A region's age says since when it has been accessed as it is now: what the memory looked like
 * before anybody watched, going back as far as that is known, the newest first. What is true of only
 * a part of a step is left out.
 */
export function computePastColumns(
  cells: AddressCells,
  regions: RegionColumns,
  aggrIntervalUs: number,
): PastColumn[] {
  const stepEnds = listStepEnds();
  const nrRows = cells.starts.length;
  const heat = new Float64Array(stepEnds.length * nrRows);
  const bytes = new Float64Array(stepEnds.length * nrRows);
  let nrKnown = 0;
  let agedRegion = -1;
  let nrSteps = 0;
  projectRegions(cells, regions, (row, region, overlap) => {
    if (region !== agedRegion) {
      agedRegion = region;
      const ageSeconds = ((regions.ageIntervals[region] ?? 0) * aggrIntervalUs) / 1e6;
      nrSteps = countSteps(stepEnds, ageSeconds);
      nrKnown = Math.max(nrKnown, nrSteps);
    }
    if (nrSteps === 0) return;
    const at = (nrSteps - 1) * nrRows + row;
    heat[at] = (heat[at] ?? 0) + overlap * (regions.nrAccesses[region] ?? 0);
    bytes[at] = (bytes[at] ?? 0) + overlap;
  });
  addOlder(heat, nrRows, nrKnown);
  addOlder(bytes, nrRows, nrKnown);
  return Array.from({ length: nrKnown }, (_, step) => {
    const from = step * nrRows;
    const means = heat
      .subarray(from, from + nrRows)
      .map((sum, row) => sum / (bytes[from + row] ?? 0));
    return {
      fromSeconds: stepEnds[step] ?? 0,
      toSeconds: stepEnds[step - 1] ?? 0,
      nrAccesses: means,
    };
  });
}

/** Steps that end within this age. */
function countSteps(stepEnds: readonly number[], ageSeconds: number): number {
  let low = 0;
  let high = stepEnds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stepEnds[middle] ?? 0) <= ageSeconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What has been so for many steps has been so for each fewer. */
function addOlder(sums: Float64Array, nrRows: number, nrSteps: number): void {
  for (let at = (nrSteps - 1) * nrRows - 1; at >= 0; at -= 1) {
    sums[at] = (sums[at] ?? 0) + (sums[at + nrRows] ?? 0);
  }
}
