import { GOAL_METRICS } from '../damon/goalMetrics.ts';
import { ACTIONS, OPERATIONS } from '../damon/spec.ts';
import {
  createKeywordParser,
  parseAddrUnit,
  parseBool,
  parseInt32,
  parsePath,
  parseUint,
  parseUlong,
  refuseAsInvalid,
} from './attributeValue.ts';
import type { AttributeParser } from './attributeValue.ts';
import { MAX_PROBES } from './regionSet.ts';
import { UNBOUNDED } from './stagedDir.ts';
import type { AttributeLayout, DirLayout, Layout, NumberedLayout } from './stagedDir.ts';

/** Every type a filter may have, in the kernel's order. */
const FILTER_TYPES = [
  'anon',
  'active',
  'memcg',
  'young',
  'hugepage_size',
  'unmapped',
  'addr',
  'target',
] as const;
const CORE_FILTER_TYPES: readonly string[] = ['addr', 'target'];

function dir(entries: Readonly<Record<string, Layout>>): DirLayout {
  return { kind: 'dir', entries };
}

function numbered(nrName: string, each: DirLayout, max: number = UNBOUNDED): NumberedLayout {
  return { kind: 'numbered', nrName, each, max };
}

function value(parse: AttributeParser, initial: string): AttributeLayout {
  return { kind: 'attribute', initial, createParser: () => parse };
}

function readonlyValue(initial: string): AttributeLayout {
  return { kind: 'attribute', initial };
}

/** One of the words this kernel takes at this place. */
function keyword(words: readonly string[], initial: string): AttributeLayout {
  return {
    kind: 'attribute',
    initial,
    createParser: (model, path) => createKeywordParser(model.takenValues(path, words)),
  };
}

const ulong = (initial = '0'): AttributeLayout => value(parseUlong, initial);
const uint = (initial = '0'): AttributeLayout => value(parseUint, initial);
const bool: AttributeLayout = value(parseBool, 'N');
const path: AttributeLayout = value(parsePath, '');
const bounds: DirLayout = dir({ min: ulong(), max: ulong() });

/** `type` starts as `anon` even where writing `anon` is refused. */
function filter(types: readonly string[]): DirLayout {
  return dir({
    type: keyword(types, 'anon'),
    matching: bool,
    allow: bool,
    memcg_path: path,
    addr_start: ulong(),
    addr_end: ulong(),
    min: ulong(),
    max: ulong(),
    damon_target_idx: value(parseInt32, '0'),
  });
}

const GOAL = dir({
  target_metric: keyword(GOAL_METRICS, 'user_input'),
  target_value: ulong(),
  current_value: ulong(),
  nid: value(parseInt32, '0'),
  path,
});

const quotaUlong: AttributeLayout = value(refuseAsInvalid(parseUlong), '0');
const quotaUint: AttributeLayout = value(refuseAsInvalid(parseUint), '0');

const QUOTAS = dir({
  ms: quotaUlong,
  bytes: quotaUlong,
  reset_interval_ms: quotaUlong,
  effective_bytes: readonlyValue('0'),
  fail_charge_num: quotaUint,
  fail_charge_denom: quotaUint,
  goal_tuner: keyword(['consist', 'temporal'], 'consist'),
  weights: dir({ sz_permil: uint(), nr_accesses_permil: uint(), age_permil: uint() }),
  goals: numbered('nr_goals', GOAL),
});

const WATERMARKS = dir({
  metric: keyword(['none', 'free_mem_rate'], 'none'),
  interval_us: ulong(),
  high: ulong(),
  mid: ulong(),
  low: ulong(),
});

const STATS = dir({
  nr_tried: readonlyValue('0'),
  sz_tried: readonlyValue('0'),
  nr_applied: readonlyValue('0'),
  sz_applied: readonlyValue('0'),
  sz_ops_filter_passed: readonlyValue('0'),
  qt_exceeds: readonlyValue('0'),
  nr_snapshots: readonlyValue('0'),
  max_nr_snapshots: ulong(),
});

const SCHEME = dir({
  action: keyword(ACTIONS, 'stat'),
  target_nid: value(parseInt32, '-1'),
  apply_interval_us: ulong(),
  access_pattern: dir({ sz: bounds, nr_accesses: bounds, age: bounds }),
  dests: numbered('nr_dests', dir({ id: uint(), weight: uint() })),
  quotas: QUOTAS,
  watermarks: WATERMARKS,
  filters: numbered('nr_filters', filter(FILTER_TYPES)),
  core_filters: numbered('nr_filters', filter(CORE_FILTER_TYPES)),
  ops_filters: numbered(
    'nr_filters',
    filter(FILTER_TYPES.filter((type) => !CORE_FILTER_TYPES.includes(type))),
  ),
  stats: STATS,
  tried_regions: dir({ total_bytes: readonlyValue('0') }),
});

const INTERVALS = dir({
  sample_us: ulong('5000'),
  aggr_us: ulong('100000'),
  update_us: ulong('60000000'),
  intervals_goal: dir({
    access_bp: ulong(),
    aggrs: ulong(),
    min_sample_us: ulong(),
    max_sample_us: ulong(),
  }),
});

const PROBE_FILTER = dir({
  type: keyword(['anon', 'memcg'], 'anon'),
  matching: bool,
  allow: bool,
  path,
});

const TARGET = dir({
  pid_target: value(refuseAsInvalid(parseInt32), '0'),
  obsolete_target: bool,
  regions: numbered('nr_regions', dir({ start: ulong(), end: ulong() })),
});

const CONTEXT = dir({
  avail_operations: readonlyValue(OPERATIONS.join('\n')),
  operations: keyword(OPERATIONS, 'vaddr'),
  addr_unit: value(parseAddrUnit, '1'),
  pause: bool,
  monitoring_attrs: dir({
    intervals: INTERVALS,
    nr_regions: dir({ min: ulong('10'), max: ulong('1000') }),
    probes: numbered(
      'nr_probes',
      dir({ filters: numbered('nr_filters', PROBE_FILTER) }),
      MAX_PROBES,
    ),
  }),
  targets: numbered('nr_targets', TARGET),
  schemes: numbered('nr_schemes', SCHEME),
});

/** `kdamonds/<K>` but for `state` and `pid`, with the defaults Linux 7.2 was measured to have. */
export const KDAMOND_LAYOUT: DirLayout = dir({
  refresh_ms: uint(),
  contexts: numbered('nr_contexts', CONTEXT, 1),
});
