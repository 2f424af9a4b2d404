import { UsageError } from '../../base/errors.ts';
import { explainWord } from '../../base/words.ts';
import { MIGRATE_ACTIONS } from '../../damon/spec.ts';
import { parseOption } from '../options.ts';
import { PROBE_FILTER, SCHEME_FILTER, takeFilters } from './takeFilter.ts';
import { takeGoal } from './takeGoal.ts';

/**
 * How many words belong to an option, which damo lets depend on the words themselves: one of them
 * behind may be the target, which no option must take.
 */
interface WordRule {
  /** For messages. */
  readonly usage: string;
  readonly isOptionalTail?: boolean;
  /** @throws RangeError for words that cannot be meant. */
  readonly count: (words: readonly string[], nrActions: number) => number;
}

/** No argument of a program can hold it. */
const SEPARATOR = '\0';

const WHOLE = /^\d+$/;
const QUANTITY = /^(?:\d.*|min|max)$/;

function countLeading(words: readonly string[], pattern: RegExp): number {
  const end = words.findIndex((word) => !pattern.test(word));
  return end < 0 ? words.length : end;
}

function exactly(usage: string): WordRule {
  const nrWords = usage.split(' ').length;
  return { usage, count: () => nrWords };
}

const NUMBERS: WordRule = {
  usage: 'NUMBER…',
  isOptionalTail: true,
  count: (words) => Math.max(1, countLeading(words, WHOLE)),
};

/** One number for each scheme, so that it is known where they end. */
const NUMBERS_PER_SCHEME: WordRule = {
  usage: 'NUMBER… (one for each --damos_action)',
  count: (_words, nrActions) => Math.max(1, nrActions),
};

const ACTION: WordRule = {
  usage: 'ACTION [NID | NID WEIGHT…]',
  isOptionalTail: true,
  count: ([action = '', ...rest]) => {
    if (!MIGRATE_ACTIONS.some((known) => known === action)) return 1;
    const nrNumbers = countLeading(rest, WHOLE);
    if (nrNumbers === 0) {
      throw new RangeError(
        `--damos_action: ${action} needs a node, or nodes with weights, where pages go to`,
      );
    }
    // Pairs of node and weight: one more number is not theirs.
    return 1 + (nrNumbers === 1 ? 1 : nrNumbers - (nrNumbers % 2));
  },
};

const WORD_RULES: ReadonlyMap<string, WordRule> = new Map(
  Object.entries<WordRule>({
    damos_action: ACTION,
    damos_sz_region: exactly('MIN MAX'),
    damos_access_rate: exactly('MIN MAX'),
    damos_age: exactly('MIN MAX'),
    damos_apply_interval: exactly('INTERVAL'),
    damos_quota_interval: exactly('INTERVAL'),
    damos_quota_time: exactly('TIME'),
    damos_quota_space: exactly('SIZE'),
    damos_quota_goal_tuner: exactly('TUNER'),
    damos_max_nr_snapshots: exactly('NUMBER'),
    damos_quotas: {
      usage: 'TIME [SIZE [INTERVAL [WEIGHT WEIGHT WEIGHT]]]',
      isOptionalTail: true,
      count: (words) => Math.min(6, Math.max(1, countLeading(words, QUANTITY))),
    },
    damos_quota_weights: exactly('SIZE ACCESS_RATE AGE'),
    damos_quota_fail_charge_ratio: exactly('NUMERATOR DENOMINATOR'),
    damos_quota_goal: {
      usage: 'METRIC TARGET [CURRENT | NID | NID MEMCG]',
      count: (words) => takeGoal(words).nrWords,
    },
    damos_nr_quota_goals: NUMBERS_PER_SCHEME,
    damos_filter: {
      usage: 'allow|reject [none] TYPE [ARGUMENT…]',
      count: (words) => takeFilters(words, SCHEME_FILTER).nrWords,
    },
    damos_nr_filters: NUMBERS_PER_SCHEME,
    damos_wmarks: exactly('METRIC INTERVAL HIGH MID LOW'),
    probe_filter: {
      usage: 'allow|reject [non] TYPE [PATH]',
      count: (words) => takeFilters(words, PROBE_FILTER).nrWords,
    },
    monitoring_intervals: exactly('SAMPLE AGGR UPDATE'),
    monitoring_intervals_goal: exactly('ACCESS_BP AGGRS MIN_SAMPLE MAX_SAMPLE'),
    monitoring_nr_regions_range: exactly('MIN MAX'),
    numa_node: NUMBERS,
    nr_targets: NUMBERS,
    nr_ctxs: NUMBERS,
    nr_schemes: NUMBERS,
    nr_probes: NUMBERS,
    nr_probe_filters: NUMBERS,
    obsolete_targets: NUMBERS,
    pause_ctx: NUMBERS,
  }),
);

/** The words of an option that takes several. */
export function splitWords(joined: string): string[] {
  return joined.split(SEPARATOR);
}

/**
 * The words of an option whose last one could as well be the target: a number, where fewer words
 * would do, or where the number before it may have been forgotten (a node to migrate to).
 */
export function listDoubtfulWords(name: string, joined: string): readonly string[] | undefined {
  const words = splitWords(joined);
  const { isOptionalTail = false } = WORD_RULES.get(name) ?? {};
  return isOptionalTail && words.length > 1 && WHOLE.test(words.at(-1) ?? '') ? words : undefined;
}

function takeWords(
  name: string,
  rule: WordRule,
  following: readonly string[],
  nrActions: number,
): readonly string[] {
  const end = following.findIndex((word) => word.startsWith('-'));
  const words = end < 0 ? following : following.slice(0, end);
  const nrWords = words.length === 0 ? 1 : rule.count(words, nrActions);
  if (words.length >= nrWords) return words.slice(0, nrWords);
  const found = words.length === 0 ? 'nothing' : `"${words.join(' ')}"`;
  throw new RangeError(`--${name}: found ${found}, expected ${rule.usage}`);
}

function refuseOption(option: string, name: string): UsageError {
  const known = [...WORD_RULES.keys()].filter((one) => one.startsWith('damos_'));
  return new UsageError(`--${option}: no such option, ${explainWord(name, known)}`);
}

/**
 * Joins the words that belong to one option of damo's into one word, for a parser that knows only
 * options of one word. `splitWords` takes them apart again.
 *
 * @throws UsageError where an option has too few words, or words that cannot be its.
 */
export function joinOptionWords(args: readonly string[]): string[] {
  const nrActions = args.filter((word) => /^--damos[_-]action(?:=|$)/.test(word)).length;
  const joined: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '--') return [...joined, ...args.slice(at)];
    const [, option = '', inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const name = option.replaceAll('-', '_');
    const rule = WORD_RULES.get(name);
    if (rule === undefined) {
      if (name.startsWith('damos_')) throw refuseOption(option, name);
      joined.push(word);
      continue;
    }
    const following = [...(inline === undefined ? [] : [inline]), ...args.slice(at + 1)];
    const words = parseOption(() => takeWords(name, rule, following, nrActions));
    joined.push(`--${option}`, words.join(SEPARATOR));
    at += words.length - (inline === undefined ? 0 : 1);
  }
  return joined;
}
