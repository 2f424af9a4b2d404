import { joinUint64Halves } from '../base/uint64Halves.ts';
import { computeMaxNrAccesses } from '../damon/derive.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import { addWeighted, createExactSums, readSum, takeSum } from './exactSums.ts';
import type { ExactSums } from './exactSums.ts';
import type { HistogramPoint } from './metricFamily.ts';
import {
  addBucketsTo,
  addProductTo,
  createRegionTally,
  createThresholds,
  tallyRegions,
} from './regionTally.ts';
import type { RegionTally, TallyPlan } from './regionTally.ts';

export interface HistogramSettings {
  /** Accesses from which on a region belongs to the working set. */
  readonly wssThresholdSamples: number;
  /** Upper bounds in bytes, ascending. */
  readonly wssBoundsBytes: readonly number[];
  /** Upper bounds from 0 to 1, ascending. */
  readonly accessRatioBounds: readonly number[];
  /** Upper bounds in seconds, ascending; the first should be 0. */
  readonly idleBoundsSeconds: readonly number[];
  /**
   * A pause between two aggregations of a target up to this long is taken to have been like the one
   * after it, so that rates are bytes under any cadence; a longer one is left out.
   */
  readonly maxGapSeconds: number;
  /** Targets remembered; beyond it the one that was fed least recently is forgotten. */
  readonly maxTargets: number;
}

export const DEFAULT_HISTOGRAM_SETTINGS: HistogramSettings = {
  wssThresholdSamples: 1,
  wssBoundsBytes: Array.from({ length: 23 }, (_, index) => 2 ** (20 + index)),
  accessRatioBounds: [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  idleBoundsSeconds: [
    0, 1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400,
  ],
  maxGapSeconds: 60,
  maxTargets: 2000,
};

export type HistogramName = 'wss' | 'accessRatio' | 'idle';

/** Where a target's distributions belong. */
export interface TargetKey {
  readonly kdamond: string;
  readonly contextIndex: number;
  readonly target: string;
}

/**
 * Distributions over the life of the exporter, fed with every snapshot once and in order. Working
 * set sizes count 1 per aggregation; access ratios and idle times weigh bytes by the time they were
 * so, and their counts are whole byte-seconds. Sums are exact integers until they are read.
 */
export interface AccessHistograms {
  add(snapshot: Snapshot): void;
  /** Undefined for a target never fed, and where its snapshots tell too little. */
  read(name: HistogramName, key: TargetKey): Omit<HistogramPoint, 'labels'> | undefined;
}

type HistogramBounds = Readonly<Record<HistogramName, readonly number[]>>;

/**
 * A slot per bucket, the one beyond all bounds included, then one for the sum under the intervals in
 * force: of bytes, or of byte-microseconds times what the kernel counts.
 */
interface Distribution {
  readonly slots: ExactSums;
  readonly sumSlot: number;
  /** Sum under all intervals before, in the units that `read` divides by. */
  earlierSum: bigint;
}

interface TargetState {
  /** End of the last snapshot, whole microseconds: what rounding takes from one it gives the next. */
  endUs: number | undefined;
  /** Made for the intervals of the last snapshot; undefined where they are not known. */
  plan: IntervalPlan | undefined;
  readonly distributions: Partial<Record<HistogramName, Distribution>>;
}

interface IntervalPlan extends TallyPlan {
  readonly aggrIntervalUs: number;
  /** Undefined: access ratios cannot be told. */
  readonly sampleIntervalUs: number | undefined;
}

const US_PER_SECOND = 1_000_000n;
/** Resolution of access ratios in sums: far below what a double shows. */
const RATIO_SCALE = 1_000_000_000_000n;

const DIVISORS: Readonly<Record<HistogramName, { count: bigint; sum: bigint }>> = {
  wss: { count: 1n, sum: 1n },
  accessRatio: { count: US_PER_SECOND, sum: US_PER_SECOND * RATIO_SCALE },
  idle: { count: US_PER_SECOND, sum: US_PER_SECOND * US_PER_SECOND },
};

function formatKey({ kdamond, contextIndex, target }: TargetKey): string {
  return `${kdamond}\0${contextIndex}\0${target}`;
}

/** The nearest double that whole and remainder allow. */
function divide(numerator: bigint, denominator: bigint): number {
  const whole = numerator / denominator;
  return Number(whole) + Number(numerator - whole * denominator) / Number(denominator);
}

/** Most accesses whose ratio is at or below each bound; anything at or above the maximum is 1. */
function computeAccessThresholds(bounds: readonly number[], maxNrAccesses: number): Float64Array {
  return Float64Array.from(bounds, (bound) => {
    if (bound >= 1) return Infinity;
    // The product may round to just below a whole number; the quotient of two whole numbers is the
    // double nearest to their ratio, as a bound written in decimal is.
    const nrAccesses = Math.floor(bound * maxNrAccesses);
    return (nrAccesses + 1) / maxNrAccesses <= bound ? nrAccesses + 1 : nrAccesses;
  });
}

/** Greatest age at or below each bound. */
function computeIdleThresholds(bounds: readonly number[], aggrIntervalUs: number): Float64Array {
  return Float64Array.from(bounds, (bound) => Math.floor(Math.round(bound * 1e6) / aggrIntervalUs));
}

function createPlan(snapshot: Snapshot, settings: HistogramSettings): IntervalPlan | undefined {
  const { sampleIntervalUs, aggrIntervalUs } = snapshot;
  if (aggrIntervalUs === undefined || aggrIntervalUs <= 0) return undefined;
  const { accessRatioBounds, idleBoundsSeconds, wssThresholdSamples } = settings;
  const maxNrAccesses = computeMaxNrAccesses(aggrIntervalUs, sampleIntervalUs ?? aggrIntervalUs);
  return {
    aggrIntervalUs,
    sampleIntervalUs,
    maxNrAccesses,
    wssThresholdSamples,
    access: createThresholds(computeAccessThresholds(accessRatioBounds, maxNrAccesses)),
    idle: createThresholds(computeIdleThresholds(idleBoundsSeconds, aggrIntervalUs)),
  };
}

function isPlanFor(plan: IntervalPlan | undefined, snapshot: Snapshot): boolean {
  return (
    plan?.aggrIntervalUs === snapshot.aggrIntervalUs &&
    plan?.sampleIntervalUs === snapshot.sampleIntervalUs
  );
}

/** A sum of what the kernel counts, in the units that `read` divides by. */
function scaleSum(name: HistogramName, sum: bigint, plan: IntervalPlan | undefined): bigint {
  if (plan === undefined || name === 'wss') return sum;
  if (name === 'idle') return sum * BigInt(Math.round(plan.aggrIntervalUs));
  return (sum * RATIO_SCALE) / BigInt(plan.maxNrAccesses);
}

/** Puts the sums under the old intervals aside, then lets the new ones be in force. */
function changePlan(state: TargetState, plan: IntervalPlan | undefined): void {
  for (const name of ['accessRatio', 'idle'] as const) {
    const distribution = state.distributions[name];
    if (distribution === undefined) continue;
    const { slots, sumSlot } = distribution;
    distribution.earlierSum += scaleSum(name, takeSum(slots, sumSlot), state.plan);
  }
  state.plan = plan;
}

/** Microseconds the snapshot stands for. */
function computeWeightUs(snapshot: Snapshot, endUs: number, last: LastSnapshot): number {
  const startUs = Number(snapshot.startNs / 1000n);
  const { lastEndUs, maxGapUs } = last;
  const isContinuing = lastEndUs !== undefined && startUs - lastEndUs <= maxGapUs;
  return Math.max(endUs - (isContinuing ? lastEndUs : startUs), 0);
}

interface LastSnapshot {
  readonly lastEndUs: number | undefined;
  readonly maxGapUs: number;
}

function createDistribution(nrBounds: number): Distribution {
  return { slots: createExactSums(nrBounds + 2), sumSlot: nrBounds + 1, earlierSum: 0n };
}

function addWss(
  { slots, sumSlot }: Distribution,
  { wssBytes }: RegionTally,
  bounds: readonly number[],
): void {
  const [high = 0, low = 0] = wssBytes;
  // A double has room for so much; beyond it comparing takes a bigint.
  const bytes = high < 2 ** 20 ? high * 2 ** 32 + low : joinUint64Halves(high, low);
  let bucket = 0;
  while (bucket < bounds.length && bytes > (bounds[bucket] ?? 0)) bucket += 1;
  addWeighted(slots, bucket, { high: 0, low: 1 }, 1);
  addWeighted(slots, sumSlot, { high, low }, 1);
}

function addTally(
  { distributions }: TargetState,
  plan: IntervalPlan,
  tally: RegionTally,
  weightUs: number,
): void {
  const idle = (distributions.idle ??= createDistribution(plan.idle.bounds.length));
  addBucketsTo(idle.slots, tally.idleBytes, weightUs);
  addProductTo(idle.slots, idle.sumSlot, tally.idleProduct, weightUs);
  if (plan.sampleIntervalUs === undefined) return;
  const access = (distributions.accessRatio ??= createDistribution(plan.access.bounds.length));
  addBucketsTo(access.slots, tally.accessBytes, weightUs);
  addProductTo(access.slots, access.sumSlot, tally.accessProduct, weightUs);
}

function readDistribution(
  state: TargetState,
  name: HistogramName,
  bounds: readonly number[],
): Omit<HistogramPoint, 'labels'> | undefined {
  const distribution = state.distributions[name];
  if (distribution === undefined) return undefined;
  const { slots, sumSlot, earlierSum } = distribution;
  const { count, sum } = DIVISORS[name];
  let total = 0n;
  const cumulativeCounts = Array.from({ length: bounds.length + 1 }, (_, bucket) => {
    total += readSum(slots, bucket);
    return total / count;
  });
  const scaled = earlierSum + scaleSum(name, readSum(slots, sumSlot), state.plan);
  return { bounds, cumulativeCounts, sum: divide(scaled, sum) };
}

export function createAccessHistograms(settings: HistogramSettings): AccessHistograms {
  const states = new Map<string, TargetState>();
  const maxGapUs = settings.maxGapSeconds * 1e6;
  const bounds: HistogramBounds = {
    wss: settings.wssBoundsBytes,
    accessRatio: settings.accessRatioBounds,
    idle: settings.idleBoundsSeconds,
  };
  const tally = createRegionTally(bounds.accessRatio.length, bounds.idle.length);

  const none = createThresholds(new Float64Array());
  const withoutIntervals: TallyPlan = {
    access: none,
    idle: none,
    maxNrAccesses: 1,
    wssThresholdSamples: settings.wssThresholdSamples,
  };
  let newestPlan: IntervalPlan | undefined;

  // Targets mostly share their intervals, and plans are large.
  const findPlan = (snapshot: Snapshot): IntervalPlan | undefined => {
    if (!isPlanFor(newestPlan, snapshot)) newestPlan = createPlan(snapshot, settings);
    return newestPlan;
  };

  const findState = (snapshot: Snapshot): TargetState => {
    const { kdamond, contextIndex, target } = snapshot;
    const key = formatKey({ kdamond: kdamond.label, contextIndex, target });
    const state = states.get(key) ?? { endUs: undefined, plan: undefined, distributions: {} };
    // Set anew, so that the first key of the map is the one fed least recently.
    states.delete(key);
    states.set(key, state);
    for (const oldest of states.keys()) {
      if (states.size <= settings.maxTargets) break;
      states.delete(oldest);
    }
    return state;
  };

  return {
    add: (snapshot) => {
      const state = findState(snapshot);
      if (!isPlanFor(state.plan, snapshot)) changePlan(state, findPlan(snapshot));
      const { plan } = state;
      const endUs = Number(snapshot.endNs / 1000n);
      tallyRegions(tally, snapshot.regions, plan ?? withoutIntervals);
      addWss(
        (state.distributions.wss ??= createDistribution(bounds.wss.length)),
        tally,
        bounds.wss,
      );
      if (plan !== undefined) {
        const last = { lastEndUs: state.endUs, maxGapUs };
        addTally(state, plan, tally, computeWeightUs(snapshot, endUs, last));
      }
      state.endUs = endUs;
    },
    read: (name, key) => {
      const state = states.get(formatKey(key));
      return state === undefined ? undefined : readDistribution(state, name, bounds[name]);
    },
  };
}
