import { computeMaxNrAccesses, computeWssBytes } from '../damon/derive.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import type { HistogramPoint } from './metricFamily.ts';
import { createRegionTally } from './regionTally.ts';
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

/** Exact integers per bucket, the one beyond all bounds included, in units that `read` divides by. */
interface Cells {
  readonly counts: bigint[];
  sum: bigint;
}

interface TargetState {
  endNs: bigint | undefined;
  /** Made for the intervals of the last snapshot; undefined where they are not known. */
  plan: IntervalPlan | undefined;
  readonly cells: Partial<Record<HistogramName, Cells>>;
}

interface IntervalPlan extends TallyPlan {
  readonly aggrIntervalUs: number;
  /** Undefined: access ratios cannot be told. */
  readonly sampleIntervalUs: number | undefined;
}

const NS_PER_SECOND = 1_000_000_000n;
/** Resolution of access ratios in sums: far below what a double shows. */
const RATIO_SCALE = 1_000_000_000_000n;

const DIVISORS: Readonly<Record<HistogramName, { count: bigint; sum: bigint }>> = {
  wss: { count: 1n, sum: 1n },
  accessRatio: { count: NS_PER_SECOND, sum: NS_PER_SECOND * RATIO_SCALE },
  idle: { count: NS_PER_SECOND, sum: NS_PER_SECOND * 1_000_000n },
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
  const maxNrAccesses = computeMaxNrAccesses(aggrIntervalUs, sampleIntervalUs ?? aggrIntervalUs);
  return {
    aggrIntervalUs,
    sampleIntervalUs,
    maxNrAccesses,
    accessThresholds: computeAccessThresholds(settings.accessRatioBounds, maxNrAccesses),
    idleThresholds: computeIdleThresholds(settings.idleBoundsSeconds, aggrIntervalUs),
  };
}

function isPlanFor(plan: IntervalPlan | undefined, snapshot: Snapshot): boolean {
  return (
    plan?.aggrIntervalUs === snapshot.aggrIntervalUs &&
    plan?.sampleIntervalUs === snapshot.sampleIntervalUs
  );
}

/** Nanoseconds the snapshot stands for. */
function computeWeightNs(
  snapshot: Snapshot,
  lastEndNs: bigint | undefined,
  maxGapNs: bigint,
): bigint {
  const { startNs, endNs } = snapshot;
  const isContinuing = lastEndNs !== undefined && startNs - lastEndNs <= maxGapNs;
  const weightNs = endNs - (isContinuing ? lastEndNs : startNs);
  return weightNs > 0n ? weightNs : 0n;
}

function getCells(state: TargetState, name: HistogramName, nrBounds: number): Cells {
  const cells = state.cells[name] ?? {
    counts: Array.from({ length: nrBounds + 1 }, () => 0n),
    sum: 0n,
  };
  state.cells[name] = cells;
  return cells;
}

function addToCell(cells: Cells, bucket: number, amount: bigint): void {
  cells.counts[bucket] = (cells.counts[bucket] ?? 0n) + amount;
}

function addWss(state: TargetState, snapshot: Snapshot, settings: HistogramSettings): void {
  const bounds = settings.wssBoundsBytes;
  const wssBytes = computeWssBytes(snapshot.regions, settings.wssThresholdSamples);
  const found = bounds.findIndex((bound) => wssBytes <= bound);
  const cells = getCells(state, 'wss', bounds.length);
  addToCell(cells, found < 0 ? bounds.length : found, 1n);
  cells.sum += wssBytes;
}

function addTally(
  state: TargetState,
  plan: IntervalPlan,
  tally: RegionTally,
  weightNs: bigint,
): void {
  const idle = getCells(state, 'idle', plan.idleThresholds.length);
  tally.forEachIdle((bucket, bytes) => {
    addToCell(idle, bucket, bytes * weightNs);
  });
  idle.sum += tally.idleProduct() * BigInt(Math.round(plan.aggrIntervalUs)) * weightNs;
  if (plan.sampleIntervalUs === undefined) return;
  const access = getCells(state, 'accessRatio', plan.accessThresholds.length);
  tally.forEachAccess((bucket, bytes) => {
    addToCell(access, bucket, bytes * weightNs);
  });
  const scaled = tally.accessProduct() * weightNs * RATIO_SCALE;
  access.sum += scaled / BigInt(plan.maxNrAccesses);
}

function readCells(
  cells: Cells,
  name: HistogramName,
  bounds: readonly number[],
): Omit<HistogramPoint, 'labels'> {
  const { count, sum } = DIVISORS[name];
  let total = 0n;
  const cumulativeCounts = cells.counts.map((cell) => {
    total += cell;
    return total / count;
  });
  return { bounds, cumulativeCounts, sum: divide(cells.sum, sum) };
}

export function createAccessHistograms(settings: HistogramSettings): AccessHistograms {
  const states = new Map<string, TargetState>();
  const maxGapNs = BigInt(Math.round(settings.maxGapSeconds * 1e9));
  const bounds: Readonly<Record<HistogramName, readonly number[]>> = {
    wss: settings.wssBoundsBytes,
    accessRatio: settings.accessRatioBounds,
    idle: settings.idleBoundsSeconds,
  };
  const tally = createRegionTally(Math.max(bounds.accessRatio.length, bounds.idle.length));
  return {
    add: (snapshot) => {
      const { kdamond, contextIndex, target } = snapshot;
      const key = formatKey({ kdamond: kdamond.label, contextIndex, target });
      const state: TargetState = states.get(key) ?? {
        endNs: undefined,
        plan: undefined,
        cells: {},
      };
      // Set anew, so that the first key of the map is the one fed least recently.
      states.delete(key);
      states.set(key, state);
      for (const oldest of states.keys()) {
        if (states.size <= settings.maxTargets) break;
        states.delete(oldest);
      }
      if (!isPlanFor(state.plan, snapshot)) state.plan = createPlan(snapshot, settings);
      addWss(state, snapshot, settings);
      if (state.plan !== undefined) {
        tally.tally(snapshot.regions, state.plan);
        addTally(state, state.plan, tally, computeWeightNs(snapshot, state.endNs, maxGapNs));
      }
      state.endNs = snapshot.endNs;
    },
    read: (name, key) => {
      const cells = states.get(formatKey(key))?.cells[name];
      return cells === undefined ? undefined : readCells(cells, name, bounds[name]);
    },
  };
}
