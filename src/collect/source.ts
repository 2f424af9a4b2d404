import type { SourceName } from '../damon/observation.ts';
import type { RegionColumns } from '../damon/snapshot.ts';

/** One aggregation of one target as a source sees it, before anybody knows whose kdamond it is. */
export interface Aggregation {
  readonly kdamondPid: number;
  /** Decimal text: an index, or the kernel's 64-bit number where that is what it prints. */
  readonly targetId: string;
  /** CLOCK_MONOTONIC of the observed kernel. */
  readonly endNs: bigint;
  readonly regions: RegionColumns;
  /** Addresses still count in the context's `addr_unit` (trace), not in bytes (sysfs). */
  readonly isInAddrUnits: boolean;
  /** Whether the source gives every aggregation, and lost none since the one before. */
  readonly isGapless: boolean;
  /**
   * One of many that the source asked for: what lies between two of them says nothing of the
   * aggregation interval.
   */
  readonly isSelected: boolean;
}

/** What one poll brought. */
export interface SourceReading {
  /** Ascending by `endNs` within one kdamond and target. */
  readonly aggregations: readonly Aggregation[];
  /** Sampling intervals the kernel announced it tuned to, newest last. */
  readonly tunedSampleIntervals: readonly TunedSampleInterval[];
  /** Totals since the source was opened. */
  readonly lostEvents: number;
  readonly spoiledSnapshots: number;
}

export interface TunedSampleInterval {
  readonly kdamondPid: number;
  readonly sampleIntervalUs: number;
}

/** A way to region snapshots. Opened by a factory that throws KernelError when it cannot work. */
export interface SnapshotSource {
  readonly name: SourceName;
  /** @throws KernelError when the source broke; the collector then closes it and tries again. */
  poll(): SourceReading | Promise<SourceReading>;
  /** What it has got already, at the end: without asking the kernel for more. */
  drain?(): SourceReading;
  close(): void;
}
