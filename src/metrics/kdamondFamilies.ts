import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { listContexts } from './observedParts.ts';
import type { ObservedContext } from './observedParts.ts';

const CONTEXT_LABELS = ['kdamond', 'context'] as const;

function perContext(
  computeValue: (context: ObservedContext) => number | bigint | undefined,
): (input: MetricsInput) => ScalarPoint[] {
  return ({ observation }) =>
    listContexts(observation).flatMap((context) =>
      pointIfKnown(context.labels, computeValue(context)),
    );
}

function usToSeconds(us: number | undefined): number | undefined {
  return us === undefined ? undefined : us / 1e6;
}

function contextInfo({ labels, state }: ObservedContext): ScalarPoint[] {
  if (state === undefined) return [];
  const { operations, addrUnit } = state;
  const unit = addrUnit === undefined ? {} : { addr_unit: addrUnit.toString() };
  return [{ labels: { ...labels, operations, ...unit }, value: 1 }];
}

function regionsLimits({ labels, state }: ObservedContext): ScalarPoint[] {
  if (state === undefined) return [];
  return [
    { labels: { ...labels, bound: 'min' }, value: state.minNrRegions },
    { labels: { ...labels, bound: 'max' }, value: state.maxNrRegions },
  ];
}

/** Kernel threads and their contexts. */
export const KDAMOND_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_kdamond_running',
    otelName: 'damon.kdamond.running',
    unit: '',
    kind: 'gauge',
    help: 'Whether the monitoring thread runs: 1 or 0.',
    kernelSource: 'kdamonds/<N>/state; a module: parameters/kdamond_pid',
    labels: ['kdamond'],
    computePoints: ({ observation }) =>
      (observation?.kdamonds ?? []).map(({ ref, isRunning }) => ({
        labels: { kdamond: ref.label },
        value: Number(isRunning),
      })),
  },
  {
    name: 'damon_kdamond_info',
    otelName: 'damon.kdamond.info',
    unit: '',
    kind: 'info',
    help: 'Who started the monitoring thread: own is this exporter, sysfs anybody else there.',
    labels: ['kdamond', 'owner'],
    computePoints: ({ observation }) =>
      (observation?.kdamonds ?? []).map(({ ref }) => ({
        labels: { kdamond: ref.label, owner: ref.owner },
        value: 1,
      })),
  },
  {
    name: 'damon_kdamond_cpu_seconds_total',
    otelName: 'damon.kdamond.cpu',
    unit: 's',
    kind: 'counter',
    help: 'Processor time the monitoring thread has used, user and system.',
    kernelSource: '/proc/<kdamond pid>/stat',
    labels: ['kdamond'],
    computePoints: ({ observation }) =>
      (observation?.kdamonds ?? []).flatMap(({ ref, cpuSeconds }) =>
        pointIfKnown({ kdamond: ref.label }, cpuSeconds),
      ),
  },
  {
    name: 'damon_context_info',
    otelName: 'damon.context.info',
    unit: '',
    kind: 'info',
    help: 'What the context monitors: vaddr, fvaddr or paddr, and bytes per address unit (6.18).',
    kernelSource: 'contexts/<N>/operations, addr_unit',
    labels: [...CONTEXT_LABELS, 'operations', 'addr_unit'],
    computePoints: ({ observation }) => listContexts(observation).flatMap(contextInfo),
  },
  {
    name: 'damon_sampling_interval_seconds',
    otelName: 'damon.sampling.interval',
    unit: 's',
    kind: 'gauge',
    help: 'Time between two looks at the accessed bit, as configured or tuned now.',
    kernelSource: 'intervals/sample_us; trace damon_monitor_intervals_tune',
    labels: CONTEXT_LABELS,
    computePoints: perContext(({ newest, state }) =>
      usToSeconds(newest?.sampleIntervalUs ?? state?.intervals.sampleIntervalUs),
    ),
  },
  {
    name: 'damon_aggregation_interval_seconds',
    otelName: 'damon.aggregation.interval',
    unit: 's',
    kind: 'gauge',
    help: 'Time over which accesses are counted before they are reported, as tuned now.',
    kernelSource: 'intervals/aggr_us',
    labels: CONTEXT_LABELS,
    computePoints: perContext(({ newest, state }) =>
      usToSeconds(newest?.aggrIntervalUs ?? state?.intervals.aggrIntervalUs),
    ),
  },
  {
    name: 'damon_update_interval_seconds',
    otelName: 'damon.update.interval',
    unit: 's',
    kind: 'gauge',
    help: 'Time between two looks at which memory the targets have.',
    kernelSource: 'intervals/update_us',
    labels: CONTEXT_LABELS,
    computePoints: perContext(({ state }) => usToSeconds(state?.intervals.updateIntervalUs)),
  },
  {
    name: 'damon_regions_limit',
    otelName: 'damon.regions_limit',
    unit: '{region}',
    kind: 'gauge',
    help: 'Fewest and most regions the kernel may divide the memory of a context into.',
    kernelSource: 'nr_regions/min, max',
    labels: [...CONTEXT_LABELS, 'bound'],
    computePoints: ({ observation }) => listContexts(observation).flatMap(regionsLimits),
  },
];
