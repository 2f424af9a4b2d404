import type { Action, Operations } from '../damon/spec.ts';
import type { Range } from './regionSet.ts';

/** What the kernel thread works by: the staged files as they were at `on` or the last `commit`. */
export interface ContextConfig {
  readonly operations: Operations;
  readonly isPaused: boolean;
  readonly intervals: MonitoringIntervals;
  readonly goal: IntervalsGoal;
  readonly minNrRegions: number;
  readonly maxNrRegions: number;
  readonly probes: readonly (readonly FilterConfig[])[];
  readonly targets: readonly TargetConfig[];
  readonly schemes: readonly SchemeConfig[];
}

/** Microseconds. */
export interface MonitoringIntervals {
  readonly sampleUs: number;
  readonly aggrUs: number;
  readonly updateUs: number;
}

export interface IntervalsGoal {
  readonly accessBp: number;
  /** 0 = no tuning. */
  readonly aggrs: number;
  readonly minSampleUs: number;
  readonly maxSampleUs: number;
}

export interface TargetConfig {
  readonly pid: number;
  readonly ranges: readonly Range[];
}

/** Inclusive; ULONG_MAX is held rounded, which compares the same. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface SchemeConfig {
  readonly action: Action;
  /** 0 = the aggregation interval. */
  readonly applyIntervalUs: number;
  readonly sizeBytes: Bounds;
  readonly nrAccesses: Bounds;
  readonly age: Bounds;
  readonly quota: QuotaConfig;
  readonly watermarks: WatermarksConfig;
  readonly filters: readonly FilterConfig[];
  /** 0 = no limit. */
  readonly maxNrSnapshots: number;
}

export interface QuotaConfig {
  readonly timeMs: number;
  readonly sizeBytes: number;
  readonly resetIntervalMs: number;
  readonly sizeWeight: number;
  readonly accessesWeight: number;
  readonly ageWeight: number;
  readonly goals: readonly GoalConfig[];
}

export interface GoalConfig {
  readonly metric: string;
  readonly target: number;
  readonly current: number;
}

export interface WatermarksConfig {
  readonly metric: string;
  readonly intervalUs: number;
  readonly high: number;
  readonly mid: number;
  readonly low: number;
}

export interface FilterConfig {
  readonly type: string;
  readonly isMatching: boolean;
  readonly isAllowing: boolean;
  readonly memcgPath: string;
  readonly addrRange: Range;
  readonly sizeBytes: Bounds;
  readonly targetIndex: number;
}

/** Monitoring of all RAM without schemes: what the DAMON modules start from. */
export const NO_GOAL: IntervalsGoal = { accessBp: 0, aggrs: 0, minSampleUs: 0, maxSampleUs: 0 };

/** How many samples one aggregation has; at least 1. */
export function computeMaxNrAccesses(intervals: MonitoringIntervals): number {
  return Math.max(1, Math.floor(intervals.aggrUs / Math.max(1, intervals.sampleUs)));
}
