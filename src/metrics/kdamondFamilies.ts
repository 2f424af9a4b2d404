import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { listContexts } from './observedParts.ts';
import type { ObservedContext } from './observedParts.ts';

const NO_KDAMOND = 'where sysfs holds no kdamond and no module runs one';
const OF_MODULES = "for kdamonds of the kernel's own modules: sysfs does not describe them";
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
    absent: NO_KDAMOND,
    example: {
      answers: 'Kernel threads that run, by host.',
      query: 'sum by (instance) (damon_kdamond_running)',
    },
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
    absent: NO_KDAMOND,
    example: {
      answers: 'Whether each kdamond runs, with who started it.',
      query: 'damon_kdamond_running * ignoring (owner) group_left (owner) damon_kdamond_info',
    },
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
    absent: 'while the kdamond is off',
    example: {
      answers: 'Share of one processor that monitoring and schemes take.',
      query: 'rate(damon_kdamond_cpu_seconds_total[5m])',
    },
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
    absent: OF_MODULES,
    example: {
      answers: 'How many contexts watch processes, and how many physical memory.',
      query: 'count by (operations) (damon_context_info)',
    },
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
    absent: "for a module's kdamond as long as neither its parameters nor the trace tell it",
    example: {
      answers: 'Samples per aggregation: the most accesses that a region can have.',
      query: 'damon_aggregation_interval_seconds / damon_sampling_interval_seconds',
    },
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
    absent: "for a module's kdamond as long as neither its parameters nor two snapshots tell it",
    example: {
      answers: 'How far the kernel has tuned the interval within a day.',
      query:
        'max_over_time(damon_aggregation_interval_seconds[1d]) / min_over_time(damon_aggregation_interval_seconds[1d])',
    },
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
    absent: OF_MODULES,
    example: {
      answers: 'Aggregations that may pass until newly mapped memory is seen.',
      query: 'damon_update_interval_seconds / damon_aggregation_interval_seconds',
    },
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
    absent: OF_MODULES,
    example: {
      answers:
        'Share of the regions allowed that exist; above 0.5 the kernel splits none any more.',
      query:
        'sum without (target) (damon_regions) / ignoring (bound) damon_regions_limit{bound="max"}',
    },
    labels: [...CONTEXT_LABELS, 'bound'],
    computePoints: ({ observation }) => listContexts(observation).flatMap(regionsLimits),
  },
];
