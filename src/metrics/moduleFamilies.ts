import type { DamonModuleState } from '../damon/kdamond.ts';
import type { CounterValues } from './counterCarrier.ts';
import { DAMON_STAT_FAMILIES } from './damonStatFamilies.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, Labels, MetricExample, MetricUnit, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

interface ModuleCounter {
  readonly module: DamonModuleState['name'];
  readonly name: string;
  readonly otelName: string;
  readonly unit: MetricUnit;
  readonly help: string;
  readonly example: MetricExample;
  /** Parameter file -> labels of its point. */
  readonly parameters: Readonly<Record<string, Labels>>;
}

const ABSENT: Readonly<Record<DamonModuleState['name'], string>> = {
  damon_reclaim: 'where DAMON_RECLAIM is not built',
  damon_lru_sort: 'where DAMON_LRU_SORT is not built',
};

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
    example: {
      answers: 'Regions tried per second.',
      query: 'rate(damon_reclaim_tried_regions_total[5m])',
    },
  },
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_tried_bytes_total',
    otelName: 'damon.reclaim.tried',
    unit: 'By',
    help: 'Bytes DAMON_RECLAIM tried to page out.',
    parameters: { bytes_reclaim_tried_regions: {} },
    example: {
      answers: 'Bytes tried within an hour.',
      query: 'increase(damon_reclaim_tried_bytes_total[1h])',
    },
  },
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_reclaimed_regions_total',
    otelName: 'damon.reclaim.reclaimed_regions',
    unit: '{region}',
    help: 'Regions DAMON_RECLAIM paged out.',
    parameters: { nr_reclaimed_regions: {} },
    example: {
      answers: 'Regions paged out per second.',
      query: 'rate(damon_reclaim_reclaimed_regions_total[5m])',
    },
  },
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_reclaimed_bytes_total',
    otelName: 'damon.reclaim.reclaimed',
    unit: 'By',
    help: 'Bytes DAMON_RECLAIM paged out.',
    parameters: { bytes_reclaimed_regions: {} },
    example: {
      answers: 'Bytes paged out per second by the whole fleet.',
      query: 'sum(rate(damon_reclaim_reclaimed_bytes_total[5m]))',
    },
  },
  {
    module: 'damon_reclaim',
    name: 'damon_reclaim_quota_exceeded_total',
    otelName: 'damon.reclaim.quota_exceeded',
    unit: '{time}',
    help: 'Times the quota kept DAMON_RECLAIM from doing more.',
    parameters: { nr_quota_exceeds: {} },
    example: {
      answers: 'How often within an hour the quota ended.',
      query: 'increase(damon_reclaim_quota_exceeded_total[1h])',
    },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_tried_regions_total',
    otelName: 'damon.lru_sort.tried_regions',
    unit: '{region}',
    help: 'Regions DAMON_LRU_SORT tried to move on the LRU lists: hot ones up, cold ones down.',
    parameters: { nr_lru_sort_tried_hot_regions: HOT, nr_lru_sort_tried_cold_regions: COLD },
    example: {
      answers: 'Hot and cold regions tried per second.',
      query: 'rate(damon_lru_sort_tried_regions_total[5m])',
    },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_tried_bytes_total',
    otelName: 'damon.lru_sort.tried',
    unit: 'By',
    help: 'Bytes DAMON_LRU_SORT tried to move on the LRU lists: hot ones up, cold ones down.',
    parameters: { bytes_lru_sort_tried_hot_regions: HOT, bytes_lru_sort_tried_cold_regions: COLD },
    example: {
      answers: 'Hot and cold bytes tried within an hour.',
      query: 'increase(damon_lru_sort_tried_bytes_total[1h])',
    },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_sorted_regions_total',
    otelName: 'damon.lru_sort.sorted_regions',
    unit: '{region}',
    help: 'Regions DAMON_LRU_SORT moved on the LRU lists: hot ones up, cold ones down.',
    parameters: { nr_lru_sorted_hot_regions: HOT, nr_lru_sorted_cold_regions: COLD },
    example: {
      answers: 'Regions moved per second, up and down.',
      query: 'sum without (scheme) (rate(damon_lru_sort_sorted_regions_total[5m]))',
    },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_sorted_bytes_total',
    otelName: 'damon.lru_sort.sorted',
    unit: 'By',
    help: 'Bytes DAMON_LRU_SORT moved on the LRU lists: hot ones up, cold ones down.',
    parameters: { bytes_lru_sorted_hot_regions: HOT, bytes_lru_sorted_cold_regions: COLD },
    example: {
      answers: 'Hot bytes moved up per second.',
      query: 'rate(damon_lru_sort_sorted_bytes_total{scheme="hot"}[5m])',
    },
  },
  {
    module: 'damon_lru_sort',
    name: 'damon_lru_sort_quota_exceeded_total',
    otelName: 'damon.lru_sort.quota_exceeded',
    unit: '{time}',
    help: 'Times the quota kept DAMON_LRU_SORT from doing more.',
    parameters: { nr_hot_quota_exceeds: HOT, nr_cold_quota_exceeds: COLD },
    example: {
      answers: 'How often within an hour the quotas ended.',
      query: 'increase(damon_lru_sort_quota_exceeded_total[1h])',
    },
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
    absent: ABSENT.damon_reclaim,
    example: {
      answers: 'Hosts on which DAMON_RECLAIM is switched on.',
      query: 'sum(damon_reclaim_enabled)',
    },
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
    absent: ABSENT.damon_lru_sort,
    example: {
      answers: 'Hosts on which DAMON_LRU_SORT is switched on.',
      query: 'sum(damon_lru_sort_enabled)',
    },
    labels: [],
    computePoints: enabledPoints('damon_lru_sort'),
  },
  ...MODULE_COUNTERS.map((counter): FamilySpec<MetricsInput> => ({
    name: counter.name,
    otelName: counter.otelName,
    unit: counter.unit,
    kind: 'counter',
    help: counter.help,
    absent: ABSENT[counter.module],
    example: counter.example,
    kernelSource: `${counter.module}/parameters/${Object.keys(counter.parameters).join(', ')}`,
    labels: [...new Set(Object.values(counter.parameters).flatMap(Object.keys))],
    computePoints: counterPoints(counter),
  })),
];
