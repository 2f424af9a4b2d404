import { ULONG_MAX } from '../../base/uint64.ts';
import { parseWord } from '../../base/words.ts';
import { parseTime } from '../../base/units.ts';
import { DAMO_NO_QUOTAS } from '../../config/damo/decodeQuotas.ts';
import { parseSize, parseUint32, wholeShare } from '../../config/damo/quantities.ts';
import { GOAL_TUNERS } from '../../damon/spec.ts';
import type { QuotaGoalSpec, QuotasSpec } from '../../damon/spec.ts';
import type { DamosArguments } from './damosOptions.ts';
import { splitWords } from './optionWords.ts';

const SINGLE_OPTIONS = [
  'damos_quota_interval',
  'damos_quota_time',
  'damos_quota_space',
  'damos_quota_weights',
] as const;

const permil = wholeShare('permil');

function parseWeights([size, accesses, age]: readonly string[], fallback: string, what: string) {
  return {
    sizeWeightPermil: permil(size ?? fallback, what),
    accessesWeightPermil: permil(accesses ?? fallback, what),
    ageWeightPermil: permil(age ?? fallback, what),
  };
}

function parseAtOnce(joined: string): QuotasSpec {
  const what = '--damos_quotas';
  const [time = '', size = '0', interval = 'max', ...weights] = splitWords(joined);
  return {
    timeMs: parseTime(time, 'ms', what),
    sizeBytes: parseSize(size, what),
    resetIntervalMs: parseTime(interval, 'ms', what),
    ...parseWeights(weights, '0', what),
  };
}

/** Undefined without an interval, where damo leaves the quotas out without a word. */
function parseSingly(args: DamosArguments, index: number): QuotasSpec | undefined {
  const interval = args.damos_quota_interval?.[index];
  const missing = SINGLE_OPTIONS.find((name) => args[name]?.[index] !== undefined);
  if (interval === undefined) {
    if (missing === undefined) return undefined;
    throw new RangeError(`--${missing} needs --damos_quota_interval: the time the quota is for`);
  }
  const weights = args.damos_quota_weights?.[index];
  return {
    timeMs: parseTime(args.damos_quota_time?.[index] ?? '0', 'ms', '--damos_quota_time'),
    sizeBytes: parseSize(args.damos_quota_space?.[index] ?? '0', '--damos_quota_space'),
    resetIntervalMs: parseTime(interval, 'ms', '--damos_quota_interval'),
    ...parseWeights(weights === undefined ? [] : splitWords(weights), '1', '--damos_quota_weights'),
  };
}

function parseFailCharge(joined: string | undefined): Partial<QuotasSpec> {
  if (joined === undefined) return {};
  const what = '--damos_quota_fail_charge_ratio';
  const [num = '', denom = ''] = splitWords(joined);
  const failChargeDenom = parseUint32(denom, what);
  if (failChargeDenom === 0) throw new RangeError(`${what}: found a denominator of 0`);
  return { failChargeNum: parseUint32(num, what), failChargeDenom };
}

function parseTuner(word: string | undefined): Pick<QuotasSpec, 'goalTuner'> {
  if (word === undefined) return {};
  const goalTuner = parseWord(word, GOAL_TUNERS, '--damos_quota_goal_tuner');
  return goalTuner === 'consist' ? {} : { goalTuner };
}

/**
 * The quotas of one scheme.
 *
 * @throws RangeError naming the option.
 */
export function parseQuotaOptions(
  args: DamosArguments,
  index: number,
  goals: readonly QuotaGoalSpec[],
): QuotasSpec {
  const [single] = SINGLE_OPTIONS.filter((name) => args[name] !== undefined);
  if (args.damos_quotas !== undefined && single !== undefined) {
    throw new RangeError(`--damos_quotas and --${single} cannot be given together`);
  }
  const atOnce = args.damos_quotas?.[index];
  const limits = atOnce === undefined ? parseSingly(args, index) : parseAtOnce(atOnce);
  const tuning = {
    ...parseFailCharge(args.damos_quota_fail_charge_ratio?.[index]),
    ...parseTuner(args.damos_quota_goal_tuner?.[index]),
    ...(goals.length > 0 && { goals }),
  };
  const isTuned = Object.keys(tuning).length > 0;
  if (isTuned && (limits === undefined || limits.resetIntervalMs === ULONG_MAX)) {
    throw new RangeError(
      'goals, their tuner and the charge of failures need --damos_quota_interval: the time a quota is for',
    );
  }
  return { ...(limits ?? DAMO_NO_QUOTAS), ...tuning };
}
