/**
 * Where damo looks for a percentile among `count` values: by count, without interpolation, and 100
 * is the last value.
 */
export function percentileIndex(percentile: number, count: number): number {
  return Math.min(Math.trunc((percentile / 100) * count), count - 1);
}

/**
 * @returns the percentiles as asked for, in that order.
 * @throws RangeError for a percentile that is not from 0 to 100.
 */
export function checkPercentiles(percentiles: readonly number[]): readonly number[] {
  const wrong = percentiles.find((percentile) => percentile < 0 || percentile > 100);
  if (wrong !== undefined) {
    throw new RangeError(`range: found percentile ${wrong}, expected 0 to 100`);
  }
  return percentiles;
}
