import type { Options } from 'yargs';
import { ACTIONS } from '../../damon/spec.ts';
import { GOAL_METRICS } from '../../damon/goalMetrics.ts';
import type { Operations } from '../../damon/spec.ts';
import { MONITORING_OPTIONS } from '../monitoringOptions.ts';
import { defineOptions } from '../options.ts';

const SCHEMES = 'Schemes (each option once for each scheme, in order):';
const CONTEXTS = 'Contexts and targets:';

function perScheme(describe: string): Options {
  return { type: 'string', array: true, describe, group: SCHEMES };
}

function once(describe: string, group: string): Options {
  return { type: 'string', describe, group };
}

const SCHEME_OPTIONS = defineOptions({
  damos_action: perScheme(
    `what is done: ${ACTIONS.join(', ')}; migrate_* with the node, or "NODE WEIGHT" pairs`,
  ),
  damos_sz_region: perScheme('least and most size of regions [default: min max]'),
  damos_access_rate: perScheme('least and most access rate in percent [default: min max]'),
  damos_age: perScheme('shortest and longest age (bare: microseconds) [default: min max]'),
  damos_apply_interval: perScheme('how often it is applied [default: the aggregation interval]'),
  damos_quota_interval: perScheme('time the quotas are for (bare: milliseconds)'),
  damos_quota_time: perScheme('most time spent in each such time (bare: milliseconds)'),
  damos_quota_space: perScheme('most bytes worked on in each such time'),
  damos_quota_weights: perScheme(
    'weights of size, access rate and age in permil, for what comes first [default: 1 1 1]',
  ),
  damos_quotas: perScheme(
    'all of these: time [size [interval [3 weights]]]; without an interval they are given once',
  ),
  damos_quota_goal: perScheme(
    `tune the size quota: metric, target, and what the metric needs (user_input: the value now; node_*: the node; node_memcg_*: the node and the group's path); metrics: ${GOAL_METRICS.join(', ')}`,
  ),
  damos_nr_quota_goals: once('how many of these goals each scheme has', SCHEMES),
  damos_quota_goal_tuner: perScheme('how they tune: consist or temporal'),
  damos_quota_fail_charge_ratio: perScheme(
    'share of failed work that is charged: numerator and denominator',
  ),
  damos_filter: perScheme(
    'allow|reject [none] anon|active|young|unmapped|memcg PATH|addr START END|target INDEX|hugepage_size MIN MAX',
  ),
  damos_nr_filters: once('how many of these filters each scheme has', SCHEMES),
  damos_wmarks: perScheme(
    'work only while memory is scarce: metric (none, free_mem_rate), interval, high, mid, low in permil',
  ),
  damos_max_nr_snapshots: perScheme('rest after so many snapshots'),
  schemes: {
    ...once(
      "schemes as damo's JSON or YAML, or a file of it, instead of all of the above",
      SCHEMES,
    ),
    alias: 'c',
  },
});

const CONTEXT_OPTIONS = defineOptions({
  monitoring_intervals_autotune: {
    type: 'boolean',
    describe: 'let the kernel tune the intervals: --monitoring_intervals_goal 4% 3 5ms 10s',
    group: CONTEXTS,
  },
  numa_node: {
    ...once('only the memory of these nodes, for paddr', CONTEXTS),
    array: true,
  },
  refresh_stat: once("period of the kernel's own refresh (bare: milliseconds)", CONTEXTS),
  damon_addr_unit: once('bytes one unit of an address stands for, for paddr', CONTEXTS),
  obsolete_targets: once('indexes of targets that are on their way out', CONTEXTS),
  pause_ctx: once('indexes of contexts that are paused', CONTEXTS),
  probe_filter: {
    ...once('allow|reject [non] anon|memcg PATH: which memory a probe counts', CONTEXTS),
    array: true,
  },
  nr_probe_filters: once('how many of these filters each probe has', CONTEXTS),
  nr_probes: once('how many probes each context has', CONTEXTS),
  nr_targets: once('how many targets each context has', CONTEXTS),
  nr_schemes: once('how many schemes each context has', CONTEXTS),
  nr_ctxs: once('how many contexts each kdamond has: 1 on every kernel', CONTEXTS),
  kdamonds: once(
    "kdamonds as damo's JSON or YAML, or a file of it, instead of all of this",
    CONTEXTS,
  ),
});

/** Each may be given for each context; the words of one are joined (`joinOptionWords`). */
function repeatable(option: Options): Options {
  const { alias, choices, describe, group } = option;
  const given = { alias, choices, describe, group };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), type: 'string', array: true, nargs: 1 };
}

/** The whole of damo's vocabulary for kdamonds. The parser's input goes through joinOptionWords. */
export const DAMOS_OPTIONS: Record<string, Options> = {
  ...Object.fromEntries(
    Object.entries(MONITORING_OPTIONS).map(([name, option]) => [name, repeatable(option)]),
  ),
  ...CONTEXT_OPTIONS,
  ...SCHEME_OPTIONS,
};

type Words = readonly string[] | undefined;

/** As parsed: an option of several words has them joined in one. */
export interface DamosArguments {
  readonly target?: Words;
  readonly ops?: readonly Operations[] | undefined;
  readonly target_pid?: Words;
  readonly regions?: Words;
  readonly monitoring_intervals?: Words;
  readonly sample?: Words;
  readonly aggr?: Words;
  readonly updr?: Words;
  readonly monitoring_intervals_goal?: Words;
  readonly monitoring_intervals_autotune?: boolean | undefined;
  readonly monitoring_nr_regions_range?: Words;
  readonly minr?: Words;
  readonly maxr?: Words;
  readonly numa_node?: Words;
  readonly refresh_stat?: string | undefined;
  readonly damon_addr_unit?: string | undefined;
  readonly obsolete_targets?: string | undefined;
  readonly pause_ctx?: string | undefined;
  readonly probe_filter?: Words;
  readonly nr_probe_filters?: string | undefined;
  readonly nr_probes?: string | undefined;
  readonly nr_targets?: string | undefined;
  readonly nr_schemes?: string | undefined;
  readonly nr_ctxs?: string | undefined;
  readonly kdamonds?: string | undefined;
  readonly schemes?: string | undefined;
  readonly damos_action?: Words;
  readonly damos_sz_region?: Words;
  readonly damos_access_rate?: Words;
  readonly damos_age?: Words;
  readonly damos_apply_interval?: Words;
  readonly damos_quotas?: Words;
  readonly damos_quota_interval?: Words;
  readonly damos_quota_time?: Words;
  readonly damos_quota_space?: Words;
  readonly damos_quota_weights?: Words;
  readonly damos_quota_goal?: Words;
  readonly damos_nr_quota_goals?: string | undefined;
  readonly damos_quota_goal_tuner?: Words;
  readonly damos_quota_fail_charge_ratio?: Words;
  readonly damos_filter?: Words;
  readonly damos_nr_filters?: string | undefined;
  readonly damos_wmarks?: Words;
  readonly damos_max_nr_snapshots?: Words;
}
