import { selectPercentiles } from '../../base/percentiles.ts';

/** Order of the measured sizes before percentiles are taken: by size, or as they followed in time. */
export const WSS_ORDERS = ['size', 'time'] as const;
export type WssOrder = (typeof WSS_ORDERS)[number];

/** One line of a distribution. */
export interface WssPercentile {
  /** 0 to 100; percent of the run time where the order is `time`. */
  readonly percentile: number;
  readonly bytes: number;
}

/** Working set sizes of one target, or of all together. */
export interface WssDistribution {
  /** The target as reports name it: its id, with what tells it from another of the same id. */
  readonly label: string;
  readonly order: WssOrder;
  /** All sizes, in that order. */
  readonly bytes: Float64Array;
  /** NaN without any. */
  readonly meanBytes: number;
  /** Empty when nothing was measured. */
  readonly percentiles: readonly WssPercentile[];
}

export function computeWssDistribution(
  label: string,
  measured: Float64Array,
  { order, percentiles }: { readonly order: WssOrder; readonly percentiles: readonly number[] },
): WssDistribution {
  const bytes = order === 'size' ? measured.toSorted() : measured;
  const total = bytes.reduce((sum, value) => sum + value, 0);
  return {
    label,
    order,
    bytes,
    meanBytes: total / bytes.length,
    percentiles: selectPercentiles(bytes, percentiles).map(({ percentile, value }) => ({
      percentile,
      bytes: value,
    })),
  };
}
