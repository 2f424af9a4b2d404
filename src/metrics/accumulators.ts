import type { Snapshot } from '../damon/snapshot.ts';
import { createAddressHeat } from './addressHeat.ts';
import type { AddressHeat, HeatReading } from './addressHeat.ts';
import {
  addTally,
  addWss,
  createDistribution,
  readDistribution,
  settleSum,
} from './distribution.ts';
import type { Distribution, HistogramName, Span } from './distribution.ts';
import { createIntervalPlan, isPlanFor } from './intervalPlan.ts';
import type { IntervalPlan, TallyBounds } from './intervalPlan.ts';
import type { HistogramPoint } from './metricFamily.ts';
import { createRegionTally, createThresholds, readWssBytes, tallyRegions } from './regionTally.ts';
import type { RegionTally, TallyPlan } from './regionTally.ts';
import { createWssWindow } from './wssWindow.ts';
import type { WssSeries, WssWindow } from './wssWindow.ts';

export interface AccumulatorSettings extends TallyBounds {
  /** Upper bounds in bytes, ascending. */
  readonly wssBoundsBytes: readonly number[];
  /** How far back working set sizes are remembered one by one. */
  readonly wssWindowNs: bigint;
  /** Most working set sizes remembered of all targets together; each may have its part of them. */
  readonly maxWssSizes: number;
  /** Cells the memory of a target is divided into; 0 = its heat is not told. */
  readonly addressCells: number;
  /**
   * A pause between two aggregations of a target up to this long is taken to have been like the one
   * after it, so that rates are bytes under any cadence; a longer one is left out.
   */
  readonly maxGapSeconds: number;
  /** Targets remembered; beyond it the one that was fed least recently is forgotten. */
  readonly maxTargets: number;
}

export const DEFAULT_ACCUMULATOR_SETTINGS: AccumulatorSettings = {
  wssThresholdSamples: 1,
  wssBoundsBytes: Array.from({ length: 23 }, (_, index) => 2 ** (20 + index)),
  accessRatioBounds: [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  idleBoundsSeconds: [
    0, 1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400,
  ],
  wssWindowNs: 300_000_000_000n,
  // 24 MiB; five minutes at 100 ms of 350 targets, at 5 ms of 16.
  maxWssSizes: 2 ** 20,
  addressCells: 64,
  maxGapSeconds: 60,
  maxTargets: 2000,
};

/** Where what is known of a target belongs. */
export interface TargetKey {
  readonly kdamond: string;
  readonly contextIndex: number;
  readonly target: string;
}

/**
 * What adds up over time, fed with every snapshot once and in order.
 *
 * Distributions are over the life of the exporter. Working set sizes count 1 per aggregation; access
 * ratios and idle times weigh bytes by the time they were so, and their counts are whole
 * byte-seconds. Sums are exact integers until they are read.
 */
export interface Accumulators {
  add(snapshot: Snapshot): void;
  /** Undefined for a target never fed, and where its snapshots tell too little. */
  readHistogram(name: HistogramName, key: TargetKey): Omit<HistogramPoint, 'labels'> | undefined;
  /**
   * Working set sizes of the window that ends with the target's last snapshot, ascending; fewer than
   * there were where the window is too long for what may be remembered. A view: good until the next
   * `add`. Undefined for a target never fed.
   */
  readWssWindow(key: TargetKey): Float64Array | undefined;
  /** The same sizes in order of time. */
  readWssSeries(key: TargetKey): WssSeries | undefined;
  /** Undefined also where it is not to be told. */
  readHeat(key: TargetKey): HeatReading | undefined;
}

interface TargetState {
  /** End of the last snapshot, whole microseconds: what rounding takes from one it gives the next. */
  endUs: number | undefined;
  /** Made for the intervals of the last snapshot; undefined where they are not known. */
  plan: IntervalPlan | undefined;
  readonly distributions: Partial<Record<HistogramName, Distribution>>;
  readonly window: WssWindow;
  readonly heat: AddressHeat | undefined;
}

/** Of all that a target may remember; a window of 5 minutes at 5 ms fits in. */
const MAX_WSS_SIZES_PER_TARGET = 2 ** 16;

function formatKey({ kdamond, contextIndex, target }: TargetKey): string {
  return `${kdamond}\0${contextIndex}\0${target}`;
}

/** Puts the sums under the old intervals aside, then lets the new ones be in force. */
function changePlan(state: TargetState, plan: IntervalPlan | undefined): void {
  for (const name of ['accessRatio', 'idle'] as const) {
    const distribution = state.distributions[name];
    if (distribution !== undefined) settleSum(distribution, name, state.plan);
  }
  state.plan = plan;
}

/** What the snapshot stands for. */
function computeSpan(snapshot: Snapshot, lastEndUs: number | undefined, maxGapUs: number): Span {
  const startUs = Number(snapshot.startNs / 1000n);
  const endUs = Number(snapshot.endNs / 1000n);
  const isContinuing = lastEndUs !== undefined && startUs - lastEndUs <= maxGapUs;
  return { startUs: Math.min(isContinuing ? lastEndUs : startUs, endUs), endUs };
}

function addToDistributions(
  { distributions, plan }: TargetState,
  tally: RegionTally,
  span: Span,
  wssBounds: readonly number[],
): void {
  const { startUs } = span;
  distributions.wss ??= createDistribution(wssBounds.length, startUs);
  addWss(distributions.wss, tally, wssBounds);
  if (plan === undefined) return;
  distributions.idle ??= createDistribution(plan.idle.bounds.length, startUs);
  addTally(distributions.idle, 'idle', tally, span);
  if (plan.sampleIntervalUs === undefined) return;
  distributions.accessRatio ??= createDistribution(plan.access.bounds.length, startUs);
  addTally(distributions.accessRatio, 'access', tally, span);
}

export function createAccumulators(settings: AccumulatorSettings): Accumulators {
  const states = new Map<string, TargetState>();
  const maxGapUs = settings.maxGapSeconds * 1e6;
  const bounds: Readonly<Record<HistogramName, readonly number[]>> = {
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
    if (!isPlanFor(newestPlan, snapshot)) newestPlan = createIntervalPlan(snapshot, settings);
    return newestPlan;
  };

  const createState = (): TargetState => ({
    endUs: undefined,
    plan: undefined,
    distributions: {},
    window: createWssWindow(settings.wssWindowNs),
    heat: settings.addressCells === 0 ? undefined : createAddressHeat(settings.addressCells),
  });

  const findState = (snapshot: Snapshot): TargetState => {
    const { kdamond, contextIndex, target } = snapshot;
    const key = formatKey({ kdamond: kdamond.label, contextIndex, target });
    const state = states.get(key) ?? createState();
    // Set anew, so that the first key of the map is the one fed least recently.
    states.delete(key);
    states.set(key, state);
    for (const oldest of states.keys()) {
      if (states.size <= settings.maxTargets) break;
      states.delete(oldest);
    }
    return state;
  };

  const addToWindow = (window: WssWindow, endNs: bigint): void => {
    const share = Math.floor(settings.maxWssSizes / states.size);
    const maxSizes = Math.max(Math.min(share, MAX_WSS_SIZES_PER_TARGET), 1);
    window.add(endNs, readWssBytes(tally.wssBytes), maxSizes);
  };

  return {
    add: (snapshot) => {
      const state = findState(snapshot);
      if (!isPlanFor(state.plan, snapshot)) changePlan(state, findPlan(snapshot));
      tallyRegions(tally, snapshot.regions, state.plan ?? withoutIntervals);
      const span = computeSpan(snapshot, state.endUs, maxGapUs);
      addToDistributions(state, tally, span, bounds.wss);
      addToWindow(state.window, snapshot.endNs);
      const { plan } = state;
      if (plan?.sampleIntervalUs !== undefined) {
        state.heat?.add(snapshot, plan.maxNrAccesses, span);
      }
      state.endUs = span.endUs;
    },
    readHistogram: (name, key) => {
      const state = states.get(formatKey(key));
      const distribution = state?.distributions[name];
      if (state === undefined || distribution === undefined) return undefined;
      return readDistribution(distribution, name, { plan: state.plan, bounds: bounds[name] });
    },
    readWssWindow: (key) => states.get(formatKey(key))?.window.readSizes(),
    readWssSeries: (key) => states.get(formatKey(key))?.window.readSeries(),
    readHeat: (key) => states.get(formatKey(key))?.heat?.read(),
  };
}
