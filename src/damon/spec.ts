/**
 * What a kdamond is told to do: the noun between configuration, reconciling and the kernel. Field
 * order follows the kernel's directory listing. An absent optional field means "leave the kernel's
 * default" when written, and "this kernel has no such file" when it was read.
 */
export interface KdamondSpec {
  /** Milliseconds between the kernel's own refreshes of statistics; 0 = off. Since 6.17. */
  readonly refreshMs?: number;
  readonly contexts: readonly ContextSpec[];
}

export const OPERATIONS = ['vaddr', 'fvaddr', 'paddr'] as const;
export type Operations = (typeof OPERATIONS)[number];

export interface ContextSpec {
  readonly operations: Operations;
  /** Bytes one unit of an address stands for. Since 6.18. */
  readonly addrUnit?: bigint;
  /** Since 7.2. */
  readonly isPaused?: boolean;
  readonly intervals: IntervalsSpec;
  readonly minNrRegions: bigint;
  readonly maxNrRegions: bigint;
  /** Since 7.2. */
  readonly probes?: readonly ProbeSpec[];
  readonly targets: readonly TargetSpec[];
  readonly schemes: readonly SchemeSpec[];
}

export interface IntervalsSpec {
  readonly sampleIntervalUs: number;
  readonly aggrIntervalUs: number;
  readonly updateIntervalUs: number;
  /** Since 6.15. */
  readonly goal?: IntervalsGoalSpec;
}

export interface IntervalsGoalSpec {
  /** Share of possible access events that should be observed, 1/10,000; 0 = no tuning. */
  readonly accessBp: number;
  readonly aggrs: number;
  readonly minSampleIntervalUs: number;
  readonly maxSampleIntervalUs: number;
}

export interface AddrRange {
  readonly startAddr: bigint;
  readonly endAddr: bigint;
}

export interface TargetSpec {
  /** Undefined for paddr. */
  readonly pid?: number;
  /** Since 6.19. */
  readonly isObsolete?: boolean;
  readonly regions: readonly AddrRange[];
}

/** What samples of physical memory are looked at for; in memory of processes it never hits. */
export interface ProbeSpec {
  /** What people call it; the kernel knows only its place in the list. */
  readonly name?: string;
  readonly filters: readonly FilterSpec[];
}

export const ACTIONS = [
  'willneed',
  'cold',
  'pageout',
  'hugepage',
  'nohugepage',
  'collapse',
  'lru_prio',
  'lru_deprio',
  'migrate_hot',
  'migrate_cold',
  'stat',
] as const;
export type Action = (typeof ACTIONS)[number];

export const MIGRATE_ACTIONS: readonly Action[] = ['migrate_hot', 'migrate_cold'];

/** What a filter of a scheme can judge memory by. */
export const FILTER_TYPES = [
  'anon',
  'memcg',
  'young',
  'addr',
  'target',
  'active',
  'unmapped',
  'hugepage_size',
] as const;

export const PROBE_FILTER_TYPES = ['anon', 'memcg'] as const;
export const GOAL_TUNERS = ['consist', 'temporal'] as const;
export const WATERMARK_METRICS = ['none', 'free_mem_rate'] as const;

/** Inclusive bounds, in the unit of the field that holds them. */
export interface Uint64Range {
  readonly min: bigint;
  readonly max: bigint;
}

export interface AccessPatternSpec {
  readonly sizeBytes: Uint64Range;
  /** Samples with an access per aggregation interval. */
  readonly nrAccesses: Uint64Range;
  readonly ageIntervals: Uint64Range;
}

export interface SchemeSpec {
  /** What people call it; the kernel knows only its place in the list. */
  readonly name?: string;
  readonly action: Action;
  /** Since 6.11; -1 = none. */
  readonly targetNid?: number;
  /** 0 = the aggregation interval. Since 6.7. */
  readonly applyIntervalUs?: number;
  readonly accessPattern: AccessPatternSpec;
  /** Since 6.17. */
  readonly dests?: readonly DestSpec[];
  readonly quotas: QuotasSpec;
  readonly watermarks: WatermarksSpec;
  /** Before 6.15, and still there beside the two below. Since 6.3. */
  readonly filters?: readonly FilterSpec[];
  /** Since 6.15. */
  readonly coreFilters?: readonly FilterSpec[];
  /** Since 6.15. */
  readonly opsFilters?: readonly FilterSpec[];
  /** Snapshots after which the scheme rests; 0 = never. Since 7.0. */
  readonly maxNrSnapshots?: bigint;
}

export interface DestSpec {
  readonly nid: number;
  readonly weight: number;
}

export interface QuotasSpec {
  readonly timeMs: bigint;
  readonly sizeBytes: bigint;
  readonly resetIntervalMs: bigint;
  readonly sizeWeightPermil: number;
  readonly accessesWeightPermil: number;
  readonly ageWeightPermil: number;
  /** Since 7.2. */
  readonly failChargeNum?: number;
  /** Since 7.2. */
  readonly failChargeDenom?: number;
  /** Since 6.8. */
  readonly goals?: readonly QuotaGoalSpec[];
  /** `consist` or `temporal`. Since 7.1. */
  readonly goalTuner?: string;
}

export interface QuotaGoalSpec {
  /** `user_input`, `some_mem_psi_us`, … Since 6.9; before that only `user_input` existed. */
  readonly metric?: string;
  /** Since 6.16. */
  readonly nid?: number;
  /** Memory cgroup path. Since 6.19. */
  readonly path?: string;
  readonly targetValue: bigint;
  readonly currentValue: bigint;
}

export interface WatermarksSpec {
  /** `none` or `free_mem_rate`. */
  readonly metric: string;
  readonly intervalUs: bigint;
  readonly highPermil: number;
  readonly midPermil: number;
  readonly lowPermil: number;
}

export interface FilterSpec {
  /** `anon`, `memcg`, `addr`, `target`, `young`, `hugepage_size`, `unmapped`, `active`. */
  readonly type: string;
  /** Whether the filter speaks of memory of the type (true) or not of it. */
  readonly isMatching: boolean;
  /** Whether it lets that memory pass. Since 6.14; before, a filter only rejects. */
  readonly isAllowing?: boolean;
  readonly memcgPath?: string;
  readonly addrRange?: AddrRange;
  readonly targetIndex?: number;
  /** `hugepage_size` bounds. Since 6.15. */
  readonly sizeBytes?: Uint64Range;
}

/** Types the core judges, by address or target; the operations judge all others, by page. */
const CORE_FILTER_TYPES: ReadonlySet<string> = new Set(['addr', 'target']);

/** Whether a filter is judged in the core layer, before those of the operations layer. */
export function isCoreFilter({ type }: FilterSpec): boolean {
  return CORE_FILTER_TYPES.has(type);
}

/** Every pattern there is: what a catch-all `stat` scheme matches. */
export const ANY_PATTERN: AccessPatternSpec = {
  sizeBytes: { min: 0n, max: 0xffff_ffff_ffff_ffffn },
  nrAccesses: { min: 0n, max: 0xffff_ffff_ffff_ffffn },
  ageIntervals: { min: 0n, max: 0xffff_ffff_ffff_ffffn },
};

/** No quota, the kernel's default. */
export const NO_QUOTAS: QuotasSpec = {
  timeMs: 0n,
  sizeBytes: 0n,
  resetIntervalMs: 0n,
  sizeWeightPermil: 0,
  accessesWeightPermil: 0,
  ageWeightPermil: 0,
};

/** Always active, the kernel's default. */
export const NO_WATERMARKS: WatermarksSpec = {
  metric: 'none',
  intervalUs: 0n,
  highPermil: 0,
  midPermil: 0,
  lowPermil: 0,
};

/** The scheme that reports every region and changes nothing. */
export const CATCH_ALL_STAT: SchemeSpec = {
  action: 'stat',
  accessPattern: ANY_PATTERN,
  quotas: NO_QUOTAS,
  watermarks: NO_WATERMARKS,
};
