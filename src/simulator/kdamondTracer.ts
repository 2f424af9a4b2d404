import type { ContextConfig, MonitoringIntervals } from './contextConfig.ts';
import type { SchemeTarget } from './schemeEngine.ts';
import type { Scheme } from './scheme.ts';

/** What trace events tell of a kernel thread. */
export interface TracedKdamond {
  readonly pid: number;
  readonly config: ContextConfig;
  readonly intervals: MonitoringIntervals;
  readonly targets: readonly SchemeTarget[];
  readonly schemes: readonly Scheme[];
}

/** Where a kdamond's trace events go. */
export interface KdamondTracer {
  /** Regions of all targets, at the end of an aggregation. */
  aggregated(kdamond: TracedKdamond): void;
  intervalsTuned(kdamond: TracedKdamond): void;
  beforeApply(
    kdamond: TracedKdamond,
    schemeIndex: number,
    targetIndex: number,
    regionIndex: number,
  ): void;
  /** A scheme was applied to every region it wanted. */
  afterApply(kdamond: TracedKdamond, schemeIndex: number): void;
}
