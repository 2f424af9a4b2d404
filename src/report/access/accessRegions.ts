import type { RecordedSnapshot } from '../../record/recording.ts';
import { computeAggrIntervalUs, computeMaxSamples } from '../snapshotIntervals.ts';

/** One region of a snapshot with what people ask about it. */
export interface AccessRegion {
  readonly startAddr: bigint;
  readonly endAddr: bigint;
  readonly bytes: number;
  readonly nrAccesses: number;
  /** Per cent of the possible accesses, cut to a whole number as damo does. */
  readonly percent: number;
  /** Accesses per second. */
  readonly hz: number;
  /** How long the region has been as it is. */
  readonly ageUs: number;
  /** 0 while it is accessed; else since when it is not, with the interval that found that. */
  readonly idleUs: number;
  /** Larger = hotter; negative = not accessed, and longer. */
  readonly temperature: number;
}

export interface TemperatureWeights {
  readonly size: number;
  readonly accessRate: number;
  readonly age: number;
}

export interface AccessView {
  readonly snapshot: RecordedSnapshot;
  readonly aggrIntervalUs: number;
  readonly sampleIntervalUs: number;
  readonly regions: readonly AccessRegion[];
}

/**
 * The regions of a snapshot in human terms; undefined where the record lacks the intervals, without
 * which neither rates nor ages can be told.
 */
export function viewAccess(
  snapshot: RecordedSnapshot,
  weights: TemperatureWeights,
): AccessView | undefined {
  const aggrIntervalUs = computeAggrIntervalUs(snapshot);
  const maxSamples = computeMaxSamples(snapshot);
  if (aggrIntervalUs === undefined || maxSamples === undefined) return undefined;
  const { count, startAddr, endAddr, nrAccesses, ageIntervals, hasAges } = snapshot.regions;
  const regions = Array.from({ length: count }, (_, index): AccessRegion => {
    const start = startAddr[index] ?? 0n;
    const end = endAddr[index] ?? 0n;
    const samples = nrAccesses[index] ?? 0;
    const bytes = Number(end - start);
    const percent = Math.trunc((samples * 100) / maxSamples);
    const ageUs = hasAges ? (ageIntervals[index] ?? 0) * aggrIntervalUs : 0;
    const heat = bytes * weights.size + percent * weights.accessRate + ageUs * weights.age;
    return {
      startAddr: start,
      endAddr: end,
      bytes,
      nrAccesses: samples,
      percent,
      hz: samples / (aggrIntervalUs / 1e6),
      ageUs,
      idleUs: percent > 0 ? 0 : ageUs + aggrIntervalUs,
      temperature: percent > 0 || heat === 0 ? heat : -heat,
    };
  });
  return { snapshot, aggrIntervalUs, sampleIntervalUs: aggrIntervalUs / maxSamples, regions };
}

/** Bytes read or written per second, at least: each access of a region touched all of it once. */
export function estimateBandwidth({ regions, aggrIntervalUs }: AccessView): number {
  const accessed = regions.reduce((sum, { bytes, nrAccesses }) => sum + bytes * nrAccesses, 0);
  return accessed / (aggrIntervalUs / 1e6);
}
