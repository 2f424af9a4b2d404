import type { RegionColumns } from './snapshot.ts';
import type { ContextSpec, KdamondSpec, SchemeSpec } from './spec.ts';

/** One kdamond directory as read: what is staged there, and what the kernel reports. */
export interface KdamondState extends Omit<KdamondSpec, 'contexts'> {
  /** Index of the directory below `kdamonds/`. */
  readonly index: number;
  readonly isRunning: boolean;
  /** Of the kernel thread; undefined when off. */
  readonly pid: number | undefined;
  /** How often we made all its schemes count anew while it ran; absent for other people's. */
  readonly nrClears?: number;
  readonly contexts: readonly ContextState[];
}

export interface ContextState extends Omit<ContextSpec, 'schemes' | 'operations'> {
  /** As the kernel prints it; kernels may know operations this program does not. */
  readonly operations: string;
  /** Since 5.19. */
  readonly availOperations?: readonly string[];
  readonly schemes: readonly SchemeState[];
}

export interface SchemeState extends Omit<SchemeSpec, 'action'> {
  readonly action: string;
  /** As of the last `update_schemes_stats` or `refresh_ms`: stale otherwise. */
  readonly stats: SchemeStats;
  /** As of the last refresh. Since 6.9. */
  readonly effectiveQuotaBytes?: bigint;
  /** As of the last `update_schemes_tried_regions`. Undefined before 6.2 and when not asked for. */
  readonly triedRegions?: RegionColumns;
  /** As of the last update of tried regions or bytes. Since 6.6. */
  readonly triedRegionsTotalBytes?: bigint;
}

/** Cumulative kernel counters (`unsigned long`): they wrap at 2^64 and restart with the scheme. */
export interface SchemeStats {
  readonly triedRegions: bigint;
  readonly triedBytes: bigint;
  readonly appliedRegions: bigint;
  readonly appliedBytes: bigint;
  /** Since 6.14. */
  readonly opsFilterPassedBytes?: bigint;
  readonly quotaExceeds: bigint;
  /** Since 7.0. */
  readonly nrSnapshots?: bigint;
}

/**
 * Parameters of DAMON_STAT below `/sys/module/damon_stat/parameters`. What it measures is undefined
 * while it is off and until its first results. Since 6.17.
 */
export interface DamonStatState {
  readonly isEnabled: boolean;
  /** Since 7.2; undefined also while it does not run. */
  readonly kdamondPid: number | undefined;
  /** Since 6.18. */
  readonly aggrIntervalUs: number | undefined;
  readonly estimatedMemoryBandwidthBytesPerSecond: bigint | undefined;
  /** Index = percentile 0..100. Milliseconds; negative = accessed for that long (since 6.18). */
  readonly memoryIdleMsPercentiles: readonly number[] | undefined;
}

/** DAMON_RECLAIM or DAMON_LRU_SORT: every parameter file by name, numbers and switches as text. */
export interface DamonModuleState {
  readonly name: 'damon_reclaim' | 'damon_lru_sort';
  readonly isEnabled: boolean;
  readonly kdamondPid: number | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}
