import type {
  ContextSpec,
  IntervalsSpec,
  KdamondSpec,
  ProbeSpec,
  TargetSpec,
} from '../damon/spec.ts';
import { formatPlannedAddr } from './plannedAddr.ts';
import { KDAMONDS } from './kdamonds.ts';
import type { KernelPath } from './kernelFs.ts';
import { planSchemes } from './planSchemes.ts';
import type { WritePlan } from './writePlan.ts';

function planIntervals(plan: WritePlan, path: KernelPath, intervals: IntervalsSpec): void {
  const { sampleIntervalUs, aggrIntervalUs, updateIntervalUs, goal } = intervals;
  plan.set(`${path}/sample_us`, sampleIntervalUs, 'sampling interval');
  plan.set(`${path}/aggr_us`, aggrIntervalUs, 'aggregation interval');
  plan.set(`${path}/update_us`, updateIntervalUs, 'update interval');
  if (goal === undefined) return;
  const directory: KernelPath = `${path}/intervals_goal`;
  plan.set(`${directory}/access_bp`, goal.accessBp, 'tuning: accesses to observe');
  plan.set(`${directory}/aggrs`, goal.aggrs, 'tuning: aggregations per step');
  plan.set(`${directory}/min_sample_us`, goal.minSampleIntervalUs, 'tuning: shortest sampling');
  plan.set(`${directory}/max_sample_us`, goal.maxSampleIntervalUs, 'tuning: longest sampling');
}

function planProbes(plan: WritePlan, path: KernelPath, probes: readonly ProbeSpec[]): void {
  plan.setCount(`${path}/nr_probes`, probes.length, 'number of probes');
  for (const [index, { filters }] of probes.entries()) {
    const directory: KernelPath = `${path}/${index}/filters`;
    plan.setCount(`${directory}/nr_filters`, filters.length, `filters of probe ${index}`);
    for (const [filterIndex, filter] of filters.entries()) {
      const why = `probe ${index} filter ${filterIndex}`;
      const filterPath: KernelPath = `${directory}/${filterIndex}`;
      plan.set(`${filterPath}/type`, filter.type, why);
      plan.set(`${filterPath}/matching`, filter.isMatching, why);
      plan.set(`${filterPath}/allow`, filter.isAllowing ?? false, why);
      plan.setIfGiven(`${filterPath}/path`, filter.memcgPath, why);
    }
  }
}

function planTargets(
  plan: WritePlan,
  path: KernelPath,
  targets: readonly TargetSpec[],
  addrUnit: bigint,
): void {
  plan.setCount(`${path}/nr_targets`, targets.length, 'number of targets');
  for (const [index, { pid, isObsolete, regions }] of targets.entries()) {
    const why = `target ${index}`;
    const target: KernelPath = `${path}/${index}`;
    plan.setIfGiven(`${target}/pid_target`, pid, why);
    plan.setIfGiven(`${target}/obsolete_target`, isObsolete, why);
    plan.setCount(`${target}/regions/nr_regions`, regions.length, `initial regions of ${why}`);
    for (const [regionIndex, { startAddr, endAddr }] of regions.entries()) {
      const region: KernelPath = `${target}/regions/${regionIndex}`;
      for (const [name, addr] of [
        ['start', startAddr],
        ['end', endAddr],
      ] as const) {
        const file: KernelPath = `${region}/${name}`;
        plan.set(file, formatPlannedAddr(addr, addrUnit, file), `${why} region ${regionIndex}`);
      }
    }
  }
}

function planContext(plan: WritePlan, path: KernelPath, context: ContextSpec): void {
  const attrs: KernelPath = `${path}/monitoring_attrs`;
  const addrUnit = context.addrUnit ?? 1n;
  plan.set(`${path}/operations`, context.operations, 'what kind of addresses');
  planIntervals(plan, `${attrs}/intervals`, context.intervals);
  plan.set(`${attrs}/nr_regions/min`, context.minNrRegions, 'fewest regions');
  plan.set(`${attrs}/nr_regions/max`, context.maxNrRegions, 'most regions');
  if (context.probes !== undefined) planProbes(plan, `${attrs}/probes`, context.probes);
  plan.setIfGiven(`${path}/pause`, context.isPaused, 'paused or not');
  // Addresses mean nothing without it, so it never stays what it happened to be.
  if (context.addrUnit !== undefined || plan.has('addr_unit')) {
    plan.set(`${path}/addr_unit`, addrUnit, 'bytes per unit of an address');
  }
  planTargets(plan, `${path}/targets`, context.targets, addrUnit);
  planSchemes(plan, `${path}/schemes`, context.schemes, addrUnit);
}

/**
 * The writes that stage a whole spec in kdamond `index`, in an order in which every directory is
 * made before it is written to. Makes no difference to `nr_kdamonds`, nor to whether it runs.
 *
 * @throws KernelError when an address is no multiple of the address unit.
 */
export function planKdamond(plan: WritePlan, index: number, spec: KdamondSpec): void {
  const path: KernelPath = `${KDAMONDS}/${index}`;
  plan.setIfGiven(`${path}/refresh_ms`, spec.refreshMs, "the kernel's own refresh");
  plan.setCount(`${path}/contexts/nr_contexts`, spec.contexts.length, 'number of contexts');
  for (const [contextIndex, context] of spec.contexts.entries()) {
    planContext(plan, `${path}/contexts/${contextIndex}`, context);
  }
}
