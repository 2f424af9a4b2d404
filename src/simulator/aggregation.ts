import { PAGE_BYTES } from './regionSet.ts';
import type { RegionSet } from './regionSet.ts';

export interface RegionLimits {
  readonly minNrRegions: number;
  readonly maxNrRegions: number;
  /** Samples per aggregation. */
  readonly maxNrAccesses: number;
}

export function countRegions(targets: readonly RegionSet[]): number {
  return targets.reduce((sum, regions) => sum + regions.count, 0);
}

/**
 * Ends the sampling of an aggregation: regions age, and neighbours with similar counts join. The
 * threshold doubles until there are few enough of them.
 */
export function mergeRegions(targets: readonly RegionSet[], limits: RegionLimits): void {
  const totalBytes = targets.reduce((sum, regions) => sum + regions.totalBytes(), 0);
  // No region may grow beyond this, so that at least the minimum number remains.
  const maxRegionBytes = Math.max(PAGE_BYTES, totalBytes / Math.max(1, limits.minNrRegions));
  let threshold = Math.floor(findLargestNrAccesses(targets) / 10);
  let isFirst = true;
  do {
    for (const regions of targets) regions.merge(threshold, maxRegionBytes, isFirst);
    isFirst = false;
    threshold = Math.max(1, threshold * 2);
  } while (countRegions(targets) > limits.maxNrRegions && threshold / 2 < limits.maxNrAccesses);
  for (const regions of targets) regions.settleMovingSums();
}

function findLargestNrAccesses(targets: readonly RegionSet[]): number {
  let largest = 0;
  for (const { columns, count } of targets) {
    for (let i = 0; i < count; i++) largest = Math.max(largest, columns.nrAccesses[i] ?? 0);
  }
  return largest;
}
