import { ULONG_MAX } from '../../base/uint64.ts';
import { isMemcgMetric, isNodeMetric } from '../../damon/goalMetrics.ts';
import { MIGRATE_ACTIONS } from '../../damon/spec.ts';
import type {
  FilterSpec,
  QuotaGoalSpec,
  QuotasSpec,
  SchemeSpec,
  Uint64Range,
  WatermarksSpec,
} from '../../damon/spec.ts';
import type { CountingIntervals } from '../accessPattern.ts';
import type { NumberTexts } from './numberTexts.ts';

/** A minimum and a maximum as texts. */
export interface RangeTexts {
  readonly min: string;
  readonly max: string;
}

/** Access rates and ages, which damo counts in other units than the kernel. */
export interface PatternTexts {
  readonly nrAccesses: RangeTexts;
  readonly age: RangeTexts;
}

const EXACT = BigInt(Number.MAX_SAFE_INTEGER);

function layoutRange({ min, max }: Uint64Range, format: (value: bigint) => string): RangeTexts {
  return { min: format(min), max: format(max) };
}

/** The whole percentage that means this number of samples, to damo's doubles too. */
function findPercent(samples: bigint, intervals: CountingIntervals): number | undefined {
  const { sampleIntervalUs, aggrIntervalUs } = intervals;
  if (samples > EXACT) return undefined;
  const percent = (Number(samples) * 100 * sampleIntervalUs) / aggrIntervalUs;
  const isSame =
    Math.trunc((percent * aggrIntervalUs) / sampleIntervalUs / 100) === Number(samples) &&
    Math.trunc((percent * (aggrIntervalUs / sampleIntervalUs)) / 100) === Number(samples);
  return Number.isInteger(percent) && percent <= 100 && isSame ? percent : undefined;
}

/** damo wants both ends in the same unit. */
function layoutNrAccesses(range: Uint64Range, intervals: CountingIntervals, texts: NumberTexts) {
  const isPercent = Object.values(range).every(
    (samples: bigint) => samples === ULONG_MAX || findPercent(samples, intervals) !== undefined,
  );
  return layoutRange(range, (samples) => {
    if (!isPercent) return `${texts.count(samples)} samples`;
    return samples === ULONG_MAX ? 'max' : `${findPercent(samples, intervals) ?? 0} %`;
  });
}

function layoutAge(range: Uint64Range, intervals: CountingIntervals, texts: NumberTexts) {
  const aggrUs = BigInt(intervals.aggrIntervalUs);
  const isTime = Object.values(range).every(
    (age: bigint) => age === ULONG_MAX || age * aggrUs <= EXACT,
  );
  return layoutRange(range, (age) => {
    if (!isTime) return `${texts.count(age)} aggr_intervals`;
    return age === ULONG_MAX ? 'max' : texts.timeUs(age * aggrUs);
  });
}

/** The texts of a pattern the kernel counts in samples and intervals. */
export function layoutPattern(
  { nrAccesses, ageIntervals }: SchemeSpec['accessPattern'],
  intervals: CountingIntervals,
  texts: NumberTexts,
): PatternTexts {
  return {
    nrAccesses: layoutNrAccesses(nrAccesses, intervals, texts),
    age: layoutAge(ageIntervals, intervals, texts),
  };
}

function layoutGoal(goal: QuotaGoalSpec, texts: NumberTexts) {
  const metric = goal.metric ?? 'user_input';
  return {
    metric,
    nid: isNodeMetric(metric) && goal.nid !== undefined ? texts.count(BigInt(goal.nid)) : null,
    memcg_path: isMemcgMetric(metric) ? (goal.path ?? null) : null,
    target_value: texts.count(goal.targetValue),
    current_value: texts.count(goal.currentValue),
  };
}

function layoutQuotas(quotas: QuotasSpec, texts: NumberTexts) {
  return {
    time_ms: texts.timeMs(quotas.timeMs),
    sz_bytes: texts.size(quotas.sizeBytes),
    reset_interval_ms: texts.timeMs(quotas.resetIntervalMs),
    fail_charge_num: texts.count(BigInt(quotas.failChargeNum ?? 0)),
    fail_charge_denom: texts.count(BigInt(quotas.failChargeDenom ?? 0)),
    goals: (quotas.goals ?? []).map((goal) => layoutGoal(goal, texts)),
    goal_tuner: quotas.goalTuner ?? 'consist',
    weights: {
      sz_permil: texts.permil(quotas.sizeWeightPermil),
      nr_accesses_permil: texts.permil(quotas.accessesWeightPermil),
      age_permil: texts.permil(quotas.ageWeightPermil),
    },
  };
}

function layoutWatermarks(watermarks: WatermarksSpec, texts: NumberTexts) {
  return {
    metric: watermarks.metric,
    interval_us: texts.timeUs(watermarks.intervalUs),
    high_permil: texts.permil(watermarks.highPermil),
    mid_permil: texts.permil(watermarks.midPermil),
    low_permil: texts.permil(watermarks.lowPermil),
  };
}

function layoutFilter(filter: FilterSpec, texts: NumberTexts) {
  const { addrRange, sizeBytes, targetIndex } = filter;
  return {
    filter_type: filter.type,
    matching: filter.isMatching,
    allow: filter.isAllowing ?? false,
    memcg_path: filter.memcgPath ?? null,
    address_range:
      addrRange === undefined
        ? null
        : { start: texts.count(addrRange.startAddr), end: texts.count(addrRange.endAddr) },
    damon_target_idx: targetIndex === undefined ? null : texts.count(BigInt(targetIndex)),
    hugepage_size:
      sizeBytes === undefined ? null : [texts.size(sizeBytes.min), texts.size(sizeBytes.max)],
  };
}

/** A scheme as the object its JSON is written from, in damo's order. */
export function layoutScheme(
  scheme: SchemeSpec,
  pattern: PatternTexts,
  texts: NumberTexts,
): Readonly<Record<string, unknown>> {
  const { coreFilters = [], opsFilters = [], filters = [], maxNrSnapshots = 0n } = scheme;
  return {
    action: scheme.action,
    dests: (scheme.dests ?? []).map(({ nid, weight }) => ({ id: nid, weight })),
    ...(MIGRATE_ACTIONS.includes(scheme.action) && { target_nid: scheme.targetNid ?? null }),
    access_pattern: {
      sz_bytes: layoutRange(scheme.accessPattern.sizeBytes, texts.size),
      nr_accesses: pattern.nrAccesses,
      age: pattern.age,
    },
    apply_interval_us: texts.timeUs(BigInt(scheme.applyIntervalUs ?? 0)),
    quotas: layoutQuotas(scheme.quotas, texts),
    watermarks: layoutWatermarks(scheme.watermarks, texts),
    filters: [...coreFilters, ...opsFilters, ...filters].map((filter) =>
      layoutFilter(filter, texts),
    ),
    // damo has no key for it, and passes over those it does not know.
    ...(maxNrSnapshots !== 0n && { max_nr_snapshots: texts.count(maxNrSnapshots) }),
  };
}
