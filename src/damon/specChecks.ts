import type { AddrRange, IntervalsSpec, ProbeSpec, Uint64Range, WatermarksSpec } from './spec.ts';

/**
 * What the kernel refuses, mostly without saying why, or takes and then never does anything by. All
 * throw RangeError, naming the value by `what`.
 */

/** The fewest regions the kernel works with. */
const LEAST_NR_REGIONS = 3n;

/** The kernel's DAMON_MAX_PROBES. */
const MAX_NR_PROBES = 4;

/** Nothing can lie in a range whose minimum is more than its maximum. */
export function checkRange({ min, max }: Uint64Range, what: string): void {
  if (min <= max) return;
  throw new RangeError(
    `${what}: the minimum (${min.toString()}) is more than the maximum (${max.toString()})`,
  );
}

export function checkIntervals(
  { sampleIntervalUs, aggrIntervalUs, goal }: Omit<IntervalsSpec, 'updateIntervalUs'>,
  what: string,
): void {
  if (sampleIntervalUs === 0 || aggrIntervalUs < sampleIntervalUs) {
    throw new RangeError(
      `${what}: the aggregation interval (${aggrIntervalUs} us) must be at least the sampling interval (${sampleIntervalUs} us), and that more than 0`,
    );
  }
  if (goal === undefined || goal.accessBp === 0) return;
  const { accessBp, aggrs, minSampleIntervalUs: min, maxSampleIntervalUs: max } = goal;
  if (accessBp > 10_000 || aggrs < 1) {
    throw new RangeError(
      `${what}: found ${accessBp / 100}% of accesses in ${aggrs} aggregations, expected at most 100% in at least 1`,
    );
  }
  if (sampleIntervalUs < min || sampleIntervalUs > max) {
    throw new RangeError(
      `${what}: the sampling interval (${sampleIntervalUs} us) must lie between the shortest (${min} us) and the longest (${max} us)`,
    );
  }
}

export function checkNrRegions({ min, max }: Uint64Range, what: string): void {
  if (min >= LEAST_NR_REGIONS && max >= min) return;
  throw new RangeError(
    `${what}: found ${min.toString()} to ${max.toString()}, expected at least ${LEAST_NR_REGIONS.toString()} and no more than the maximum`,
  );
}

export function checkAddrRange({ startAddr, endAddr }: AddrRange, what: string): void {
  if (startAddr < endAddr) return;
  throw new RangeError(
    `${what}: ${startAddr.toString()}-${endAddr.toString()} ends before it begins`,
  );
}

/** The regions of one target, each of which is sound. */
export function checkRegions(regions: readonly AddrRange[], what: string): void {
  const isOverlap = regions.some(
    ({ startAddr }, index) => startAddr < (regions[index - 1]?.endAddr ?? 0n),
  );
  if (isOverlap) throw new RangeError(`${what}: not sorted, or overlapping`);
}

export function checkWatermarks(
  { highPermil, midPermil, lowPermil }: WatermarksSpec,
  what: string,
): void {
  if (highPermil >= midPermil && midPermil >= lowPermil) return;
  throw new RangeError(
    `${what}: found ${highPermil}, ${midPermil} and ${lowPermil} permil, expected high, mid and low, each no more than the one before`,
  );
}

export function checkProbes({ length }: readonly ProbeSpec[], what: string): void {
  if (length <= MAX_NR_PROBES) return;
  throw new RangeError(`${what}: found ${length} probes, expected at most ${MAX_NR_PROBES}`);
}
