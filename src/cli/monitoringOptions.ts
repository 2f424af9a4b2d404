import type { Options } from 'yargs';
import { UsageError } from '../base/errors.ts';
import { parseUint64, toSafeNumber } from '../base/uint64.ts';
import { parseCount, parseShare, parseSizeBytes, parseTime } from '../base/units.ts';
import { CATCH_ALL_STAT, OPERATIONS } from '../damon/spec.ts';
import {
  checkAddrRange,
  checkIntervals,
  checkNrRegions,
  checkRegions,
} from '../damon/specChecks.ts';
import type {
  AddrRange,
  ContextSpec,
  IntervalsGoalSpec,
  Operations,
  TargetSpec,
} from '../damon/spec.ts';
import { defineOptions, parseOption } from './options.ts';

/** What to monitor, in damo's words. Without any of these nothing is started. */
export const MONITORING_OPTIONS: Record<string, Options> = defineOptions({
  ops: {
    choices: OPERATIONS,
    describe: 'monitoring operations of the kdamond to start [default: by the target]',
    group: 'Own monitoring:',
  },
  target_pid: {
    type: 'string',
    array: true,
    describe: 'process to monitor; repeatable',
    group: 'Own monitoring:',
  },
  regions: {
    alias: 'r',
    type: 'string',
    describe: 'address ranges "START-END START-END" [default for paddr: all System RAM]',
    group: 'Own monitoring:',
  },
  monitoring_intervals: {
    type: 'string',
    nargs: 3,
    describe: 'sampling, aggregation and update interval',
    group: 'Own monitoring:',
  },
  sample: {
    alias: 's',
    type: 'string',
    describe: 'sampling interval (bare: microseconds) [default: 5ms]',
    group: 'Own monitoring:',
  },
  aggr: {
    alias: 'a',
    type: 'string',
    describe: 'aggregation interval (bare: microseconds) [default: 100ms]',
    group: 'Own monitoring:',
  },
  updr: {
    alias: 'u',
    type: 'string',
    describe: 'update interval (bare: microseconds) [default: 1s]',
    group: 'Own monitoring:',
  },
  monitoring_intervals_goal: {
    type: 'string',
    nargs: 4,
    describe:
      'let the kernel (6.15) tune the intervals: share of accesses to find (4%, or 1/10,000), aggregations per step, shortest and longest sampling interval',
    group: 'Own monitoring:',
  },
  monitoring_nr_regions_range: {
    type: 'string',
    nargs: 2,
    describe: 'minimum and maximum number of regions',
    group: 'Own monitoring:',
  },
  minr: {
    alias: 'n',
    type: 'string',
    describe:
      'minimum number of regions [default: 100; the kernel defaults to 10, which is coarse]',
    group: 'Own monitoring:',
  },
  maxr: {
    alias: 'm',
    type: 'string',
    describe: 'maximum number of regions [default: 1000]',
    group: 'Own monitoring:',
  },
});

export interface MonitoringArguments {
  readonly target?: readonly string[] | undefined;
  readonly ops?: Operations | undefined;
  readonly target_pid?: readonly string[] | undefined;
  readonly regions?: string | undefined;
  readonly monitoring_intervals?: readonly string[] | undefined;
  readonly sample?: string | undefined;
  readonly aggr?: string | undefined;
  readonly updr?: string | undefined;
  readonly monitoring_intervals_goal?: readonly string[] | undefined;
  readonly monitoring_nr_regions_range?: readonly string[] | undefined;
  readonly minr?: string | undefined;
  readonly maxr?: string | undefined;
}

const DEFAULT_INTERVALS = ['5ms', '100ms', '1s'] as const;
/** More than the kernel's 10: measured, 10 doubles the reported working set of a small process. */
const DEFAULT_NR_REGIONS = ['100', '1000'] as const;

function parsePid(text: string): number {
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (pid === 0) throw new UsageError(`target "${text}": expected a process id or "paddr"`);
  return pid;
}

function parseRange(text: string): AddrRange {
  const [start, end, ...rest] = text.split('-');
  if (start === undefined || end === undefined || rest.length > 0) {
    throw new RangeError(`--regions: found "${text}", expected START-END in bytes`);
  }
  const range = {
    startAddr: parseSizeBytes(start, '--regions'),
    endAddr: parseSizeBytes(end, '--regions'),
  };
  checkAddrRange(range, '--regions');
  return range;
}

/** Ranges as in "4K-8K 1M-2M". @throws RangeError */
export function parseRegions(text: string): AddrRange[] {
  const ranges = text.trim().split(/\s+/).map(parseRange);
  checkRegions(ranges, '--regions');
  return ranges;
}

const GOAL_OPTION = '--monitoring_intervals_goal';

function parseGoal(words: readonly string[]): IntervalsGoalSpec {
  const [share = '', nrAggregations = '', min = '', max = ''] = words;
  const parseUs = (text: string): number =>
    toSafeNumber(parseTime(text, 'us', GOAL_OPTION), GOAL_OPTION);
  const accessBp = parseShare(share, 'bp', GOAL_OPTION);
  if (!Number.isInteger(accessBp) || accessBp < 1) {
    throw new RangeError(`${GOAL_OPTION}: found "${share}" of accesses, expected 0.01% to 100%`);
  }
  return {
    accessBp,
    aggrs: toSafeNumber(parseUint64(nrAggregations, GOAL_OPTION), GOAL_OPTION),
    minSampleIntervalUs: parseUs(min),
    maxSampleIntervalUs: parseUs(max),
  };
}

function parseIntervals(args: MonitoringArguments): ContextSpec['intervals'] {
  const triple = args.monitoring_intervals ?? DEFAULT_INTERVALS;
  const given = [args.sample, args.aggr, args.updr];
  const [sampleIntervalUs = 0, aggrIntervalUs = 0, updateIntervalUs = 0] = ['-s', '-a', '-u'].map(
    (name, i) => toSafeNumber(parseTime(given[i] ?? triple[i] ?? '', 'us', name), name),
  );
  const { monitoring_intervals_goal: goal } = args;
  const intervals = {
    ...{ sampleIntervalUs, aggrIntervalUs, updateIntervalUs },
    ...(goal !== undefined && { goal: parseGoal(goal) }),
  };
  checkIntervals(intervals, goal === undefined ? '--monitoring_intervals' : GOAL_OPTION);
  return intervals;
}

function parseNrRegions(args: MonitoringArguments): [bigint, bigint] {
  const range = args.monitoring_nr_regions_range ?? DEFAULT_NR_REGIONS;
  const min = parseCount(args.minr ?? range[0] ?? '', '-n');
  const max = parseCount(args.maxr ?? range[1] ?? '', '-m');
  checkNrRegions({ min, max }, 'number of regions');
  return [min, max];
}

const OPERATION_WORDS: readonly string[] = ['vaddr', 'fvaddr'] satisfies Operations[];

/** Process ids, one or several with commas, or what there is to monitor beside processes. */
export function isMemoryTarget(word: string): boolean {
  return /^\d+(,\d+)*$/.test(word) || word === 'paddr' || OPERATION_WORDS.includes(word);
}

/** In front of process ids, `vaddr` and `fvaddr` say the same as `--ops`. */
function splitOperations(args: MonitoringArguments): [Operations | undefined, string[]] {
  const [first = '', ...rest] = args.target ?? [];
  const pids = args.target_pid ?? [];
  if (!OPERATION_WORDS.includes(first)) return [args.ops, [...(args.target ?? []), ...pids]];
  if (args.ops !== undefined && args.ops !== first) {
    throw new UsageError(`target "${first}" and --ops ${args.ops}: expected one of the two`);
  }
  return [first as Operations, [...rest, ...pids]];
}

function parseTargets(args: MonitoringArguments, ranges: AddrRange[]): [Operations, TargetSpec[]] {
  const [given, named] = splitOperations(args);
  if (given !== 'paddr' && !named.includes('paddr')) {
    const operations = given ?? (ranges.length > 0 ? 'fvaddr' : 'vaddr');
    const pids = named.flatMap((text) => text.split(',')).map(parsePid);
    if (pids.length === 0) {
      throw new UsageError(
        `${operations} needs a process to monitor: expected its id, as in "${operations} 1234"`,
      );
    }
    if (operations === 'fvaddr' && ranges.length === 0) {
      throw new UsageError('fvaddr monitors the addresses it is given: expected --regions');
    }
    return [operations, pids.map((pid) => ({ pid, regions: ranges }))];
  }
  if (named.some((text) => text !== 'paddr') || (given ?? 'paddr') !== 'paddr') {
    throw new UsageError('physical memory (paddr) cannot be monitored together with processes');
  }
  return ['paddr', [{ regions: ranges }]];
}

/** Whether the command line names something to monitor. */
export function isMonitoringAsked({ target, ops, target_pid }: MonitoringArguments): boolean {
  return (target ?? []).length > 0 || ops !== undefined || target_pid !== undefined;
}

/**
 * The context the command line asks for; undefined when it asks for none. Physical memory without
 * ranges means all System RAM, which `readSystemRam` gives.
 *
 * @throws UsageError
 */
export function parseMonitoring(
  args: MonitoringArguments,
  readSystemRam: () => readonly AddrRange[],
): ContextSpec | undefined {
  if (!isMonitoringAsked(args)) return undefined;
  return parseOption(() => {
    const ranges = args.regions === undefined ? [] : parseRegions(args.regions);
    const intervals = parseIntervals(args);
    const [minNrRegions, maxNrRegions] = parseNrRegions(args);
    const [operations, targets] = parseTargets(args, ranges);
    const isWholeRam = operations === 'paddr' && ranges.length === 0;
    return {
      operations,
      intervals,
      minNrRegions,
      maxNrRegions,
      targets: isWholeRam ? [{ regions: readSystemRam() }] : targets,
      schemes: [CATCH_ALL_STAT],
    };
  });
}
