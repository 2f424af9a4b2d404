import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../base/uint64Halves.ts';
import { computeMaxNrAccesses } from './derive.ts';
import type { RegionColumns } from './snapshot.ts';
import type { ContextSpec } from './spec.ts';

/** Hits are counted in 8 bits, and wrap. Source: struct damon_region, include/linux/damon.h */
const MAX_COUNTED_SAMPLES = 255;

/** Why probes of a context would tell nothing, or nonsense; the kernel takes them all the same. */
export function findProbesProblem({
  operations,
  intervals,
}: Pick<ContextSpec, 'operations' | 'intervals'>): string | undefined {
  if (operations !== 'paddr') {
    return `the kernel looks at probes in physical memory (paddr) only: with ${operations} they never hit`;
  }
  const samples = computeMaxNrAccesses(intervals.aggrIntervalUs, intervals.sampleIntervalUs);
  if (samples <= MAX_COUNTED_SAMPLES) return undefined;
  return `the kernel counts hits of probes up to ${MAX_COUNTED_SAMPLES}, but an aggregation interval has ${samples} samples`;
}

/** Which regions are told of. */
export interface ProbedRegions {
  /** Undefined: all. */
  readonly isWanted?: (nrAccesses: number, ageIntervals: number) => boolean;
  /** Samples in an aggregation interval. */
  readonly maxNrAccesses: number;
}

/**
 * Bytes of a probe's kind as its samples tell: of each region the share of samples that hit. Whole
 * bytes; undefined without that probe, and where its counters have wrapped.
 */
export function estimateProbeBytes(
  regions: RegionColumns,
  probe: number,
  { isWanted, maxNrAccesses }: ProbedRegions,
): number | undefined {
  const hits = regions.probeHits?.[probe];
  if (hits === undefined || maxNrAccesses > MAX_COUNTED_SAMPLES) return undefined;
  const { count, nrAccesses, ageIntervals } = regions;
  const start = viewUint64Halves(regions.startAddr);
  const end = viewUint64Halves(regions.endAddr);
  let bytes = 0;
  for (let index = 0; index < count; index += 1) {
    const nrHits = hits[index] ?? 0;
    if (nrHits === 0) continue;
    if (isWanted?.(nrAccesses[index] ?? 0, ageIntervals[index] ?? 0) === false) continue;
    const pair = 2 * index;
    const high = (end[pair + HIGH_HALF] ?? 0) - (start[pair + HIGH_HALF] ?? 0);
    const low = (end[pair + LOW_HALF] ?? 0) - (start[pair + LOW_HALF] ?? 0);
    // Just after a change of intervals there may be more hits than samples.
    bytes += (high * 2 ** 32 + low) * Math.min(1, nrHits / maxNrAccesses);
  }
  return Math.round(bytes);
}
