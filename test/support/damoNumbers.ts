import type { FilterSpec, KdamondSpec, SchemeSpec, Uint64Range } from '../../src/damon/spec.ts';
import type { DamoValue, DamoValues } from '../peers/damoArgs.ts';

/**
 * The numbers of kdamonds side by side: those of a spec, and those damo holds after reading a file,
 * each in the kernel's unit. What the damo of Debian 13 does not know is left out for it.
 */
export interface DamoNumbersOptions {
  readonly isOld: boolean;
}

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;

type Shown =
  string | bigint | boolean | null | readonly Shown[] | { readonly [key: string]: Shown };

const asText = (value: DamoValue | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** Python's repr of an int, or of a float that is whole; another text is left as it is. */
function toWhole(value: DamoValue | undefined): bigint | string | null {
  if (value === undefined || value === null) return null;
  const text = asText(value);
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (/^-?\d+\.0$/.test(text) || /^\d(?:\.\d+)?e\+\d+$/.test(text)) return BigInt(Number(text));
  return text;
}

const asMap = (value: DamoValue | undefined): DamoValues => (value ?? {}) as DamoValues;
const asList = (value: DamoValue | undefined): readonly DamoValue[] =>
  (value ?? []) as readonly DamoValue[];
const listWhole = (map: DamoValues, ...keys: string[]): Shown =>
  keys.map((key) => toWhole(map[key]));

interface Counting {
  readonly sampleUs: number;
  readonly aggrUs: number;
}

function showBound(value: DamoValue, { sampleUs, aggrUs }: Counting): Shown {
  const { percent, samples, usec, aggr_intervals: age } = asMap(value);
  if (samples !== undefined) return toWhole(samples);
  if (age !== undefined) return toWhole(age);
  const whole = toWhole(percent ?? usec);
  if (whole === ULONG_MAX) return whole;
  // As damo stages it, in doubles.
  return percent === undefined
    ? BigInt(Math.trunc(Number(usec) / aggrUs))
    : BigInt(Math.trunc((Number(percent) * aggrUs) / sampleUs / 100));
}

function showDamoFilter(value: DamoValue): Shown {
  const filter = asMap(value);
  const { filter_type: type, address_range: range } = filter;
  return [
    asText(type),
    filter['matching'] === true,
    filter['allow'] === true,
    type === 'memcg' ? asText(filter['memcg_path'] ?? filter['path']) : null,
    type === 'addr' ? listWhole(asMap(range), 'start', 'end') : null,
    type === 'target' ? toWhole(filter['damon_target_idx']) : null,
    type === 'hugepage_size' ? asList(filter['hugepage_size']).map(toWhole) : null,
  ];
}

function showDamoScheme(
  value: DamoValue,
  counting: Counting,
  { isOld }: DamoNumbersOptions,
): Shown {
  const scheme = asMap(value);
  const pattern = asMap(scheme['access_pattern']);
  const quotas = asMap(scheme['quotas']);
  const charge = listWhole(quotas, 'fail_charge_num', 'fail_charge_denom');
  return {
    action: asText(scheme['action']),
    nid: toWhole(scheme['target_nid']),
    apply: toWhole(scheme['apply_interval_us']),
    size: asList(pattern['sz_bytes']).map(toWhole),
    accesses: asList(pattern['nr_acc_min_max']).map((bound) => showBound(bound, counting)),
    age: asList(pattern['age_min_max']).map((bound) => showBound(bound, counting)),
    quotas: listWhole(
      quotas,
      ...['time_ms', 'sz_bytes', 'reset_interval_ms'],
      ...['weight_sz_permil', 'weight_nr_accesses_permil', 'weight_age_permil'],
    ),
    goals: asList(quotas['goals']).map((goal) => [
      asText(asMap(goal)['metric']),
      listWhole(asMap(goal), 'target_value', 'current_value', 'nid'),
      isOld ? null : (asMap(goal)['memcg_path'] as string | null),
    ]),
    watermarks: [
      asText(asMap(scheme['watermarks'])['metric']),
      listWhole(
        asMap(scheme['watermarks']),
        ...['interval_us', 'high_permil', 'mid_permil', 'low_permil'],
      ),
    ],
    filters: asList(scheme['filters']).map(showDamoFilter),
    ...(!isOld && {
      charge,
      tuner: asText(quotas['goal_tuner']),
      dests: asList(scheme['dests']).map((dest) => listWhole(asMap(dest), 'id', 'weight')),
    }),
  };
}

function showDamoContext(value: DamoValue, options: DamoNumbersOptions): Shown {
  const context = asMap(value);
  const intervals = asMap(context['intervals']);
  const counting = { sampleUs: Number(intervals['sample']), aggrUs: Number(intervals['aggr']) };
  return {
    ops: asText(context['ops']),
    intervals: listWhole(intervals, 'sample', 'aggr', 'ops_update'),
    goal: listWhole(
      asMap(intervals['intervals_goal']),
      ...['access_bp', 'aggrs', 'min_sample_us', 'max_sample_us'],
    ),
    nrRegions: listWhole(asMap(context['nr_regions']), 'minimum', 'maximum'),
    targets: asList(context['targets']).map((target) => [
      toWhole(asMap(target)['pid']),
      asList(asMap(target)['regions']).map((region) => listWhole(asMap(region), 'start', 'end')),
      options.isOld ? false : asMap(target)['obsolete'] === true,
    ]),
    schemes: asList(context['schemes']).map((scheme) => showDamoScheme(scheme, counting, options)),
    ...(!options.isOld && {
      addrUnit: toWhole(context['addr_unit']),
      pause: context['pause'] === true,
      probes: asList(context['probes']).map((probe) =>
        asList(asMap(probe)['filters']).map(showDamoFilter),
      ),
    }),
  };
}

/** What damo read. */
export function showDamoNumbers(
  kdamonds: readonly DamoValues[] | null,
  options: DamoNumbersOptions,
): Shown {
  return (kdamonds ?? []).map((kdamond) => ({
    refresh: options.isOld ? 0n : toWhole(kdamond['refresh_ms']),
    contexts: asList(kdamond['contexts']).map((context) => showDamoContext(context, options)),
  }));
}

const showRange = ({ min, max }: Uint64Range): Shown => [min, max];
const showCount = (count: number | undefined, absent: bigint | null): Shown =>
  count === undefined ? absent : BigInt(count);

function showFilter({ addrRange, sizeBytes, ...filter }: FilterSpec): Shown {
  return [
    filter.type,
    filter.isMatching,
    filter.isAllowing ?? false,
    filter.memcgPath ?? null,
    addrRange === undefined ? null : [addrRange.startAddr, addrRange.endAddr],
    showCount(filter.targetIndex, null),
    sizeBytes === undefined ? null : showRange(sizeBytes),
  ];
}

function showScheme(scheme: SchemeSpec, { isOld }: DamoNumbersOptions): Shown {
  const { accessPattern, quotas, watermarks } = scheme;
  return {
    action: scheme.action,
    nid: showCount(scheme.targetNid, null),
    apply: showCount(scheme.applyIntervalUs, 0n),
    size: showRange(accessPattern.sizeBytes),
    accesses: showRange(accessPattern.nrAccesses),
    age: showRange(accessPattern.ageIntervals),
    quotas: [
      ...[quotas.timeMs, quotas.sizeBytes, quotas.resetIntervalMs],
      ...[quotas.sizeWeightPermil, quotas.accessesWeightPermil, quotas.ageWeightPermil].map(BigInt),
    ],
    goals: (quotas.goals ?? []).map((goal) => [
      goal.metric ?? '',
      [goal.targetValue, goal.currentValue, showCount(goal.nid, null)],
      isOld ? null : (goal.path ?? null),
    ]),
    watermarks: [
      watermarks.metric,
      [
        watermarks.intervalUs,
        ...[watermarks.highPermil, watermarks.midPermil, watermarks.lowPermil].map(BigInt),
      ],
    ],
    filters: (scheme.filters ?? []).map(showFilter),
    ...(!isOld && {
      charge: [showCount(quotas.failChargeNum, 0n), showCount(quotas.failChargeDenom, 0n)],
      tuner: quotas.goalTuner ?? 'consist',
      dests: (scheme.dests ?? []).map(({ nid, weight }) => [BigInt(nid), BigInt(weight)]),
    }),
  };
}

/** What the specs say. */
export function showSpecNumbers(specs: readonly KdamondSpec[], options: DamoNumbersOptions): Shown {
  return specs.map(({ refreshMs, contexts }) => ({
    refresh: options.isOld ? 0n : showCount(refreshMs, 0n),
    contexts: contexts.map(({ intervals, ...context }) => ({
      ops: context.operations,
      intervals: [
        intervals.sampleIntervalUs,
        intervals.aggrIntervalUs,
        intervals.updateIntervalUs,
      ].map(BigInt),
      goal: [
        intervals.goal?.accessBp,
        intervals.goal?.aggrs,
        intervals.goal?.minSampleIntervalUs,
        intervals.goal?.maxSampleIntervalUs,
      ].map((value) => BigInt(value ?? 0)),
      nrRegions: [context.minNrRegions, context.maxNrRegions],
      targets: context.targets.map(({ pid, regions, isObsolete }) => [
        showCount(pid, null),
        regions.map(({ startAddr, endAddr }) => [startAddr, endAddr]),
        options.isOld ? false : (isObsolete ?? false),
      ]),
      schemes: context.schemes.map((scheme) => showScheme(scheme, options)),
      ...(!options.isOld && {
        addrUnit: context.addrUnit ?? 1n,
        pause: context.isPaused ?? false,
        probes: (context.probes ?? []).map(({ filters }) => filters.map(showFilter)),
      }),
    })),
  }));
}
