import { ULONG_MAX } from '../base/uint64.ts';
import { parseCount, parsePercent, parseTime } from '../base/units.ts';
import type { IntervalsSpec, Uint64Range } from '../damon/spec.ts';

/** The intervals that samples and ages are counted in. */
export type CountingIntervals = Pick<IntervalsSpec, 'sampleIntervalUs' | 'aggrIntervalUs'>;

/** Which end of a range is spoken of. */
export type Bound = keyof Uint64Range;

/** `5 samples`: the number, or undefined for another form. */
function parseCounted(text: string, unit: string, what: string): bigint | undefined {
  const match = new RegExp(`^(\\S*?) ?${unit}s?$`).exec(text);
  return match?.[1] === undefined ? undefined : parseCount(match[1], what);
}

/**
 * An access rate in percent, or in samples (`5 samples`), as the kernel counts it: samples with an
 * access per aggregation interval. Parts of a sample are cut off, as damo does.
 *
 * @throws RangeError naming `what`; also for a minimum above 0 that would become 0 and match all.
 */
export function parseAccessRate(
  text: string,
  bound: Bound,
  intervals: CountingIntervals,
  what: string,
): bigint {
  const samples = parseCounted(text, 'sample', what);
  if (samples !== undefined) return samples;
  const percent = parsePercent(text, what);
  const one = 10n ** BigInt(percent?.scale ?? 0);
  // damo prints its own default as this number of percent.
  if (percent === undefined || percent.digits / one === ULONG_MAX) return ULONG_MAX;
  if (percent.digits > 100n * one) {
    throw new RangeError(`${what}: found "${text}", expected at most 100 %, or "max"`);
  }
  const [aggrUs, sampleUs] = [BigInt(intervals.aggrIntervalUs), BigInt(intervals.sampleIntervalUs)];
  // A context without intervals has been complained about already.
  if (sampleUs === 0n) return 0n;
  const found = (percent.digits * aggrUs) / (sampleUs * 100n * one);
  if (bound === 'min' && found === 0n && percent.digits > 0n) {
    throw new RangeError(
      `${what}: found "${text}", which is less than 1 of the ${(aggrUs / sampleUs).toString()} samples of an aggregation interval and would mean 0`,
    );
  }
  return found;
}

/**
 * An age as a time (bare: microseconds), or in aggregation intervals (`5 aggr_intervals`), as the
 * kernel counts it. Parts of an interval are cut off, as damo does.
 *
 * @throws RangeError naming `what`; also for a minimum above 0 that would become 0 and match all.
 */
export function parseAge(
  text: string,
  bound: Bound,
  intervals: CountingIntervals,
  what: string,
): bigint {
  const counted = parseCounted(text, 'aggr_interval', what);
  if (counted !== undefined) return counted;
  const ageUs = parseTime(text, 'us', what);
  if (ageUs === ULONG_MAX) return ULONG_MAX;
  const aggrUs = BigInt(intervals.aggrIntervalUs);
  if (aggrUs === 0n) return 0n;
  const found = ageUs / aggrUs;
  if (bound === 'min' && found === 0n && ageUs > 0n) {
    throw new RangeError(
      `${what}: found "${text}", which is less than the aggregation interval (${aggrUs.toString()} us) and would mean 0`,
    );
  }
  return found;
}
