/**
 * What shows that a kernel has something. Patterns are relative to `kdamonds/<K>`; `*` stands for
 * one number, and a pattern that ends in `/` covers the directory and everything below it.
 */
export type CapabilityEvidence =
  | { readonly kind: 'attribute'; readonly patterns: readonly string[] }
  /** The file takes this value; nothing but a write (or a file that lists them) can show it. */
  | { readonly kind: 'value'; readonly patterns: readonly string[]; readonly value: string }
  /** A word written to `state`; it came with the attribute it serves, which can be seen. */
  | { readonly kind: 'keyword'; readonly keyword: string; readonly serves?: string }
  /** A directory below `/sys/module`; with a parameter: a file in its `parameters`. */
  | { readonly kind: 'module'; readonly module: string; readonly parameter?: string }
  /** An event below tracefs `events/damon`. */
  | { readonly kind: 'tracepoint'; readonly event: string }
  /** The same files do something else; no file shows it. */
  | { readonly kind: 'behaviour' };

export interface Capability {
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  /** First kernel that has it: explains an absence, never decides anything. */
  readonly since: string;
  readonly evidence: CapabilityEvidence;
}

const SCHEME = 'contexts/*/schemes/*';
const GOAL = `${SCHEME}/quotas/goals/*`;
const FILTERS = [
  `${SCHEME}/filters/*`,
  `${SCHEME}/core_filters/*`,
  `${SCHEME}/ops_filters/*`,
] as const;

function attribute(id: string, since: string, title: string, ...patterns: string[]): Capability {
  return { id, title, since, evidence: { kind: 'attribute', patterns } };
}

function accepted(what: string, patterns: readonly string[], since: string) {
  return (value: string): Capability => ({
    id: `${what}:${value}`,
    title: `${what.replace('_', ' ')} ${value}`,
    since,
    evidence: { kind: 'value', patterns, value },
  });
}

function operations(since: string, ...values: string[]): Capability[] {
  return values.map(accepted('operations', ['contexts/*/operations'], since));
}

function action(since: string, ...values: string[]): Capability[] {
  return values.map(accepted('action', [`${SCHEME}/action`], since));
}

function filterType(since: string, ...values: string[]): Capability[] {
  const patterns = FILTERS.map((filter) => `${filter}/type`);
  return values.map(accepted('filter_type', patterns, since));
}

function goalMetric(since: string, ...values: string[]): Capability[] {
  return values.map(accepted('goal_metric', [`${GOAL}/target_metric`], since));
}

function keyword(since: string, word: string, title: string, serves?: string): Capability {
  const evidence = {
    kind: 'keyword',
    keyword: word,
    ...(serves !== undefined && { serves }),
  } as const;
  return { id: `keyword:${word}`, title, since, evidence };
}

function tracepoint(since: string, event: string, title: string): Capability {
  return { id: `tracepoint:${event}`, title, since, evidence: { kind: 'tracepoint', event } };
}

function module(since: string, name: string, title: string): Capability {
  return { id: name, title, since, evidence: { kind: 'module', module: name } };
}

function parameter(since: string, name: string, file: string, title: string): Capability {
  const evidence = { kind: 'module', module: name, parameter: file } as const;
  return { id: `${name}:${file}`, title, since, evidence };
}

function behaviour(since: string, id: string, title: string): Capability {
  return { id, title, since, evidence: { kind: 'behaviour' } };
}

/**
 * Everything that differs between kernels with the DAMON sysfs interface (5.18 and later).
 *
 * Source: Documentation/ABI/testing/sysfs-kernel-mm-damon and Documentation/admin-guide/mm/damon of
 * the kernels named; presence compared with 6.12, 6.18 and 7.2. A behaviour's version is the first
 * kernel it was seen on, which may be later than the first that has it.
 */
export const CAPABILITIES: readonly Capability[] = [
  module('5.16', 'damon_reclaim', 'DAMON_RECLAIM'),
  ...operations('5.18', 'vaddr', 'paddr'),
  ...action('5.18', 'willneed', 'cold', 'pageout', 'hugepage', 'nohugepage', 'stat'),
  keyword('5.18', 'on', 'start of a kdamond'),
  keyword('5.18', 'off', 'stop of a kdamond'),
  keyword('5.18', 'update_schemes_stats', 'refresh of scheme statistics'),
  tracepoint('5.18', 'damon_aggregated', 'regions of each aggregation as trace events'),
  attribute('avail_operations', '5.19', 'list of operations', 'contexts/*/avail_operations'),
  ...operations('5.19', 'fvaddr'),
  keyword('5.19', 'commit', 'change of a running kdamond', 'avail_operations'),
  parameter('5.19', 'damon_reclaim', 'commit_inputs', 'online change of DAMON_RECLAIM'),
  module('6.0', 'damon_lru_sort', 'DAMON_LRU_SORT'),
  ...action('6.0', 'lru_prio', 'lru_deprio'),
  attribute('tried_regions', '6.2', 'region snapshots through sysfs', `${SCHEME}/tried_regions/`),
  keyword('6.2', 'update_schemes_tried_regions', 'refresh of region snapshots', 'tried_regions'),
  keyword('6.2', 'clear_schemes_tried_regions', 'removal of region snapshots', 'tried_regions'),
  attribute('filters', '6.3', 'filters of schemes', `${SCHEME}/filters/`),
  ...filterType('6.3', 'anon', 'memcg'),
  parameter('6.3', 'damon_reclaim', 'skip_anon', 'anonymous pages left alone by DAMON_RECLAIM'),
  attribute(
    'tried_total_bytes',
    '6.6',
    'size-only snapshots',
    `${SCHEME}/tried_regions/total_bytes`,
  ),
  ...filterType('6.6', 'addr', 'target'),
  keyword(
    '6.6',
    'update_schemes_tried_bytes',
    'refresh of size-only snapshots',
    'tried_total_bytes',
  ),
  attribute('apply_interval', '6.7', 'apply interval per scheme', `${SCHEME}/apply_interval_us`),
  tracepoint('6.7', 'damos_before_apply', 'regions a scheme is about to be applied to'),
  attribute('quota_goals', '6.8', 'goals that tune a quota', `${SCHEME}/quotas/goals/`),
  ...goalMetric('6.8', 'user_input'),
  keyword('6.8', 'commit_schemes_quota_goals', 'change of goal values only', 'quota_goals'),
  attribute('effective_quota', '6.9', 'effective quota', `${SCHEME}/quotas/effective_bytes`),
  attribute('goal_target_metric', '6.9', 'metric of a quota goal', `${GOAL}/target_metric`),
  ...goalMetric('6.9', 'some_mem_psi_us'),
  keyword(
    '6.9',
    'update_schemes_effective_quotas',
    'refresh of effective quotas',
    'effective_quota',
  ),
  parameter('6.9', 'damon_reclaim', 'quota_mem_pressure_us', 'DAMON_RECLAIM quota from pressure'),
  ...filterType('6.10', 'young'),
  attribute('target_nid', '6.11', 'node to migrate to', `${SCHEME}/target_nid`),
  ...action('6.11', 'migrate_hot', 'migrate_cold'),
  attribute(
    'ops_filter_passed',
    '6.14',
    'bytes that passed the filters',
    `${SCHEME}/stats/sz_ops_filter_passed`,
    `${SCHEME}/tried_regions/*/sz_filter_passed`,
  ),
  attribute(
    'filter_allow',
    '6.14',
    'filters that let memory pass',
    ...FILTERS.map((filter) => `${filter}/allow`),
  ),
  attribute(
    'intervals_goal',
    '6.15',
    'auto-tuned intervals',
    'contexts/*/monitoring_attrs/intervals/intervals_goal/',
  ),
  attribute(
    'filter_layers',
    '6.15',
    'filters split into core and operations layer',
    `${SCHEME}/core_filters/`,
    `${SCHEME}/ops_filters/`,
  ),
  attribute(
    'filter_size_range',
    '6.15',
    'size bounds of a filter',
    ...FILTERS.flatMap((filter) => [`${filter}/min`, `${filter}/max`]),
  ),
  ...filterType('6.15', 'active', 'unmapped', 'hugepage_size'),
  keyword('6.15', 'update_tuned_intervals', 'refresh of auto-tuned intervals', 'intervals_goal'),
  attribute('goal_nid', '6.16', 'node of a quota goal', `${GOAL}/nid`),
  ...goalMetric('6.16', 'node_mem_used_bp', 'node_mem_free_bp'),
  module('6.17', 'damon_stat', 'DAMON_STAT'),
  attribute('refresh_ms', '6.17', "the kernel's own refresh of statistics", 'refresh_ms'),
  attribute('dests', '6.17', 'weighted destinations of a migration', `${SCHEME}/dests/`),
  behaviour('6.17', 'vaddr_migrate', 'migration of virtual addresses'),
  tracepoint('6.17', 'damos_esz', 'effective size quota as trace events'),
  tracepoint('6.17', 'damon_monitor_intervals_tune', 'tuned intervals as trace events'),
  attribute('addr_unit', '6.18', 'address unit', 'contexts/*/addr_unit'),
  parameter('6.18', 'damon_reclaim', 'addr_unit', 'address unit of DAMON_RECLAIM'),
  parameter('6.18', 'damon_lru_sort', 'addr_unit', 'address unit of DAMON_LRU_SORT'),
  parameter('6.18', 'damon_stat', 'aggr_interval_us', 'aggregation interval of DAMON_STAT'),
  behaviour('6.18', 'signed_idle_time', 'negative idle times in DAMON_STAT'),
  attribute('goal_path', '6.19', 'memory cgroup of a quota goal', `${GOAL}/path`),
  attribute('obsolete_target', '6.19', 'obsolete targets', 'contexts/*/targets/*/obsolete_target'),
  ...goalMetric('6.19', 'node_memcg_used_bp', 'node_memcg_free_bp'),
  attribute('nr_snapshots', '7.0', 'number of snapshots', `${SCHEME}/stats/nr_snapshots`),
  attribute('max_nr_snapshots', '7.0', 'limit of snapshots', `${SCHEME}/stats/max_nr_snapshots`),
  ...goalMetric('7.0', 'active_mem_bp', 'inactive_mem_bp'),
  tracepoint('7.0', 'damos_stat_after_apply_interval', 'scheme statistics as trace events'),
  attribute('goal_tuner', '7.1', 'choice of the quota tuner', `${SCHEME}/quotas/goal_tuner`),
  attribute('pause', '7.2', 'pause of a context', 'contexts/*/pause'),
  attribute(
    'fail_charge',
    '7.2',
    'share at which failed attempts are charged',
    `${SCHEME}/quotas/fail_charge_num`,
    `${SCHEME}/quotas/fail_charge_denom`,
  ),
  attribute(
    'probes',
    '7.2',
    'data attribute probes',
    'contexts/*/monitoring_attrs/probes/',
    `${SCHEME}/tried_regions/*/probes/`,
  ),
  ...action('7.2', 'collapse'),
  ...goalMetric('7.2', 'node_eligible_mem_bp'),
  parameter('7.2', 'damon_stat', 'kdamond_pid', 'pid of the kdamond of DAMON_STAT'),
  tracepoint('7.2', 'damon_region_aggregated', 'regions with probe hits as trace events'),
  behaviour('7.2', 'checked_commit', 'refusal of a bad commit; before, it ends the kdamond'),
  behaviour('7.2', 'prompt_update', 'statistics after one sample instead of one aggregation'),
  behaviour(
    '7.2',
    'canceled_request',
    'ECANCELED from a kdamond that ended or has nothing to show',
  ),
  behaviour('7.2', 'clear_while_off', 'removal of region snapshots of a kdamond that is off'),
  behaviour('7.2', 'regions_per_scheme', 'region snapshots numbered from 0 in each scheme'),
];

/**
 * The entry with this id.
 *
 * @throws RangeError for an id the table does not have.
 */
export function findCapability(id: string): Capability {
  const found = CAPABILITIES.find((capability) => capability.id === id);
  if (found === undefined) throw new RangeError(`no capability "${id}" in the table`);
  return found;
}

/** Whether a path relative to `kdamonds/<K>` is covered by a pattern of the table. */
export function isCoveredByPattern(path: string, pattern: string): boolean {
  const isDirectory = pattern.endsWith('/');
  const wanted = (isDirectory ? pattern.slice(0, -1) : pattern).split('/');
  const given = path.split('/');
  if (given.length < wanted.length || (!isDirectory && given.length > wanted.length)) return false;
  return wanted.every((part, index) =>
    part === '*' ? /^\d+$/.test(given[index] ?? '') : part === given[index],
  );
}

/**
 * The capability a file or directory came with: the latest, where several cover it. The path is
 * relative to `kdamonds/<K>`; undefined = there since 5.18, or unknown to the table.
 */
export function findAttributeCapability(path: string): Capability | undefined {
  return CAPABILITIES.findLast(
    ({ evidence }) =>
      evidence.kind === 'attribute' &&
      evidence.patterns.some((pattern) => isCoveredByPattern(path, pattern)),
  );
}

/** The capability a value of a file came with; undefined = unknown to the table. */
export function findValueCapability(path: string, value: string): Capability | undefined {
  return CAPABILITIES.find(
    ({ evidence }) =>
      evidence.kind === 'value' &&
      evidence.value === value &&
      evidence.patterns.some((pattern) => isCoveredByPattern(path, pattern)),
  );
}

function parseVersion(version: string): readonly [major: number, minor: number] {
  const match = /^(\d+)\.(\d+)/.exec(version);
  if (match === null) {
    throw new RangeError(`kernel version: found "${version}", expected something like 6.12`);
  }
  return [Number(match[1]), Number(match[2])];
}

/**
 * Whether a kernel release such as `6.12.107+deb13-cloud-amd64` is `since` or later. For words and
 * for the simulated kernel only: distributions backport, so behaviour follows what is found.
 *
 * @throws RangeError when either is no kernel version.
 */
export function isSince(version: string, since: string): boolean {
  const [major, minor] = parseVersion(version);
  const [sinceMajor, sinceMinor] = parseVersion(since);
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}
