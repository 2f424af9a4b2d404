import type {
  ContextSpec,
  FilterSpec,
  IntervalsGoalSpec,
  KdamondSpec,
  QuotasSpec,
  SchemeSpec,
} from '../damon/spec.ts';
import type { CapabilitySupports } from './capabilityProbe.ts';

/** No tuning, the kernel's default. */
export const NO_INTERVALS_GOAL: IntervalsGoalSpec = {
  accessBp: 0,
  aggrs: 0,
  minSampleIntervalUs: 0,
  maxSampleIntervalUs: 0,
};

type Has = (capabilityId: string) => boolean;

function completeQuotas(quotas: QuotasSpec, has: Has): QuotasSpec {
  return {
    ...(has('fail_charge') && { failChargeNum: 0, failChargeDenom: 0 }),
    ...(has('quota_goals') && { goals: [] }),
    ...(has('goal_tuner') && { goalTuner: 'consist' }),
    ...quotas,
  };
}

function completeFilters(scheme: SchemeSpec, has: Has): Partial<SchemeSpec> {
  const { filters, coreFilters, opsFilters } = scheme;
  const none: readonly FilterSpec[] | undefined = has('filters') ? [] : undefined;
  if (filters !== undefined || coreFilters !== undefined || opsFilters !== undefined) return {};
  return none === undefined ? {} : { filters: none };
}

function completeScheme(scheme: SchemeSpec, has: Has): SchemeSpec {
  return {
    ...(has('target_nid') && { targetNid: -1 }),
    ...(has('apply_interval') && { applyIntervalUs: 0 }),
    ...(has('dests') && { dests: [] }),
    ...(has('max_nr_snapshots') && { maxNrSnapshots: 0n }),
    ...scheme,
    ...completeFilters(scheme, has),
    quotas: completeQuotas(scheme.quotas, has),
  };
}

function completeContext(context: ContextSpec, has: Has): ContextSpec {
  const { intervals, targets, schemes } = context;
  return {
    ...(has('pause') && { isPaused: false }),
    ...(has('probes') && { probes: [] }),
    ...context,
    intervals: { ...(has('intervals_goal') && { goal: NO_INTERVALS_GOAL }), ...intervals },
    targets: targets.map((target) => ({
      ...(has('obsolete_target') && { isObsolete: false }),
      ...target,
    })),
    schemes: schemes.map((scheme) => completeScheme(scheme, has)),
  };
}

/**
 * The spec with the kernel's default for everything it leaves open and this kernel has: over
 * something that is staged already, leaving a file alone would keep what was there before.
 */
export function completeSpec(spec: KdamondSpec, supports: CapabilitySupports): KdamondSpec {
  const has: Has = (capabilityId) => supports.get(capabilityId) === 'present';
  return {
    ...(has('refresh_ms') && { refreshMs: 0 }),
    ...spec,
    contexts: spec.contexts.map((context) => completeContext(context, has)),
  };
}
