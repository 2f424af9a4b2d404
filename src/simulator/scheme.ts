import type {
  FilterConfig,
  GoalConfig,
  MonitoringIntervals,
  SchemeConfig,
} from './contextConfig.ts';
import type { RegionSet } from './regionSet.ts';
import { isCoreFilter } from './schemeFilter.ts';

/** Cumulative counters as the kernel keeps them; `unsigned long`. */
export interface SchemeCounters {
  nrTried: bigint;
  triedBytes: bigint;
  nrApplied: bigint;
  appliedBytes: bigint;
  filterPassedBytes: bigint;
  quotaExceeds: bigint;
  nrSnapshots: bigint;
}

const UINT64_MASK = (1n << 64n) - 1n;
/** Bytes per millisecond assumed before anything was measured. */
const ASSUMED_BYTES_PER_MS = 4 << 20;
const NR_SCORES = 100;

function createCounters(): SchemeCounters {
  return {
    nrTried: 0n,
    triedBytes: 0n,
    nrApplied: 0n,
    appliedBytes: 0n,
    filterPassedBytes: 0n,
    quotaExceeds: 0n,
    nrSnapshots: 0n,
  };
}

/** One region a scheme was tried on. */
export interface TriedRegion {
  readonly start: number;
  readonly end: number;
  readonly nrAccesses: number;
  readonly age: number;
  readonly filterPassedBytes: number;
  readonly probeHits: readonly number[];
}

/** A scheme of a running kdamond: configuration, counters, quota and watermark state. */
export class Scheme {
  coreFilters: readonly FilterConfig[] = [];
  opsFilters: readonly FilterConfig[] = [];
  readonly counters: SchemeCounters = createCounters();
  /** In sampling intervals since the start. */
  nextApplySis = 0;
  isActive = true;
  effectiveBytes = 0;
  #config: SchemeConfig;
  #chargedBytes = 0;
  #windowStartUs: number | undefined;
  #goalBytes = 0;
  #minScore = 0;
  #hasNewQuota = false;

  constructor(config: SchemeConfig) {
    this.#config = config;
    this.#sortFilters();
  }

  get config(): SchemeConfig {
    return this.#config;
  }

  set config(config: SchemeConfig) {
    this.#config = config;
    this.#sortFilters();
  }

  get hasQuota(): boolean {
    const { timeMs, sizeBytes, goals } = this.config.quota;
    return timeMs > 0 || sizeBytes > 0 || goals.length > 0;
  }

  /** Sampling intervals from one application to the next. */
  countApplySis({ aggrUs, sampleUs }: MonitoringIntervals): number {
    const us = this.config.applyIntervalUs || aggrUs;
    return Math.max(1, Math.floor(us / Math.max(1, sampleUs)));
  }

  /** Takes new goal values; everything else stays. */
  setGoals(goals: readonly GoalConfig[]): void {
    this.config = { ...this.config, quota: { ...this.config.quota, goals } };
  }

  /** Whether a region shows the pattern the scheme looks for. */
  matches(regions: RegionSet, index: number): boolean {
    const { start, end, nrAccessesBp, age } = regions.columns;
    const { sizeBytes, nrAccesses, age: ages } = this.config;
    const bytes = (end[index] ?? 0) - (start[index] ?? 0);
    const accesses = Math.floor((nrAccessesBp[index] ?? 0) / 10_000);
    const ageNow = age[index] ?? 0;
    return (
      sizeBytes.min <= bytes &&
      bytes <= sizeBytes.max &&
      nrAccesses.min <= accesses &&
      accesses <= nrAccesses.max &&
      ages.min <= ageNow &&
      ageNow <= ages.max
    );
  }

  /** How many bytes may still be worked on; undefined = no quota. */
  remainingBytes(): number | undefined {
    if (!this.hasQuota) return undefined;
    return Math.max(0, this.effectiveBytes - this.#chargedBytes);
  }

  /** Opens a new charge window when the old one is over. */
  adjustQuota(nowUs: number): void {
    if (!this.hasQuota) {
      this.effectiveBytes = 0;
      return;
    }
    const { resetIntervalMs } = this.config.quota;
    const isOver =
      this.#windowStartUs === undefined || nowUs - this.#windowStartUs >= resetIntervalMs * 1000;
    if (!isOver) return;
    if (this.#windowStartUs !== undefined && this.#chargedBytes >= this.effectiveBytes) {
      this.counters.quotaExceeds++;
    }
    this.#windowStartUs = nowUs;
    this.#chargedBytes = 0;
    this.effectiveBytes = this.#computeEffectiveBytes();
    this.#hasNewQuota = true;
  }

  /** Whether the effective quota was computed since the last call. */
  takeQuotaChange(): boolean {
    const hasNewQuota = this.#hasNewQuota;
    this.#hasNewQuota = false;
    return hasNewQuota;
  }

  /** Sets from which score on regions fit into the quota. */
  prioritise(targets: readonly RegionSet[], maxNrAccesses: number): void {
    this.#minScore = 0;
    const remaining = this.remainingBytes();
    if (remaining === undefined) return;
    const histogram = new Float64Array(NR_SCORES);
    for (const regions of targets) {
      for (let i = 0; i < regions.count; i++) {
        if (!this.matches(regions, i)) continue;
        const score = this.score(regions, i, maxNrAccesses);
        const bytes = (regions.columns.end[i] ?? 0) - (regions.columns.start[i] ?? 0);
        histogram[score] = (histogram[score] ?? 0) + bytes;
      }
    }
    let bytes = 0;
    for (let score = NR_SCORES - 1; score >= 0; score--) {
      bytes += histogram[score] ?? 0;
      if (bytes >= remaining) {
        this.#minScore = score;
        return;
      }
    }
  }

  isPriority(regions: RegionSet, index: number, maxNrAccesses: number): boolean {
    return this.#minScore === 0 || this.score(regions, index, maxNrAccesses) >= this.#minScore;
  }

  /** 0 to 99: how urgently the action wants this region, by the quota's weights. */
  score(regions: RegionSet, index: number, maxNrAccesses: number): number {
    const { accessesWeight, ageWeight } = this.config.quota;
    const total = accessesWeight + ageWeight;
    if (total === 0) return 0;
    const ratio = Math.min(1, (regions.columns.nrAccesses[index] ?? 0) / maxNrAccesses);
    const age = regions.columns.age[index] ?? 0;
    const ageRatio = Math.min(1, Math.log2(age + 1) / 20);
    // Idle regions grow colder with age, used ones hotter.
    const signedAge = ratio === 0 ? 0.5 - ageRatio / 2 : 0.5 + ageRatio / 2;
    const hotness = (ratio * accessesWeight + signedAge * ageWeight) / total;
    const isColdFirst = ['cold', 'pageout', 'lru_deprio', 'migrate_cold'].includes(
      this.config.action,
    );
    return Math.min(NR_SCORES - 1, Math.floor((isColdFirst ? 1 - hotness : hotness) * NR_SCORES));
  }

  charge(bytes: number): void {
    this.#chargedBytes += bytes;
  }

  count(triedBytes: number, appliedBytes: number, filterPassedBytes: number): void {
    const { counters } = this;
    counters.nrTried++;
    counters.triedBytes = (counters.triedBytes + BigInt(triedBytes)) & UINT64_MASK;
    if (appliedBytes > 0) counters.nrApplied++;
    counters.appliedBytes = (counters.appliedBytes + BigInt(appliedBytes)) & UINT64_MASK;
    counters.filterPassedBytes =
      (counters.filterPassedBytes + BigInt(filterPassedBytes)) & UINT64_MASK;
  }

  #sortFilters(): void {
    const { filters } = this.#config;
    this.coreFilters = filters.filter(isCoreFilter);
    this.opsFilters = filters.filter((filter) => !isCoreFilter(filter));
  }

  #computeEffectiveBytes(): number {
    const { timeMs, sizeBytes, goals } = this.config.quota;
    const limits: number[] = [];
    if (timeMs > 0) limits.push(timeMs * ASSUMED_BYTES_PER_MS);
    if (sizeBytes > 0) limits.push(sizeBytes);
    if (goals.length > 0) {
      this.#goalBytes = computeNextGoalBytes(this.#goalBytes, goals);
      limits.push(this.#goalBytes);
    }
    return Math.min(...limits);
  }
}

/** More when the goal is missed, less when it is exceeded, by the share it is off. */
function computeNextGoalBytes(lastBytes: number, goals: readonly GoalConfig[]): number {
  const scores = goals.map(({ current, target }) => current / Math.max(1, target));
  const score = Math.max(...scores);
  const bytes = Math.max(lastBytes, 10_000);
  return Math.max(10_000, Math.floor(bytes * Math.max(0, 2 - score)));
}
