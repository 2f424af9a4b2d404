import { isCoreFilter } from '../damon/spec.ts';
import type { FilterSpec, QuotasSpec, SchemeSpec, Uint64Range } from '../damon/spec.ts';
import type { KernelPath } from './kernelFs.ts';
import { formatPlannedAddr } from './plannedAddr.ts';
import type { WritePlan } from './writePlan.ts';

function planRange(plan: WritePlan, path: KernelPath, range: Uint64Range, why: string): void {
  plan.set(`${path}/min`, range.min, why);
  plan.set(`${path}/max`, range.max, why);
}

function planQuotaGoals(
  plan: WritePlan,
  path: KernelPath,
  goals: NonNullable<QuotasSpec['goals']>,
): void {
  plan.setCount(`${path}/nr_goals`, goals.length, 'number of quota goals');
  for (const [index, goal] of goals.entries()) {
    const why = `quota goal ${index}`;
    const directory: KernelPath = `${path}/${index}`;
    // Before 6.9 there is no choice: the one metric needs no file.
    if (goal.metric !== 'user_input' || plan.has('goal_target_metric')) {
      plan.setIfGiven(`${directory}/target_metric`, goal.metric, why);
    }
    plan.setIfGiven(`${directory}/nid`, goal.nid, why);
    plan.setIfGiven(`${directory}/path`, goal.path, why);
    plan.set(`${directory}/target_value`, goal.targetValue, why);
    plan.set(`${directory}/current_value`, goal.currentValue, why);
  }
}

function planQuotas(plan: WritePlan, path: KernelPath, quotas: QuotasSpec): void {
  plan.set(`${path}/ms`, quotas.timeMs, 'time quota');
  plan.set(`${path}/bytes`, quotas.sizeBytes, 'size quota');
  plan.set(`${path}/reset_interval_ms`, quotas.resetIntervalMs, 'quota period');
  plan.set(`${path}/weights/sz_permil`, quotas.sizeWeightPermil, 'weight of size');
  plan.set(`${path}/weights/nr_accesses_permil`, quotas.accessesWeightPermil, 'weight of accesses');
  plan.set(`${path}/weights/age_permil`, quotas.ageWeightPermil, 'weight of age');
  plan.setIfGiven(`${path}/fail_charge_num`, quotas.failChargeNum, 'charge of failures');
  plan.setIfGiven(`${path}/fail_charge_denom`, quotas.failChargeDenom, 'charge of failures');
  if (quotas.goals !== undefined) planQuotaGoals(plan, `${path}/goals`, quotas.goals);
  plan.setIfGiven(`${path}/goal_tuner`, quotas.goalTuner, 'quota tuner');
}

function planFilter(
  plan: WritePlan,
  path: KernelPath,
  filter: FilterSpec,
  { addrUnit, why }: { readonly addrUnit: bigint; readonly why: string },
): void {
  plan.set(`${path}/type`, filter.type, why);
  // Also when false: a filter that stays in place would keep the Y of before.
  if (filter.isAllowing === true || plan.has('filter_allow')) {
    plan.set(`${path}/allow`, filter.isAllowing ?? false, why);
  }
  plan.setIfGiven(`${path}/memcg_path`, filter.memcgPath, why);
  if (filter.sizeBytes !== undefined) planRange(plan, path, filter.sizeBytes, why);
  if (filter.addrRange !== undefined) {
    const { startAddr, endAddr } = filter.addrRange;
    plan.set(`${path}/addr_start`, formatPlannedAddr(startAddr, addrUnit, path), why);
    plan.set(`${path}/addr_end`, formatPlannedAddr(endAddr, addrUnit, path), why);
  }
  plan.setIfGiven(`${path}/damon_target_idx`, filter.targetIndex, why);
  plan.set(`${path}/matching`, filter.isMatching, why);
}

function planFilterList(
  plan: WritePlan,
  path: KernelPath,
  filters: readonly FilterSpec[],
  addrUnit: bigint,
): void {
  plan.setCount(`${path}/nr_filters`, filters.length, 'number of filters');
  for (const [index, filter] of filters.entries()) {
    planFilter(plan, `${path}/${index}`, filter, { addrUnit, why: `filter ${index}` });
  }
}

/**
 * Since 6.15 each filter goes where its type belongs, however the spec lists it; before, all go
 * into the one list there is, core filters first, which is the order newer kernels judge in.
 */
function planFilters(
  plan: WritePlan,
  path: KernelPath,
  scheme: SchemeSpec,
  addrUnit: bigint,
): void {
  const { filters, coreFilters, opsFilters } = scheme;
  if (filters === undefined && coreFilters === undefined && opsFilters === undefined) return;
  const all = [...(coreFilters ?? []), ...(opsFilters ?? []), ...(filters ?? [])];
  if (!plan.has('filter_layers')) {
    planFilterList(plan, `${path}/filters`, all, addrUnit);
    return;
  }
  const isOps = (filter: FilterSpec): boolean => !isCoreFilter(filter);
  // Emptied first: one left over there would be judged beside the others.
  planFilterList(plan, `${path}/filters`, [], addrUnit);
  planFilterList(plan, `${path}/core_filters`, all.filter(isCoreFilter), addrUnit);
  planFilterList(plan, `${path}/ops_filters`, all.filter(isOps), addrUnit);
}

function planScheme(plan: WritePlan, path: KernelPath, scheme: SchemeSpec, addrUnit: bigint): void {
  const { accessPattern, watermarks, dests } = scheme;
  planRange(plan, `${path}/access_pattern/sz`, accessPattern.sizeBytes, 'size of regions');
  planRange(plan, `${path}/access_pattern/nr_accesses`, accessPattern.nrAccesses, 'accesses');
  planRange(plan, `${path}/access_pattern/age`, accessPattern.ageIntervals, 'age of regions');
  plan.set(`${path}/action`, scheme.action, 'action');
  if (dests !== undefined) {
    plan.setCount(`${path}/dests/nr_dests`, dests.length, 'number of destinations');
    for (const [index, { nid, weight }] of dests.entries()) {
      plan.set(`${path}/dests/${index}/id`, nid, `destination ${index}`);
      plan.set(`${path}/dests/${index}/weight`, weight, `destination ${index}`);
    }
  }
  planQuotas(plan, `${path}/quotas`, scheme.quotas);
  plan.set(`${path}/watermarks/metric`, watermarks.metric, 'watermarks');
  plan.set(`${path}/watermarks/interval_us`, watermarks.intervalUs, 'watermarks');
  plan.set(`${path}/watermarks/high`, watermarks.highPermil, 'watermarks');
  plan.set(`${path}/watermarks/mid`, watermarks.midPermil, 'watermarks');
  plan.set(`${path}/watermarks/low`, watermarks.lowPermil, 'watermarks');
  plan.setIfGiven(`${path}/target_nid`, scheme.targetNid, 'node to migrate to');
  planFilters(plan, path, scheme, addrUnit);
  plan.setIfGiven(`${path}/apply_interval_us`, scheme.applyIntervalUs, 'apply interval');
  plan.setIfGiven(`${path}/stats/max_nr_snapshots`, scheme.maxNrSnapshots, 'limit of snapshots');
}

/** The writes below `contexts/<C>/schemes`. */
export function planSchemes(
  plan: WritePlan,
  path: KernelPath,
  schemes: readonly SchemeSpec[],
  addrUnit: bigint,
): void {
  plan.setCount(`${path}/nr_schemes`, schemes.length, 'number of schemes');
  for (const [index, scheme] of schemes.entries()) {
    planScheme(plan, `${path}/${index}`, scheme, addrUnit);
  }
}
