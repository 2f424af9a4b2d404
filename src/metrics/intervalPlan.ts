import { computeMaxNrAccesses } from '../damon/derive.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import { createThresholds } from './regionTally.ts';
import type { TallyPlan } from './regionTally.ts';

export interface TallyBounds {
  /** Accesses from which on a region belongs to the working set. */
  readonly wssThresholdSamples: number;
  /** Upper bounds from 0 to 1, ascending. */
  readonly accessRatioBounds: readonly number[];
  /** Upper bounds in seconds, ascending; the first should be 0. */
  readonly idleBoundsSeconds: readonly number[];
}

/** Bounds of buckets as a kernel counts under certain intervals. */
export interface IntervalPlan extends TallyPlan {
  readonly aggrIntervalUs: number;
  /** Undefined: access ratios cannot be told. */
  readonly sampleIntervalUs: number | undefined;
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

/** Undefined where the aggregation interval is not known. */
export function createIntervalPlan(
  { sampleIntervalUs, aggrIntervalUs }: Snapshot,
  { accessRatioBounds, idleBoundsSeconds, wssThresholdSamples }: TallyBounds,
): IntervalPlan | undefined {
  if (aggrIntervalUs === undefined || aggrIntervalUs <= 0) return undefined;
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

export function isPlanFor(plan: IntervalPlan | undefined, snapshot: Snapshot): boolean {
  return (
    plan?.aggrIntervalUs === snapshot.aggrIntervalUs &&
    plan?.sampleIntervalUs === snapshot.sampleIntervalUs
  );
}
