import { ULONG_MAX } from '../base/uint64.ts';
import type { RegionColumns } from './snapshot.ts';
import type { AccessPatternSpec, IntervalsSpec } from './spec.ts';

/** What samples and ages were, or are to be, counted in. */
type Intervals = Pick<IntervalsSpec, 'sampleIntervalUs' | 'aggrIntervalUs'>;

const toLimit = (value: bigint): number => (value === ULONG_MAX ? Infinity : Number(value));

/**
 * How much of a snapshot a scheme would be tried on if its kdamond saw the same: rates are compared
 * as shares of samples and ages as times, for the two may have been counted in other intervals.
 * Filters, quotas and watermarks are not looked at.
 *
 * @param wanted Intervals the pattern counts in.
 * @param seen Intervals the regions were counted in.
 */
export function computeMatching(
  { count, startAddr, endAddr, nrAccesses, ageIntervals }: RegionColumns,
  pattern: AccessPatternSpec,
  { wanted, seen }: { readonly wanted: Intervals; readonly seen: Intervals },
): { readonly bytes: bigint; readonly nrRegions: number } {
  const scale = (intervals: Intervals): number =>
    Math.max(1, intervals.aggrIntervalUs / intervals.sampleIntervalUs);
  const [wantedSamples, seenSamples] = [scale(wanted), scale(seen)];
  const least = toLimit(pattern.nrAccesses.min);
  const most = toLimit(pattern.nrAccesses.max);
  const youngestUs = toLimit(pattern.ageIntervals.min) * wanted.aggrIntervalUs;
  const oldestUs = toLimit(pattern.ageIntervals.max) * wanted.aggrIntervalUs;
  let bytes = 0n;
  let nrRegions = 0;
  for (let index = 0; index < count; index += 1) {
    const samples = ((nrAccesses[index] ?? 0) * wantedSamples) / seenSamples;
    const ageUs = (ageIntervals[index] ?? 0) * seen.aggrIntervalUs;
    if (samples < least || samples > most || ageUs < youngestUs || ageUs > oldestUs) continue;
    const size = (endAddr[index] ?? 0n) - (startAddr[index] ?? 0n);
    if (size < pattern.sizeBytes.min || size > pattern.sizeBytes.max) continue;
    bytes += size;
    nrRegions += 1;
  }
  return { bytes, nrRegions };
}
