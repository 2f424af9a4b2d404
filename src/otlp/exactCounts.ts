/** Whole numbers up to here are exact in a double, and printed in full. */
const EXACT_UP_TO = 1n << 53n;

/**
 * Multiples of 10^4 x 2^7 below 10^19 are doubles (at most 53 bits are left of them without the
 * 2^11 that divides them) and JavaScript prints them digit by digit (at most 15 digits before the
 * zeros, which is what a double always keeps). So what is sent is the same whole number in JSON
 * and in protobuf.
 */
const QUANTUM = 1_280_000n;

export interface ExactCounts {
  /** Per bucket, not cumulative. */
  readonly bucketCounts: number[];
  /** The sum of the buckets, to the last digit. */
  readonly count: number;
}

/**
 * Counts as OpenTelemetry wants them: whole numbers whose sum is the count. Exact as long as all of
 * them are at most 2^53; beyond it each bucket is rounded up to the next multiple of a quantum, so
 * that buckets never go back while what is counted grows, and what is off stays below one quantum
 * per bucket for ever.
 *
 * @param cumulativeCounts as in `HistogramPoint`; below 2^63.
 */
export function computeExactCounts(cumulativeCounts: readonly bigint[]): ExactCounts {
  const quantum = (cumulativeCounts.at(-1) ?? 0n) <= EXACT_UP_TO ? 1n : QUANTUM;
  let below = 0n;
  let sum = 0n;
  const bucketCounts = cumulativeCounts.map((cumulative) => {
    const rounded = ((cumulative - below + quantum - 1n) / quantum) * quantum;
    below = cumulative;
    sum += rounded;
    return Number(rounded);
  });
  return { bucketCounts, count: Number(sum) };
}
