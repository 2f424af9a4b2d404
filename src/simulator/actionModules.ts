import type { Action } from '../damon/spec.ts';
import { parseBool } from './attributeValue.ts';
import type { ContextConfig, QuotaConfig, SchemeConfig } from './contextConfig.ts';
import { NO_GOAL, computeMaxNrAccesses } from './contextConfig.ts';
import type { DamonHost } from './damonHost.ts';
import type { Kdamond } from './kdamond.ts';
import { createRequest } from './kdamondRequests.ts';
import type { PendingWrite, StaticDir } from './kernelNode.ts';
import type { KernelModel } from './kernelModel.ts';
import { ModuleParameters } from './moduleParameters.ts';
import type { ParameterDefault } from './moduleParameters.ts';
import { computeMonitoredRam } from './moduleRam.ts';
import type { SchemeCounters } from './scheme.ts';

interface ActionModule {
  readonly defaults: readonly ParameterDefault[];
  readonly createSchemes: (parameters: ModuleParameters) => readonly SchemeConfig[];
  /** Statistics files and the counter each shows, by index of the scheme. */
  readonly statistics: readonly (readonly [
    name: string,
    schemeIndex: number,
    counter: keyof SchemeCounters,
  ])[];
}

const SHARED_DEFAULTS: readonly ParameterDefault[] = [
  ['sample_interval', '5000'],
  ['aggr_interval', '100000'],
  ['min_nr_regions', '10'],
  ['max_nr_regions', '1000'],
  ['monitor_region_start', '0'],
  ['monitor_region_end', '0'],
  ['quota_ms', '10'],
  ['quota_reset_interval_ms', '1000'],
];

/** Parameters by the kernel that brought them, beside those of the capability table. */
const LATER_DEFAULTS: readonly (readonly [since: string, ...ParameterDefault])[] = [
  ['6.18', 'addr_unit', '1'],
  ['7.0', 'autotune_monitoring_intervals', 'N'],
];

const RECLAIM: ActionModule = {
  defaults: [
    ['min_age', '120000000'],
    ['quota_sz', '134217728'],
    ['quota_mem_pressure_us', '0'],
    ['quota_autotune_feedback', '0'],
    ['wmarks_interval', '5000000'],
    ['wmarks_high', '500'],
    ['wmarks_mid', '400'],
    ['wmarks_low', '200'],
    ['skip_anon', 'N'],
  ],
  createSchemes: (parameters) => {
    const age = parameters.number('min_age') / Math.max(1, parameters.number('aggr_interval'));
    const quota = readQuota(parameters, parameters.number('quota_ms'));
    return [createScheme('pageout', parameters, { minAge: age, quota })];
  },
  statistics: [
    ['nr_reclaim_tried_regions', 0, 'nrTried'],
    ['bytes_reclaim_tried_regions', 0, 'triedBytes'],
    ['nr_reclaimed_regions', 0, 'nrApplied'],
    ['bytes_reclaimed_regions', 0, 'appliedBytes'],
    ['nr_quota_exceeds', 0, 'quotaExceeds'],
  ],
};

const LRU_SORT: ActionModule = {
  defaults: [
    ['hot_thres_access_freq', '500'],
    ['cold_min_age', '120000000'],
    ['wmarks_interval', '5000000'],
    ['wmarks_high', '200'],
    ['wmarks_mid', '150'],
    ['wmarks_low', '50'],
  ],
  createSchemes: (parameters) => {
    const { sampleUs, aggrUs } = readIntervals(parameters);
    const maxNrAccesses = computeMaxNrAccesses({ sampleUs, aggrUs, updateUs: 0 });
    const minNrAccesses = (maxNrAccesses * parameters.number('hot_thres_access_freq')) / 1000;
    const minAge = parameters.number('cold_min_age') / Math.max(1, aggrUs);
    const quota = readQuota(parameters, parameters.number('quota_ms') / 2);
    return [
      createScheme('lru_prio', parameters, { minNrAccesses, quota }),
      createScheme('lru_deprio', parameters, { minAge, quota }),
    ];
  },
  statistics: (['hot', 'cold'] as const).flatMap(
    (kind, index) =>
      [
        [`nr_lru_sort_tried_${kind}_regions`, index, 'nrTried'],
        [`bytes_lru_sort_tried_${kind}_regions`, index, 'triedBytes'],
        [`nr_lru_sorted_${kind}_regions`, index, 'nrApplied'],
        [`bytes_lru_sorted_${kind}_regions`, index, 'appliedBytes'],
        [`nr_${kind}_quota_exceeds`, index, 'quotaExceeds'],
      ] as const,
  ),
};

/** `sys/module/damon_reclaim` or `sys/module/damon_lru_sort`. */
export function createActionModule(
  name: 'damon_reclaim' | 'damon_lru_sort',
  host: DamonHost,
): StaticDir {
  const module = name === 'damon_reclaim' ? RECLAIM : LRU_SORT;
  const parameters = new ModuleParameters([
    ...SHARED_DEFAULTS,
    ...module.defaults,
    ...listLater(name, host.model),
  ]);
  let kdamond: Kdamond | undefined;
  const isRunning = (): boolean => kdamond?.isRunning === true;
  parameters.handle(
    'enabled',
    () => (isRunning() ? 'Y' : 'N'),
    (text) => {
      const isOn = parseBool(text) === 'Y';
      if (!isOn) kdamond?.stop();
      else if (!isRunning()) {
        host.checkFree('module');
        showMonitoredRam(parameters, host);
        kdamond = host.start('module', createConfig(module, parameters));
      }
      return undefined;
    },
  );
  parameters.show('kdamond_pid', () => (isRunning() ? (kdamond?.pid ?? -1) : -1));
  for (const [file, index, counter] of module.statistics) {
    parameters.show(file, () => {
      return isRunning() ? (kdamond?.schemes[index]?.counters[counter] ?? 0) : 0;
    });
  }
  let commit: PendingWrite | undefined;
  parameters.handle(
    'commit_inputs',
    () => (commit !== undefined && commit.answer() === undefined ? 'Y' : 'N'),
    (text) => {
      const running = kdamond;
      if (parseBool(text) === 'N' || running?.isRunning !== true) return undefined;
      const request = createRequest(() => running.nextWakeUs);
      running.requests.call(request, () => {
        running.commit(createConfig(module, parameters));
        return undefined;
      });
      commit = request;
      return host.model.answersAfterSampling ? request : undefined;
    },
  );
  return parameters.moduleDir;
}

function listLater(name: string, model: KernelModel): ParameterDefault[] {
  const later = LATER_DEFAULTS.filter(([since]) => model.isSince(since));
  const own: ParameterDefault[] =
    name === 'damon_lru_sort' && model.isSince('7.0')
      ? [
          ['active_mem_bp', '0'],
          ['filter_young_pages', 'N'],
        ]
      : [];
  return [...later.map(([, file, initial]): ParameterDefault => [file, initial]), ...own];
}

function readIntervals(parameters: ModuleParameters): { sampleUs: number; aggrUs: number } {
  return {
    sampleUs: parameters.number('sample_interval'),
    aggrUs: parameters.number('aggr_interval'),
  };
}

/** Without limits given, the kernel writes down what it took; before 7.2 the last byte. */
function showMonitoredRam(parameters: ModuleParameters, host: DamonHost): void {
  if (parameters.number('monitor_region_end') !== 0) return;
  const { start, end } = computeMonitoredRam(host);
  parameters.set('monitor_region_start', String(start));
  parameters.set('monitor_region_end', String(host.model.modulesMonitorAllRam ? end : end - 1));
}

function createConfig(module: ActionModule, parameters: ModuleParameters): ContextConfig {
  const range = {
    start: parameters.number('monitor_region_start'),
    end: Math.ceil(parameters.number('monitor_region_end') / 4096) * 4096,
  };
  return {
    operations: 'paddr',
    isPaused: false,
    intervals: { ...readIntervals(parameters), updateUs: 60_000_000 },
    goal: NO_GOAL,
    minNrRegions: parameters.number('min_nr_regions'),
    maxNrRegions: parameters.number('max_nr_regions'),
    probes: [],
    targets: [{ pid: 0, ranges: [range] }],
    schemes: module.createSchemes(parameters),
  };
}

function readQuota(parameters: ModuleParameters, timeMs: number): QuotaConfig {
  return {
    timeMs,
    sizeBytes: parameters.number('quota_sz'),
    resetIntervalMs: parameters.number('quota_reset_interval_ms'),
    sizeWeight: 0,
    accessesWeight: 3,
    ageWeight: 7,
    goals: [],
  };
}

interface SchemePattern {
  readonly minNrAccesses?: number;
  readonly minAge?: number;
  readonly quota: QuotaConfig;
}

/** Without a minimum of accesses the scheme is for memory that has none. */
function createScheme(
  action: Action,
  parameters: ModuleParameters,
  { minNrAccesses, minAge = 0, quota }: SchemePattern,
): SchemeConfig {
  return {
    action,
    applyIntervalUs: 0,
    sizeBytes: { min: 4096, max: Infinity },
    nrAccesses: { min: minNrAccesses ?? 0, max: minNrAccesses === undefined ? 0 : Infinity },
    age: { min: minAge, max: Infinity },
    quota,
    watermarks: {
      metric: 'free_mem_rate',
      intervalUs: parameters.number('wmarks_interval'),
      high: parameters.number('wmarks_high'),
      mid: parameters.number('wmarks_mid'),
      low: parameters.number('wmarks_low'),
    },
    filters: [],
    maxNrSnapshots: 0,
  };
}
