import { parseWord } from '../../base/words.ts';
import { parseCount, parseSizeBytes, parseTime } from '../../base/units.ts';
import { parseAccessRate, parseAge } from '../../config/accessPattern.ts';
import type { Bound, CountingIntervals } from '../../config/accessPattern.ts';
import { parseIntervalUs, parseUint32, wholeShare } from '../../config/damo/quantities.ts';
import { ACTIONS, ANY_PATTERN, NO_WATERMARKS, WATERMARK_METRICS } from '../../damon/spec.ts';
import type {
  AccessPatternSpec,
  FilterSpec,
  QuotaGoalSpec,
  SchemeSpec,
  Uint64Range,
  WatermarksSpec,
} from '../../damon/spec.ts';
import { checkRange, checkWatermarks } from '../../damon/specChecks.ts';
import type { DamosArguments } from './damosOptions.ts';
import { checkOccurrences, distribute, parseNumbers } from './distribute.ts';
import { splitWords } from './optionWords.ts';
import { parseQuotaOptions } from './parseQuotaOptions.ts';
import { SCHEME_FILTER, takeFilters } from './takeFilter.ts';
import { takeGoal } from './takeGoal.ts';

/** Options whose n-th occurrence is for the n-th scheme. */
const PER_SCHEME = [
  'damos_sz_region',
  'damos_access_rate',
  'damos_age',
  'damos_apply_interval',
  'damos_quotas',
  'damos_quota_interval',
  'damos_quota_time',
  'damos_quota_space',
  'damos_quota_weights',
  'damos_quota_goal_tuner',
  'damos_quota_fail_charge_ratio',
  'damos_wmarks',
  'damos_max_nr_snapshots',
] as const;

/** Options that list what the schemes share out among themselves. */
const SHARED = [
  'damos_filter',
  'damos_nr_filters',
  'damos_quota_goal',
  'damos_nr_quota_goals',
] as const;

function parseAction(joined: string): Pick<SchemeSpec, 'action' | 'targetNid' | 'dests'> {
  const what = '--damos_action';
  const [word = '', ...numbers] = splitWords(joined);
  const action = parseWord(word, ACTIONS, what);
  const nodes = numbers.map((number) => parseUint32(number, what));
  if (nodes.length === 0) return { action };
  if (nodes.length === 1) return { action, targetNid: nodes[0] ?? 0 };
  const dests = nodes.flatMap((nid, at) =>
    at % 2 === 0 ? [{ nid, weight: nodes[at + 1] ?? 0 }] : [],
  );
  return { action, dests };
}

function parseRange(
  joined: string | undefined,
  what: string,
  parse: (text: string, bound: Bound) => bigint,
): Uint64Range | undefined {
  if (joined === undefined) return undefined;
  const [min = '', max = ''] = splitWords(joined);
  const range = { min: parse(min, 'min'), max: parse(max, 'max') };
  checkRange(range, what);
  return range;
}

function parsePattern(
  args: DamosArguments,
  index: number,
  intervals: CountingIntervals,
): AccessPatternSpec {
  const [size, rate, age] = ['--damos_sz_region', '--damos_access_rate', '--damos_age'] as const;
  const sizeBytes = parseRange(args.damos_sz_region?.[index], size, (text) =>
    parseSizeBytes(text, size),
  );
  const nrAccesses = parseRange(args.damos_access_rate?.[index], rate, (text, bound) =>
    parseAccessRate(text, bound, intervals, rate),
  );
  const ageIntervals = parseRange(args.damos_age?.[index], age, (text, bound) =>
    parseAge(text, bound, intervals, age),
  );
  return {
    sizeBytes: sizeBytes ?? ANY_PATTERN.sizeBytes,
    nrAccesses: nrAccesses ?? ANY_PATTERN.nrAccesses,
    ageIntervals: ageIntervals ?? ANY_PATTERN.ageIntervals,
  };
}

function parseWatermarks(joined: string | undefined): WatermarksSpec {
  if (joined === undefined) return NO_WATERMARKS;
  const what = '--damos_wmarks';
  const permil = wholeShare('permil');
  const [metric = '', interval = '', high = '', mid = '', low = ''] = splitWords(joined);
  const watermarks = {
    metric: parseWord(metric, WATERMARK_METRICS, what),
    intervalUs: parseTime(interval, 'us', what),
    highPermil: permil(high, what),
    midPermil: permil(mid, what),
    lowPermil: permil(low, what),
  };
  checkWatermarks(watermarks, what);
  return watermarks;
}

interface SharedParts {
  readonly goals: readonly QuotaGoalSpec[];
  readonly filters: readonly FilterSpec[];
}

function parseScheme(
  args: DamosArguments,
  index: number,
  { goals, filters }: SharedParts,
  intervals: CountingIntervals,
): SchemeSpec {
  const apply = args.damos_apply_interval?.[index];
  const applyIntervalUs =
    apply === undefined ? 0 : parseIntervalUs(apply, '--damos_apply_interval');
  const limit = args.damos_max_nr_snapshots?.[index];
  const maxNrSnapshots = limit === undefined ? 0n : parseCount(limit, '--damos_max_nr_snapshots');
  return {
    ...parseAction(args.damos_action?.[index] ?? ''),
    ...(applyIntervalUs !== 0 && { applyIntervalUs }),
    accessPattern: parsePattern(args, index, intervals),
    quotas: parseQuotaOptions(args, index, goals),
    watermarks: parseWatermarks(args.damos_wmarks?.[index]),
    ...(filters.length > 0 && { filters }),
    ...(maxNrSnapshots !== 0n && { maxNrSnapshots }),
  };
}

function checkGiven(args: DamosArguments, nrSchemes: number): void {
  if (nrSchemes === 0) {
    const given = [...PER_SCHEME, ...SHARED].find((name) => args[name] !== undefined);
    if (given === undefined) return;
    throw new RangeError(`--${given} needs --damos_action: what is to be done`);
  }
  checkOccurrences(args, PER_SCHEME, {
    nrGroups: nrSchemes,
    group: 'scheme',
    hint: 'each --damos_action makes one',
  });
}

/** How many schemes the options make. */
export function countSchemes(args: DamosArguments): number {
  return args.damos_action?.length ?? 0;
}

/** Makes the schemes from `from` on, counting in the intervals of the context they are for. */
export type SchemeMaker = (
  from: number,
  nrSchemes: number,
  intervals: CountingIntervals,
) => SchemeSpec[];

/**
 * Reads what all schemes share; each then is made by what was given for it.
 *
 * @throws RangeError naming the option, here and when a scheme is made.
 */
export function createSchemeMaker(args: DamosArguments): SchemeMaker {
  const nrSchemes = countSchemes(args);
  checkGiven(args, nrSchemes);
  const groups = { nrGroups: Math.max(1, nrSchemes), group: 'scheme' };
  const goals = distribute(
    (args.damos_quota_goal ?? []).map((joined) => takeGoal(splitWords(joined)).value),
    {
      ...groups,
      counts: parseNumbers(args.damos_nr_quota_goals, '--damos_nr_quota_goals'),
      items: 'goals',
      option: '--damos_nr_quota_goals',
    },
  );
  const filters = distribute(
    (args.damos_filter ?? []).flatMap(
      (joined) => takeFilters(splitWords(joined), SCHEME_FILTER).value,
    ),
    {
      ...groups,
      counts: parseNumbers(args.damos_nr_filters, '--damos_nr_filters'),
      items: 'filters',
      option: '--damos_nr_filters',
    },
  );
  return (from, count, intervals) =>
    Array.from({ length: count }, (_, at) => {
      const shared = { goals: goals[from + at] ?? [], filters: filters[from + at] ?? [] };
      return parseScheme(args, from + at, shared, intervals);
    });
}
