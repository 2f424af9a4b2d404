import { ULONG_MAX } from '../../base/uint64.ts';
import { parseCount } from '../../base/units.ts';
import { GOAL_METRICS, isMemcgMetric, isNodeMetric } from '../../damon/goalMetrics.ts';
import { GOAL_TUNERS, NO_QUOTAS, NO_WATERMARKS, WATERMARK_METRICS } from '../../damon/spec.ts';
import type { QuotaGoalSpec, QuotasSpec, WatermarksSpec } from '../../damon/spec.ts';
import { checkWatermarks } from '../../damon/specChecks.ts';
import {
  checkDecoded,
  listItems,
  openMap,
  readQuantity,
  readText,
  readWord,
  reportProblem,
} from '../decode.ts';
import type { Place } from '../decode.ts';
import { parseUint32, timeIn, wholeShare } from './quantities.ts';
import type { QuantityParser } from './quantities.ts';
import { parseSize } from './quantities.ts';

/** What damo gives a scheme without quotas: none, that are never charged anew. */
export const DAMO_NO_QUOTAS: QuotasSpec = { ...NO_QUOTAS, resetIntervalMs: ULONG_MAX };

const QUOTA_KEYS = [
  'time_ms',
  'sz_bytes',
  'reset_interval_ms',
  'weights',
  'goals',
  'goal_tuner',
  'fail_charge_num',
  'fail_charge_denom',
] as const;

/** The value a goal of this metric aims at, in the unit of its name. */
export function goalValueParser(metric: string): QuantityParser<bigint> {
  if (metric.endsWith('_us')) return timeIn('us');
  if (!metric.endsWith('_bp')) return parseCount;
  const parseBp = wholeShare('bp');
  return (text, what) => BigInt(parseBp(text, what));
}

function decodeGoal(place: Place): QuotaGoalSpec {
  const fields = openMap(place, ['metric', 'target_value', 'current_value', 'nid', 'memcg_path']);
  const metric = readWord(fields.require('metric'), GOAL_METRICS, 'user_input');
  const parseValue = goalValueParser(metric);
  const nid = isNodeMetric(metric)
    ? readQuantity<number | undefined>(fields.get('nid'), parseUint32, undefined)
    : undefined;
  const path = isMemcgMetric(metric) ? readText(fields.require('memcg_path')) : undefined;
  return {
    metric,
    ...(nid !== undefined && { nid }),
    ...(path !== undefined && { path }),
    targetValue: readQuantity(fields.require('target_value'), parseValue, 0n),
    currentValue: readQuantity(fields.get('current_value'), parseValue, 0n),
  };
}

function decodeWeights(place: Place | undefined) {
  const permil = wholeShare('permil');
  const fields = place && openMap(place, ['sz_permil', 'nr_accesses_permil', 'age_permil']);
  return {
    sizeWeightPermil: readQuantity(fields?.get('sz_permil'), permil, 0),
    accessesWeightPermil: readQuantity(fields?.get('nr_accesses_permil'), permil, 0),
    ageWeightPermil: readQuantity(fields?.get('age_permil'), permil, 0),
  };
}

/** Without a share failures are charged in full, which is the kernel's default. */
function decodeFailCharge(num: Place | undefined, denom: Place | undefined): Partial<QuotasSpec> {
  const failChargeNum = readQuantity(num, parseUint32, 0);
  const failChargeDenom = readQuantity(denom, parseUint32, 0);
  return failChargeNum === 0 && failChargeDenom === 0 ? {} : { failChargeNum, failChargeDenom };
}

export function decodeQuotas(place: Place | undefined): QuotasSpec {
  if (place === undefined) return DAMO_NO_QUOTAS;
  const fields = openMap(place, QUOTA_KEYS, ['effective_sz_bytes']);
  const goals = listItems(fields.get('goals')).map(decodeGoal);
  const tuner = readWord(fields.get('goal_tuner'), GOAL_TUNERS, 'consist');
  const timeMs = readQuantity(fields.get('time_ms'), timeIn('ms'), 0n);
  const sizeBytes = readQuantity(fields.get('sz_bytes'), parseSize, 0n);
  const reset = fields.get('reset_interval_ms');
  if (reset === undefined && (timeMs > 0n || sizeBytes > 0n || goals.length > 0)) {
    reportProblem(place, '"reset_interval_ms" is missing: how often the quota is given anew');
  }
  return {
    timeMs,
    sizeBytes,
    resetIntervalMs: readQuantity(reset, timeIn('ms'), ULONG_MAX),
    ...decodeWeights(fields.get('weights')),
    ...decodeFailCharge(fields.get('fail_charge_num'), fields.get('fail_charge_denom')),
    ...(goals.length > 0 && { goals }),
    ...(tuner !== 'consist' && { goalTuner: tuner }),
  };
}

export function decodeWatermarks(place: Place | undefined): WatermarksSpec {
  if (place === undefined) return NO_WATERMARKS;
  const keys = ['metric', 'interval_us', 'high_permil', 'mid_permil', 'low_permil'] as const;
  const fields = openMap(place, keys);
  const permil = wholeShare('permil');
  const watermarks = {
    metric: readWord(fields.get('metric'), WATERMARK_METRICS, 'none'),
    intervalUs: readQuantity(fields.get('interval_us'), timeIn('us'), 0n),
    highPermil: readQuantity(fields.get('high_permil'), permil, 0),
    midPermil: readQuantity(fields.get('mid_permil'), permil, 0),
    lowPermil: readQuantity(fields.get('low_permil'), permil, 0),
  };
  return checkDecoded(place, watermarks, checkWatermarks);
}
