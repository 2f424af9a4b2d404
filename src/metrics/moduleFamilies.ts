import type { DamonModuleState } from '../damon/kdamond.ts';
import type { CounterValues } from './counterCarrier.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, Labels, MetricUnit, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

/** The percentiles shown of the 101 there are. */
const IDLE_PERCENTILES = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100] as const;

interface ModuleCounter {
  readonly module: DamonModuleState['name'];
  readonly name: string;
  readonly otelName: string;
  readonly unit: MetricUnit;
  readonly help: string;
  /** Parameter file -> labels of its point. */
  readonly parameters: Readonly<Record<string, Labels>>;
}

const HOT: Labels = { scheme: 'hot' };
const COLD: Labels = { scheme: 'cold' };

const MODULE_COUNTERS: readonly ModuleCounter[] = [
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_tried_regions_total',
    otelName: 'damon.reclaim.tried_regions',
    unit: '{region}',
    help: 'Regions DAMON_RECLAIM tried to page out.',
    parameters: { nr_reclaim_tried_regions: {} },
  },
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_tried_bytes_total',
    otelName: 'damon.reclaim.tried',
    unit: 'By',
    help: 'Bytes DAMON_RECLAIM tried to page out.',
    parameters: { bytes_reclaim_tried_regions: {} },
  },
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_reclaimed_regions_total',
    otelName: 'damon.reclaim.reclaimed_regions',
    unit: '{region}',
    help: 'Regions DAMON_RECLAIM paged out.',
    parameters: { nr_reclaimed_regions: {} },
  },
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_reclaimed_bytes_total',
    otelName: 'damon.reclaim.reclaimed',
    unit: 'By',
    help: 'Bytes DAMON_RECLAIM paged out.',
    parameters: { bytes_reclaimed_regions: {} },
  },
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_quota_exceeded_total',
    otelName: 'damon.reclaim.quota_exceeded',
    unit: '{time}',
    help: 'Times the quota kept DAMON_RECLAIM from doing more.',
    parameters: { nr_quota_exceeds: {} },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_tried_regions_total',
    otelName: 'damon.lru_sort.tried_regions',
    unit: '{region}',
    help: 'Regions DAMON_LRU_SORT tried to move on the LRU lists: hot ones up, cold ones down.',
    parameters: { nr_lru_sort_tried_hot_regions: HOT, nr_lru_sort_tried_cold_regions: COLD },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_tried_bytes_total',
    otelName: 'damon.lru_sort.tried',
    unit: 'By',
    help: 'Bytes DAMON_LRU_SORT tried to move on the LRU lists: hot ones up, cold ones down.',
    parameters: { bytes_lru_sort_tried_hot_regions: HOT, bytes_lru_sort_tried_cold_regions: COLD },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_sorted_regions_total',
    otelName: 'damon.lru_sort.sorted_regions',
    unit: '{region}',
    help: 'Regions DAMON_LRU_SORT moved on the LRU lists: hot ones up, cold ones down.',
    parameters: { nr_lru_sorted_hot_regions: HOT, nr_lru_sorted_cold_regions: COLD },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_sorted_bytes_total',
    otelName: 'damon.lru_sort.sorted',
    unit: 'By',
    help: 'Bytes DAMON_LRU_SORT moved on the LRU lists: hot ones up, cold ones down.',
    parameters: { bytes_lru_sorted_hot_regions: HOT, bytes_lru_sorted_cold_regions: COLD },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_quota_exceeded_total',
    otelName: 'damon.lru_sort.quota_exceeded',
    unit: '{time}',
    help: 'Times the quota kept DAMON_LRU_SORT from doing more.',
    parameters: { nr_hot_quota_exceeds: HOT, nr_cold_quota_exceeds: COLD },
  },
];

/** What the counters of a module are kept under in a CounterCarrier. */
export function formatModuleKey(name: DamonModuleState['name']): string {
  return JSON.stringify(['module', name]);
}

/** Those of a module's parameters that count something; text that is no number is left out. */
export function selectModuleCounters(module: DamonModuleState): CounterValues {
  const names = MODULE_COUNTERS.filter((counter) => counter.module === module.name).flatMap(
    ({ parameters }) => Object.keys(parameters),
  );
  return Object.fromEntries(
    names.map((name) => {
      const text = module.parameters.get(name);
      return [name, text !== undefined && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined];
    }),
  );
}

function counterPoints(counter: ModuleCounter): (input: MetricsInput) => ScalarPoint[] {
  return ({ counters }) => {
    const totals = counters.totals(formatModuleKey(counter.module));
    return Object.entries(counter.parameters).flatMap(([parameter, labels]) =>
      pointIfKnown(labels, totals?.get(parameter)),
    );
  };
}

function enabledPoints(name: DamonModuleState['name']): (input: MetricsInput) => ScalarPoint[] {
  return ({ observation }) =>
    (observation?.modules ?? [])
      .filter((module) => module.name === name)
      .map(({ isEnabled }) => ({ labels: {}, value: Number(isEnabled) }));
}

function idlePoints({ observation }: MetricsInput): ScalarPoint[] {
  const idleMs = observation?.damonStat?.memoryIdleMsPercentiles;
  return IDLE_PERCENTILES.flatMap((percentile) => {
    const value = idleMs?.[percentile];
    return pointIfKnown(
      { percentile: String(percentile) },
      value === undefined ? undefined : value / 1000,
    );
  });
}

const DAMON_STAT_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_stat_enabled',
    otelName: 'damon.stat.enabled',
    unit: '',
    kind: 'gauge',
    help: 'Whether DAMON_STAT is switched on: 1 or 0.',
    kernelSource: 'damon_stat/parameters/enabled (6.17)',
    labels: [],
    computePoints: ({ observation }) =>
      observation?.damonStat === undefined
        ? []
        : [{ labels: {}, value: Number(observation.damonStat.isEnabled) }],
  },
  {
    name: 'damon_stat_aggregation_interval_seconds',
    otelName: 'damon.stat.aggregation_interval',
    unit: 's',
    kind: 'gauge',
    help: 'Aggregation interval DAMON_STAT has tuned itself to.',
    kernelSource: 'damon_stat/parameters/aggr_interval_us (6.18)',
    labels: [],
    computePoints: ({ observation }) => {
      const aggrIntervalUs = observation?.damonStat?.aggrIntervalUs;
      return pointIfKnown({}, aggrIntervalUs === undefined ? undefined : aggrIntervalUs / 1e6);
    },
  },
  {
    name: 'damon_stat_memory_bandwidth_bytes_per_second',
    otelName: 'damon.stat.memory_bandwidth',
    unit: 'By/s',
    kind: 'gauge',
    help: 'Memory bandwidth use as DAMON_STAT estimates it.',
    kernelSource: 'damon_stat/parameters/estimated_memory_bandwidth',
    labels: [],
    computePoints: ({ observation }) =>
      pointIfKnown({}, observation?.damonStat?.estimatedMemoryBandwidthBytesPerSecond),
  },
  {
    name: 'damon_stat_idle_seconds',
    otelName: 'damon.stat.idle',
    unit: 's',
    kind: 'gauge',
    help: 'Idle time that this percentage of memory stays at or below; negative = accessed so long.',
    kernelSource: 'damon_stat/parameters/memory_idle_ms_percentiles',
    labels: ['percentile'],
    computePoints: idlePoints,
  },
];

/** Parameters of the DAMON modules that are observations. */
export const MODULE_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  ...DAMON_STAT_FAMILIES,
  {
    name: 'damon_reclaim_enabled',
    otelName: 'damon.reclaim.enabled',
    unit: '',
    kind: 'gauge',
    help: 'Whether DAMON_RECLAIM is switched on: 1 or 0.',
    kernelSource: 'damon_reclaim/parameters/enabled',
    labels: [],
    computePoints: enabledPoints('damon_reclaim'),
  },
  {
    name: 'damon_lru_sort_enabled',
    otelName: 'damon.lru_sort.enabled',
    unit: '',
    kind: 'gauge',
    help: 'Whether DAMON_LRU_SORT is switched on: 1 or 0.',
    kernelSource: 'damon_lru_sort/parameters/enabled',
    labels: [],
    computePoints: enabledPoints('damon_lru_sort'),
  },
  ...MODULE_COUNTERS.map((counter): FamilySpec<MetricsInput> => ({
    name: counter.name,
    otelName: counter.otelName,
    unit: counter.unit,
    kind: 'counter',
    help: counter.help,
    kernelSource: `${counter.module}/parameters/${Object.keys(counter.parameters).join(', ')}`,
    labels: [...new Set(Object.values(counter.parameters).flatMap(Object.keys))],
    computePoints: counterPoints(counter),
  })),
];
