import { rememberFor } from '../base/rememberFor.ts';
import type { ContextState, SchemeState } from '../damon/kdamond.ts';
import type { KdamondObservation, Observation, TargetObservation } from '../damon/observation.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import type { TargetKey } from './accumulators.ts';
import type { Labels, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

export interface ObservedContext {
  readonly labels: Labels;
  /** Undefined where sysfs does not describe the context. */
  readonly state: ContextState | undefined;
  /** The newest snapshot of any of its targets: intervals as tuned now. */
  readonly newest: Snapshot | undefined;
}

export const TARGET_LABELS = ['kdamond', 'context', 'target'] as const;
/** When there are no series of a target. */
export const TARGET_ABSENT =
  'before the first snapshot of the target, and once its process or kdamond is gone';

export interface ObservedTarget {
  readonly labels: Labels;
  /** What it is remembered under in Accumulators. */
  readonly key: TargetKey;
  readonly target: TargetObservation;
}

export const SCHEME_LABELS = ['kdamond', 'context', 'scheme'] as const;
/** When there are no series of schemes. */
export const SCHEME_ABSENT = 'where sysfs holds no scheme';

export interface ObservedScheme {
  readonly labels: Labels;
  readonly scheme: SchemeState;
  /** Of the kernel thread that counts; undefined when off. */
  readonly kdamondPid: number | undefined;
  /** Changes when its counters start at 0 again; undefined when off. */
  readonly generation: number | undefined;
}

/** The part of an observation that tells of schemes. */
export interface SchemeHolder {
  readonly kdamonds: readonly Pick<KdamondObservation, 'ref' | 'state'>[];
}

/** More than any pid. Source: PID_MAX_LIMIT, include/linux/threads.h */
const MAX_PIDS = 2 ** 22;

function computeGeneration(state: KdamondObservation['state']): number | undefined {
  const { pid, nrClears = 0 } = state ?? {};
  return pid === undefined ? undefined : pid + nrClears * MAX_PIDS;
}

/** What a scheme is known by from reading to reading. */
export function formatSchemeKey(labels: Labels): string {
  return JSON.stringify(['scheme', labels['kdamond'], labels['context'], labels['scheme']]);
}

function findNewest(kdamond: KdamondObservation, contextIndex: number): Snapshot | undefined {
  let newest: Snapshot | undefined;
  for (const { latest } of kdamond.targets) {
    if (latest.contextIndex !== contextIndex) continue;
    if (newest === undefined || latest.endNs > newest.endNs) newest = latest;
  }
  return newest;
}

type Kdamonds = Observation['kdamonds'];

// Dozens of families ask for the same lists; that they get the same labels, too, lets those be
// formatted once.
const listContextsOnce = rememberFor((kdamonds: Kdamonds): readonly ObservedContext[] =>
  kdamonds.flatMap((kdamond) => {
    const states = kdamond.state?.contexts ?? [];
    const indexes = new Set([
      ...states.keys(),
      ...kdamond.targets.map(({ latest }) => latest.contextIndex),
    ]);
    return [...indexes].map((index) => ({
      labels: { kdamond: kdamond.ref.label, context: String(index) },
      state: states[index],
      newest: findNewest(kdamond, index),
    }));
  }),
);

/** Contexts that sysfs describes, and those only snapshots tell of (modules' kdamonds). */
export function listContexts(observation: Observation | undefined): readonly ObservedContext[] {
  return observation === undefined ? [] : listContextsOnce(observation.kdamonds);
}

const listTargetsOnce = rememberFor((kdamonds: Kdamonds): readonly ObservedTarget[] =>
  kdamonds.flatMap((kdamond) =>
    kdamond.targets.map((target) => ({
      labels: {
        kdamond: kdamond.ref.label,
        context: String(target.latest.contextIndex),
        target: target.target,
      },
      key: {
        kdamond: kdamond.ref.label,
        contextIndex: target.latest.contextIndex,
        target: target.target,
      },
      target,
    })),
  ),
);

export function listTargets(observation: Observation | undefined): readonly ObservedTarget[] {
  return observation === undefined ? [] : listTargetsOnce(observation.kdamonds);
}

const listSchemesOnce = rememberFor(
  (kdamonds: SchemeHolder['kdamonds']): readonly ObservedScheme[] =>
    kdamonds.flatMap((kdamond) =>
      (kdamond.state?.contexts ?? []).flatMap((context, contextIndex) =>
        context.schemes.map((scheme, schemeIndex) => ({
          labels: {
            kdamond: kdamond.ref.label,
            context: String(contextIndex),
            scheme: scheme.name ?? String(schemeIndex),
          },
          scheme,
          kdamondPid: kdamond.state?.pid,
          generation: computeGeneration(kdamond.state),
        })),
      ),
    ),
);

export function listSchemes(holder: SchemeHolder | undefined): readonly ObservedScheme[] {
  return holder === undefined ? [] : listSchemesOnce(holder.kdamonds);
}

/** A family's values from each scheme there is. */
export function perScheme(
  computePoints: (scheme: ObservedScheme, input: MetricsInput) => readonly ScalarPoint[],
): (input: MetricsInput) => ScalarPoint[] {
  return (input) =>
    listSchemes(input.observation).flatMap((scheme) => computePoints(scheme, input));
}
