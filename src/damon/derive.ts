import { HIGH_HALF, joinUint64Halves, LOW_HALF, viewUint64Halves } from '../base/uint64Halves.ts';
import type { RegionColumns } from './snapshot.ts';

/**
 * Bytes in regions with at least `thresholdSamples` accesses. Exact for every address space: high
 * and low halves are summed apart, and a sum of 32-bit numbers in a double is exact for two million
 * regions.
 */
export function computeWssBytes(regions: RegionColumns, thresholdSamples = 1): bigint {
  const { count, nrAccesses } = regions;
  const start = viewUint64Halves(regions.startAddr);
  const end = viewUint64Halves(regions.endAddr);
  let high = 0;
  let low = 0;
  for (let index = 0; index < count; index++) {
    if ((nrAccesses[index] ?? 0) < thresholdSamples) continue;
    const pair = index * 2;
    high += (end[pair + HIGH_HALF] ?? 0) - (start[pair + HIGH_HALF] ?? 0);
    low += (end[pair + LOW_HALF] ?? 0) - (start[pair + LOW_HALF] ?? 0);
  }
  return joinUint64Halves(high, low);
}

/**
 * Bytes in regions without any access for at least this long, exact as `computeWssBytes` is. A
 * region that was accessed in the last aggregation is not idle, however short the time.
 */
export function computeColdBytes(
  regions: RegionColumns,
  minIdleUs: number,
  aggrIntervalUs: number,
): bigint {
  const minAgeIntervals = Math.ceil(minIdleUs / aggrIntervalUs);
  const { count, nrAccesses, ageIntervals } = regions;
  const start = viewUint64Halves(regions.startAddr);
  const end = viewUint64Halves(regions.endAddr);
  let high = 0;
  let low = 0;
  for (let index = 0; index < count; index++) {
    const isCold = nrAccesses[index] === 0 && (ageIntervals[index] ?? 0) >= minAgeIntervals;
    if (!isCold) continue;
    const pair = index * 2;
    high += (end[pair + HIGH_HALF] ?? 0) - (start[pair + HIGH_HALF] ?? 0);
    low += (end[pair + LOW_HALF] ?? 0) - (start[pair + LOW_HALF] ?? 0);
  }
  return joinUint64Halves(high, low);
}

/** Bytes in all regions, accessed or not. */
export function computeMonitoredBytes(regions: RegionColumns): bigint {
  return computeWssBytes(regions, 0);
}

/**
 * The largest `nrAccesses` the kernel can count in one aggregation: samples per aggregation, at
 * least 1.
 *
 * Source: mm/damon/core.c, damon_max_nr_accesses().
 */
export function computeMaxNrAccesses(aggrIntervalUs: number, sampleIntervalUs: number): number {
  return Math.max(1, Math.floor(aggrIntervalUs / Math.max(1, sampleIntervalUs)));
}

/**
 * Share of samples that found an access, 0 to 1. Regions from before an interval change may carry
 * more accesses than the new maximum; they count as 1.
 */
export function computeAccessRatio(nrAccesses: number, maxNrAccesses: number): number {
  return Math.min(1, nrAccesses / maxNrAccesses);
}

/** How long a region has gone without an access, in microseconds; 0 while it is being accessed. */
export function computeIdleUs(
  nrAccesses: number,
  ageIntervals: number,
  aggrIntervalUs: number,
): number {
  return nrAccesses > 0 ? 0 : ageIntervals * aggrIntervalUs;
}
