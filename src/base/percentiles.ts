/**
 * Where damo looks for a percentile among `count` values: by count, without interpolation, and 100
 * is the last value.
 */
export function percentileIndex(percentile: number, count: number): number {
  return Math.min(Math.trunc((percentile / 100) * count), count - 1);
}

interface PercentileRow {
  readonly percentile: number;
  readonly value: number;
}

/** The percentiles of values that are in order, in the order asked for; empty without values. */
export function selectPercentiles(
  ordered: Float64Array,
  percentiles: readonly number[],
): PercentileRow[] {
  if (ordered.length === 0) return [];
  return percentiles.map((percentile) => ({
    percentile,
    value: ordered[percentileIndex(percentile, ordered.length)] ?? 0,
  }));
}

/**
 * @returns the percentiles as asked for, in that order.
 * @throws RangeError for a percentile that is not from 0 to 100.
 */
export function checkPercentiles(percentiles: readonly number[]): readonly number[] {
  const wrong = percentiles.find((percentile) => percentile < 0 || percentile > 100);
  if (wrong !== undefined) {
    throw new RangeError(`--range: found percentile ${wrong}, expected 0 to 100`);
  }
  return percentiles;
}
