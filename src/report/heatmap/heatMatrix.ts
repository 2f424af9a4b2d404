import type { ClockBase, RecordedStream } from '../../record/recording.ts';

/** Half-open, on the record's clock. */
export interface TimeRange {
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** Half-open. */
export interface AddressRange {
  readonly startAddr: bigint;
  readonly endAddr: bigint;
}

/**
 * `samples`: accesses found per aggregation interval. `hz`: accesses found per second, used where
 * the intervals are known, because only that can be compared between intervals and records.
 */
export type HeatUnit = 'samples' | 'hz';

/**
 * How hot memory was, by time and address: what pictures, terminals and text columns show. All
 * cells have the same size, and the ranges are whole numbers of cells.
 */
export interface HeatMatrix {
  readonly timeRange: TimeRange;
  readonly addressRange: AddressRange;
  readonly nrTimes: number;
  readonly nrAddresses: number;
  /**
   * `values[time * nrAddresses + address]`: mean of the accesses over the part of the cell that was
   * observed, weighted by time and bytes. NaN where nothing was observed.
   */
  readonly values: Float64Array;
  readonly unit: HeatUnit;
  /** What a region that is accessed all the time reads; undefined where intervals are not known. */
  readonly maxValue: number | undefined;
  readonly stream: RecordedStream;
  readonly clockBase: ClockBase | undefined;
}
