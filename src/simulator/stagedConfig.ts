import { ACTIONS, OPERATIONS } from '../damon/spec.ts';
import type {
  Bounds,
  ContextConfig,
  FilterConfig,
  IntervalsGoal,
  SchemeConfig,
  TargetConfig,
} from './contextConfig.ts';
import { Errno } from './kernelNode.ts';
import type { Machine } from './machine.ts';
import { KTHREADD_PID } from './monitoredSpace.ts';
import type { Range } from './regionSet.ts';
import type { StagedDir } from './stagedDir.ts';

const FEWEST_REGIONS = 3;
const ADDR_LIMIT = 2 ** 53;

/**
 * What the staged files of one context say, checked as the kernel checks at `on` and `commit`.
 *
 * @throws Errno EINVAL, and ENOMEM for filters the kernel cannot make
 */
export function buildContextConfig(dir: StagedDir, machine: Machine): ContextConfig {
  const operations = OPERATIONS.find((name) => name === dir.text('operations')) ?? 'vaddr';
  const intervals = dir.dir('monitoring_attrs/intervals');
  const config: ContextConfig = {
    operations,
    isPaused: dir.text('pause') === 'Y',
    intervals: {
      sampleUs: intervals.number('sample_us'),
      aggrUs: intervals.number('aggr_us'),
      updateUs: intervals.number('update_us'),
    },
    goal: readGoal(intervals),
    minNrRegions: dir.number('monitoring_attrs/nr_regions/min'),
    maxNrRegions: dir.number('monitoring_attrs/nr_regions/max'),
    probes: dir
      .numbered('monitoring_attrs/probes')
      .map((probe) => probe.numbered('filters').map((filter) => readFilter(filter, 'path'))),
    targets: dir.numbered('targets').map((target) => readTarget(target, dir)),
    schemes: dir.numbered('schemes').map(readScheme),
  };
  checkMonitoring(config);
  for (const filter of config.probes.flat()) {
    if (isUnknownMemcg(filter, machine)) throw new Errno('EINVAL');
  }
  if (operations !== 'paddr') checkPids(config.targets, machine);
  for (const filter of config.schemes.flatMap(({ filters }) => filters)) {
    const isEmptyRange = filter.type === 'addr' && filter.addrRange.start > filter.addrRange.end;
    if (isEmptyRange || isUnknownMemcg(filter, machine)) throw new Errno('ENOMEM');
  }
  return config;
}

function readGoal(intervals: StagedDir): IntervalsGoal {
  return {
    accessBp: intervals.number('intervals_goal/access_bp'),
    aggrs: intervals.number('intervals_goal/aggrs'),
    minSampleUs: intervals.number('intervals_goal/min_sample_us'),
    maxSampleUs: intervals.number('intervals_goal/max_sample_us'),
  };
}

function checkMonitoring({ intervals, goal, minNrRegions, maxNrRegions }: ContextConfig): void {
  if (minNrRegions < FEWEST_REGIONS || minNrRegions > maxNrRegions) throw new Errno('EINVAL');
  if (intervals.sampleUs > intervals.aggrUs) throw new Errno('EINVAL');
  if (goal.aggrs === 0) return;
  const { minSampleUs, maxSampleUs } = goal;
  if (minSampleUs > maxSampleUs) throw new Errno('EINVAL');
  if (intervals.sampleUs < minSampleUs || intervals.sampleUs > maxSampleUs) {
    throw new Errno('EINVAL');
  }
}

/** Kernel threads count as processes: they just have no memory of their own. */
function checkPids(targets: readonly TargetConfig[], machine: Machine): void {
  for (const { pid } of targets) {
    if (!machine.processes.has(pid) && pid !== KTHREADD_PID) throw new Errno('EINVAL');
  }
}

function isUnknownMemcg(filter: FilterConfig, machine: Machine): boolean {
  if (filter.type !== 'memcg' || filter.memcgPath === '/') return false;
  return ![...machine.processes.values()].some(
    ({ workload }) => workload.cgroup === filter.memcgPath,
  );
}

function readTarget(target: StagedDir, context: StagedDir): TargetConfig {
  const addrUnit = Number(context.text('addr_unit') ?? '1');
  const ranges = target.numbered('regions').map((region) => {
    const range = {
      start: region.number('start') * addrUnit,
      end: region.number('end') * addrUnit,
    };
    if (range.end >= ADDR_LIMIT) {
      throw new Errno('EINVAL', 'the simulated kernel has addresses of 53 bits');
    }
    return range;
  });
  ranges.forEach(({ start, end }, index) => {
    const before: Range | undefined = ranges[index - 1];
    if (start >= end || (before !== undefined && before.end > start)) throw new Errno('EINVAL');
  });
  return { pid: target.number('pid_target'), ranges };
}

function readBounds(dir: StagedDir, path: string): Bounds {
  return { min: dir.number(`${path}/min`), max: dir.number(`${path}/max`) };
}

function readScheme(scheme: StagedDir): SchemeConfig {
  const weight = (name: string): number => scheme.number(`quotas/weights/${name}_permil`);
  return {
    action: ACTIONS.find((name) => name === scheme.text('action')) ?? 'stat',
    applyIntervalUs: scheme.number('apply_interval_us'),
    sizeBytes: readBounds(scheme, 'access_pattern/sz'),
    nrAccesses: readBounds(scheme, 'access_pattern/nr_accesses'),
    age: readBounds(scheme, 'access_pattern/age'),
    quota: {
      timeMs: scheme.number('quotas/ms'),
      sizeBytes: scheme.number('quotas/bytes'),
      resetIntervalMs: scheme.number('quotas/reset_interval_ms'),
      sizeWeight: weight('sz'),
      accessesWeight: weight('nr_accesses'),
      ageWeight: weight('age'),
      goals: readQuotaGoals(scheme),
    },
    watermarks: {
      metric: scheme.text('watermarks/metric') ?? 'none',
      intervalUs: scheme.number('watermarks/interval_us'),
      high: scheme.number('watermarks/high'),
      mid: scheme.number('watermarks/mid'),
      low: scheme.number('watermarks/low'),
    },
    filters: ['core_filters', 'filters', 'ops_filters'].flatMap((layer) =>
      scheme.numbered(layer).map((filter) => readFilter(filter, 'memcg_path')),
    ),
    maxNrSnapshots: scheme.number('stats/max_nr_snapshots'),
  };
}

/** Goals without a target are left out: nothing could ever reach or miss them. */
export function readQuotaGoals(scheme: StagedDir): SchemeConfig['quota']['goals'] {
  return scheme
    .numbered('quotas/goals')
    .map((goal) => ({
      metric: goal.text('target_metric') ?? 'user_input',
      target: goal.number('target_value'),
      current: goal.number('current_value'),
    }))
    .filter(({ target }) => target > 0);
}

function readFilter(filter: StagedDir, memcgFile: string): FilterConfig {
  return {
    type: filter.text('type') ?? 'anon',
    isMatching: filter.text('matching') === 'Y',
    isAllowing: filter.text('allow') === 'Y',
    // A newline at the end is stored, and forgiven when the group is looked up.
    memcgPath: (filter.text(memcgFile) ?? '').replace(/\n$/, ''),
    addrRange: { start: filter.number('addr_start'), end: filter.number('addr_end') },
    sizeBytes: { min: filter.number('min'), max: filter.number('max') },
    targetIndex: filter.number('damon_target_idx'),
  };
}
