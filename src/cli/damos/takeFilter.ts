import { explainWord } from '../../base/words.ts';
import { parseSizeBytes } from '../../base/units.ts';
import { parseUint32 } from '../../config/damo/quantities.ts';
import { FILTER_TYPES, PROBE_FILTER_TYPES } from '../../damon/spec.ts';
import type { FilterSpec } from '../../damon/spec.ts';
import { checkAddrRange, checkRange } from '../../damon/specChecks.ts';

/** Whether the filter lets memory pass. `deny` and `block` are damo's, too. */
const VERDICTS: ReadonlyMap<string, boolean> = new Map([
  ['allow', true],
  ['pass', true],
  ['reject', false],
  ['deny', false],
  ['block', false],
]);

const NR_ARGUMENTS: Readonly<Record<string, number>> = {
  memcg: 1,
  addr: 2,
  target: 1,
  hugepage_size: 2,
};

/** What was read, and how many words it took. */
export interface Taken<T> {
  readonly value: T;
  readonly nrWords: number;
}

export interface FilterOption {
  /** For messages: the option. */
  readonly what: string;
  readonly types: readonly string[];
}

export const SCHEME_FILTER: FilterOption = { what: '--damos_filter', types: FILTER_TYPES };
export const PROBE_FILTER: FilterOption = { what: '--probe_filter', types: PROBE_FILTER_TYPES };

export function isVerdict(word: string | undefined): boolean {
  return word !== undefined && VERDICTS.has(word);
}

function refuseWord(what: string, found: string | undefined, expected: readonly string[]): never {
  const shown = found === undefined ? 'nothing more' : `"${found}"`;
  throw new RangeError(`${what}: found ${shown}, ${explainWord(found ?? '', expected)}`);
}

function parseArguments(type: string, words: readonly string[], what: string): Partial<FilterSpec> {
  const [first = '', second = ''] = words;
  if (words.length < (NR_ARGUMENTS[type] ?? 0)) {
    throw new RangeError(`${what}: found nothing more, expected what "${type}" is about`);
  }
  switch (type) {
    case 'memcg':
      return { memcgPath: first };
    case 'addr': {
      const addrRange = {
        startAddr: parseSizeBytes(first, what),
        endAddr: parseSizeBytes(second, what),
      };
      checkAddrRange(addrRange, what);
      return { addrRange };
    }
    case 'target':
      return { targetIndex: parseUint32(first, what) };
    case 'hugepage_size': {
      const sizeBytes = { min: parseSizeBytes(first, what), max: parseSizeBytes(second, what) };
      checkRange(sizeBytes, what);
      return { sizeBytes };
    }
    default:
      return {};
  }
}

function finish(
  filter: Pick<FilterSpec, 'type' | 'isMatching' | 'isAllowing'>,
  words: readonly string[],
  { what }: FilterOption,
): Taken<FilterSpec> {
  const nrWords = NR_ARGUMENTS[filter.type] ?? 0;
  const given = parseArguments(filter.type, words.slice(0, nrWords), what);
  return { value: { ...filter, ...given }, nrWords };
}

/** `allow|reject [none] TYPE [ARGUMENTS]` */
function takeVerdictFirst(words: readonly string[], option: FilterOption): Taken<FilterSpec> {
  const isMatching = words[1] !== 'none' && words[1] !== 'non';
  const nrLeading = isMatching ? 2 : 3;
  const type = words[nrLeading - 1];
  if (type === undefined || !option.types.includes(type)) {
    return refuseWord(option.what, type, option.types);
  }
  const filter = { type, isMatching, isAllowing: VERDICTS.get(words[0] ?? '') ?? false };
  const taken = finish(filter, words.slice(nrLeading), option);
  return { value: taken.value, nrWords: taken.nrWords + nrLeading };
}

/** `TYPE matching|nomatching [ARGUMENTS] [allow|reject]`, as damo had it first. */
function takeTypeFirst(words: readonly string[], option: FilterOption): Taken<FilterSpec> {
  const [type = '', matching] = words;
  if (matching !== 'matching' && matching !== 'nomatching') {
    return refuseWord(option.what, matching, ['matching', 'nomatching']);
  }
  const filter = { type, isMatching: matching === 'matching', isAllowing: false };
  const taken = finish(filter, words.slice(2), option);
  const verdict = words[2 + taken.nrWords];
  if (!isVerdict(verdict)) return { value: taken.value, nrWords: taken.nrWords + 2 };
  const isAllowing = VERDICTS.get(verdict ?? '') ?? false;
  return { value: { ...taken.value, isAllowing }, nrWords: taken.nrWords + 3 };
}

/**
 * One filter from the beginning of the words, in either of damo's forms.
 *
 * @throws RangeError naming the option.
 */
export function takeFilter(words: readonly string[], option: FilterOption): Taken<FilterSpec> {
  const [first] = words;
  if (isVerdict(first)) return takeVerdictFirst(words, option);
  if (first !== undefined && option.types.includes(first)) return takeTypeFirst(words, option);
  return refuseWord(option.what, first, [...VERDICTS.keys(), ...option.types]);
}

/** All filters of one occurrence of the option. @throws RangeError naming it. */
export function takeFilters(words: readonly string[], option: FilterOption): Taken<FilterSpec[]> {
  const filters: FilterSpec[] = [];
  let nrWords = 0;
  do {
    const taken = takeFilter(words.slice(nrWords), option);
    filters.push(taken.value);
    nrWords += taken.nrWords;
  } while (isVerdict(words[nrWords]));
  return { value: filters, nrWords };
}
