/** Order of the measured sizes before percentiles are taken: by size, or as they followed in time. */
export type WssOrder = 'size' | 'time';

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
  readonly nrSamples: number;
  readonly meanBytes: number;
  readonly percentiles: readonly WssPercentile[];
}
