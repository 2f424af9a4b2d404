import { GOAL_METRICS } from '../../src/damon/goalMetrics.ts';
import {
  ACTIONS,
  FILTER_TYPES,
  GOAL_TUNERS,
  OPERATIONS,
  PROBE_FILTER_TYPES,
  WATERMARK_METRICS,
} from '../../src/damon/spec.ts';
import { ACCEPTED_FORMS } from '../../src/base/units.ts';

/** As much of JSON Schema (draft 7, which editors know best) as is needed here. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly anyOf?: readonly JsonSchema[];
}

type Properties = Readonly<Record<string, JsonSchema>>;

function map(description: string, properties: Properties, required: readonly string[] = []) {
  return {
    type: 'object',
    description,
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  } as const;
}

function list(description: string, items: JsonSchema): JsonSchema {
  return { type: 'array', description, items };
}

function word(description: string, words: readonly string[], fallback?: string): JsonSchema {
  return { description, enum: words, ...(fallback !== undefined && { default: fallback }) };
}

/** A number, or a number with a unit: which, the program itself says best. */
function quantity(description: string, kind: keyof typeof ACCEPTED_FORMS): JsonSchema {
  return { type: ['string', 'number'], description, examples: ACCEPTED_FORMS[kind] };
}

const text = (description: string): JsonSchema => ({ type: 'string', description });
const yes = (description: string): JsonSchema => ({ type: 'boolean', description, default: false });
const whole = (description: string): JsonSchema => quantity(description, 'count');

function range(description: string, kind: keyof typeof ACCEPTED_FORMS): JsonSchema {
  return map(description, { min: quantity('at least', kind), max: quantity('at most', kind) }, [
    'min',
    'max',
  ]);
}

const NAME: JsonSchema = {
  ...text('what metrics and messages call it'),
  pattern: '^[A-Za-z0-9_.:-]{1,64}$',
};

const ADDRESSES = map(
  'from the first byte to the first behind',
  { start: quantity('in bytes', 'size'), end: quantity('in bytes', 'size') },
  ['start', 'end'],
);

const TARGET = map('what to monitor: one way to find it', {
  pid: whole('a process'),
  process: map('every process that fits all that is given', {
    name: text('command name, cut at 15 bytes by the kernel'),
    command_line: text('regular expression its arguments match'),
    user: text('name or number'),
  }),
  cgroup: text('every process of a control group and those below it: /path'),
  systemd_unit: text('every process of a unit; .service where nothing is said'),
  command: text('a command that serve runs itself, once'),
  numa_node: whole('ops paddr: the memory of this node'),
  numa_nodes: list('ops paddr: the memory of these nodes', whole('a node')),
  regions: list('ops paddr and fvaddr: just these addresses', ADDRESSES),
});

const FILTER = map(
  'the first filter that fits decides',
  {
    filter_type: word('what memory is judged by', FILTER_TYPES),
    matching: { ...yes('whether it speaks of that memory, or of all other') },
    allow: yes('whether it lets that memory pass (6.14), or leaves it out'),
    memcg_path: text('memcg: path of the control group'),
    address_range: ADDRESSES,
    damon_target_idx: whole('target: its number in this list of targets, from 0'),
    hugepage_size: {
      ...list('hugepage_size: least and most', quantity('bytes', 'size')),
      minItems: 2,
      maxItems: 2,
    },
  },
  ['filter_type', 'matching'],
);

const GOAL = map(
  'what the size quota is tuned by',
  {
    metric: word('what is measured', GOAL_METRICS),
    target_value: quantity('in the unit of the metric', 'count'),
    current_value: quantity('user_input: as measured by you', 'count'),
    nid: whole('node_*: the node'),
    memcg_path: text('node_memcg_*: path of the control group'),
  },
  ['metric', 'target_value'],
);

const QUOTAS = map('how much at most', {
  time_ms: quantity('time spent per reset interval', 'time'),
  sz_bytes: quantity('memory per reset interval', 'size'),
  reset_interval_ms: quantity('how often the quota is given anew', 'time'),
  weights: map('what comes first where not all can be done', {
    sz_permil: quantity('weight of size', 'share'),
    nr_accesses_permil: quantity('weight of the access rate', 'share'),
    age_permil: quantity('weight of age', 'share'),
  }),
  goals: list('tune the size quota by these', GOAL),
  goal_tuner: word('how goals tune (7.1)', GOAL_TUNERS, 'consist'),
  fail_charge_num: whole('share of failed work that is charged (7.2): numerator'),
  fail_charge_denom: whole('share of failed work that is charged (7.2): denominator'),
});

const WATERMARKS = map('work only while memory is scarce', {
  metric: word('what is measured', WATERMARK_METRICS, 'none'),
  interval_us: quantity('how often it is looked at', 'time'),
  high_permil: quantity('rest above', 'share'),
  mid_permil: quantity('begin below', 'share'),
  low_permil: quantity('rest below', 'share'),
});

const SCHEME = map('what is done to which memory', {
  name: NAME,
  unsafe: yes('allow what hurts (pageout, cold, migrate_*) with neither a quota nor watermarks'),
  action: word('what is done', ACTIONS, 'stat'),
  target_nid: { type: ['string', 'number'], description: 'migrate_*: to this node' },
  dests: list(
    'migrate_*: to these nodes',
    map('', { id: whole('node'), weight: whole('weight') }, ['id', 'weight']),
  ),
  access_pattern: map('to which memory; all where nothing is said', {
    sz_bytes: range('size of a region', 'size'),
    nr_accesses: range('access rate: "50 %", or "5 samples"', 'percent'),
    age: range('for how long it has been so', 'time'),
  }),
  apply_interval_us: quantity('how often; else once in an aggregation interval', 'time'),
  quotas: QUOTAS,
  watermarks: WATERMARKS,
  filters: list('which memory is left out, or let through', FILTER),
  max_nr_snapshots: whole('rest after so many snapshots (7.0)'),
});

const PROBE_FILTER = map(
  '',
  {
    filter_type: word('what memory is judged by', PROBE_FILTER_TYPES),
    matching: yes('whether it speaks of that memory, or of all other'),
    allow: yes('whether that memory is counted'),
    path: text('memcg: path of the control group'),
  },
  ['filter_type', 'matching'],
);

const CONTEXT = map(
  'how to monitor, and what to do',
  {
    ops: word('kind of addresses: of processes, given ones of processes, physical', OPERATIONS),
    addr_unit: quantity('bytes one unit of an address stands for (6.18)', 'size'),
    pause: yes('start paused (7.2)'),
    targets: list('what to monitor; none for ops paddr: all System RAM', TARGET),
    intervals: map('how often', {
      sample_us: quantity('sampling interval', 'time'),
      aggr_us: quantity('aggregation interval', 'time'),
      ops_update_us: quantity('update interval', 'time'),
      intervals_goal: map('let the kernel tune the first two (6.15)', {
        access_bp: quantity('share of accesses that should be seen', 'share'),
        aggrs: whole('aggregations to look at'),
        min_sample_us: quantity('shortest sampling interval', 'time'),
        max_sample_us: quantity('longest sampling interval', 'time'),
      }),
    }),
    nr_regions: range('how finely', 'count'),
    probes: list(
      'kinds of memory that samples are looked at for, with ops paddr; at most 4 (7.2)',
      map('', { name: NAME, filters: list('which memory it counts', PROBE_FILTER) }),
    ),
    schemes: list('what to do', SCHEME),
  },
  ['ops', 'targets'],
);

const KDAMOND = map(
  'one kernel thread',
  {
    name: NAME,
    refresh_ms: quantity("period of the kernel's own refresh of statistics (6.17)", 'time'),
    contexts: { ...list('the kernel has one', CONTEXT), minItems: 1, maxItems: 1 },
  },
  ['contexts'],
);

const KDAMONDS: JsonSchema = { ...list('what runs', KDAMOND), minItems: 1 };

/** What an editor needs to help with a configuration file. */
export function createConfigSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of damon-exporter',
    ...map('see docs/configuration.md', {
      $schema: text('where this schema is'),
      kdamonds: KDAMONDS,
      on_exit: word('what becomes of the kdamonds at exit', ['restore', 'keep'], 'restore'),
      on_drift: word('when somebody changes them', ['report', 'correct'], 'report'),
      serve: { type: 'object', description: 'options of serve, as serve --help lists them' },
    }),
  };
}
