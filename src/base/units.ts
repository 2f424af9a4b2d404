import { ULONG_MAX } from './uint64.ts';

/**
 * The text forms of sizes, times and shares, as damo users write them. Parsing is strict: what is
 * not listed in ACCEPTED_FORMS is refused with the forms that would be accepted.
 */
export const ACCEPTED_FORMS = {
  size: ['4096', '4,096', '2M', '2 MiB', '1.5G', 'min', 'max'],
  time: ['100000', '100ms', '1.5 s', '1h 30m', 'min', 'max'],
  share: ['9500', '95%', '95 %'],
  percent: ['90', '90%', '12.5 %', 'min', 'max'],
  count: ['1000', '1,000', 'max'],
} as const;

const SIZE_SUFFIX_SHIFT: ReadonlyMap<string, bigint> = new Map(
  ['', 'K', 'M', 'G', 'T', 'P', 'E'].flatMap((letter, power) => {
    const shift = BigInt(power * 10);
    const spellings = letter === '' ? ['', 'B'] : [letter, `${letter}B`, `${letter}iB`];
    return spellings.map((spelling) => [spelling, shift] as const);
  }),
);

const TIME_UNIT_NS = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
} as const;

export type TimeUnit = keyof typeof TIME_UNIT_NS;

/** Digits with optional comma groups and an optional decimal part. */
const NUMBER = String.raw`(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?`;

/** An exact decimal number. */
export interface Decimal {
  /** The number times 10^scale. */
  readonly digits: bigint;
  readonly scale: number;
}

/** Longer texts are no number anybody meant; refusing them bounds the work on hostile input. */
const MAX_TEXT_LENGTH = 100;

function parseDecimal(whole: string, fraction: string | undefined): Decimal {
  const decimals = fraction ?? '';
  return { digits: BigInt(whole.replaceAll(',', '') + decimals), scale: decimals.length };
}

function matchShort(pattern: string, text: string): RegExpExecArray | null {
  return text.length > MAX_TEXT_LENGTH ? null : new RegExp(pattern).exec(text);
}

function refuse(what: string, text: string, forms: keyof typeof ACCEPTED_FORMS, why = ''): never {
  const examples = ACCEPTED_FORMS[forms].map((form) => `"${form}"`).join(', ');
  throw new RangeError(`${what}: found "${text}"${why}, expected a ${forms} such as ${examples}`);
}

function hintAtCase(suffix: string): string {
  const upper = suffix.toUpperCase().replace('IB', 'iB');
  return SIZE_SUFFIX_SHIFT.has(upper)
    ? ` (did you mean "${upper}"? the unit is case sensitive)`
    : '';
}

/**
 * A size in bytes. All units are powers of 1024 ("KB" too); a fraction of a byte is cut off.
 *
 * @throws RangeError naming `what`, the text and the accepted forms.
 */
export function parseSizeBytes(text: string, what: string): bigint {
  if (text === 'min') return 0n;
  if (text === 'max') return ULONG_MAX;
  const match = matchShort(`^${NUMBER} ?([A-Za-z]*)$`, text);
  if (!match?.[1]) return refuse(what, text, 'size');
  const suffix = match[3] ?? '';
  const shift = SIZE_SUFFIX_SHIFT.get(suffix);
  if (shift === undefined) return refuse(what, text, 'size', hintAtCase(suffix));
  const { digits, scale } = parseDecimal(match[1], match[2]);
  const bytes = (digits << shift) / 10n ** BigInt(scale);
  if (bytes > ULONG_MAX) return refuse(what, text, 'size', ' (larger than 2^64-1 bytes)');
  return bytes;
}

/**
 * A time in the given unit; a bare number is taken in that unit, pairs such as "1h 30m" add up.
 * A negative time is written with a leading minus and only accepted where `isSigned`.
 *
 * @throws RangeError naming `what`, the text and the accepted forms; also when the time is not a
 *   whole number of units, because rounding would change what was asked for.
 */
export function parseTime(
  text: string,
  unit: TimeUnit,
  what: string,
  { isSigned = false }: { readonly isSigned?: boolean } = {},
): bigint {
  if (text === 'min') return 0n;
  if (text === 'max') return ULONG_MAX;
  const isNegative = text.startsWith('-');
  if (isNegative && !isSigned) return refuse(what, text, 'time', ' (negative)');
  const amount = parseDuration(isNegative ? text.slice(1) : text, unit, what);
  return isNegative ? -amount : amount;
}

function parseDuration(text: string, unit: TimeUnit, what: string): bigint {
  if (text.length > MAX_TEXT_LENGTH) return refuse(what, text, 'time');
  const bare = matchShort(`^${NUMBER}$`, text);
  const pair = new RegExp(`${NUMBER} ?(ns|us|ms|s|m|h|d)`, 'g');
  if (!bare && text.replace(pair, '').trim() !== '') return refuse(what, text, 'time');
  const parts = bare ? [[bare[1], bare[2], unit]] : [...text.matchAll(pair)].map((m) => m.slice(1));
  if (parts.length === 0) return refuse(what, text, 'time');
  const scale = Math.max(...parts.map(([, fraction]) => fraction?.length ?? 0));
  let total = 0n;
  for (const [whole, fraction, partUnit] of parts) {
    const decimal = parseDecimal(whole ?? '', fraction);
    const factor = TIME_UNIT_NS[partUnit as TimeUnit];
    total += decimal.digits * factor * 10n ** BigInt(scale - decimal.scale);
  }
  const divisor = TIME_UNIT_NS[unit] * 10n ** BigInt(scale);
  if (total % divisor !== 0n) return refuse(what, text, 'time', ` (not a whole number of ${unit})`);
  if (total / divisor > ULONG_MAX) return refuse(what, text, 'time', ' (larger than "max")');
  return total / divisor;
}

const SHARE_PER_PERCENT = { percent: 1, permil: 10, bp: 100, ratio: 0.01 } as const;

/** percent = 1/100, permil = 1/1,000, bp = 1/10,000, ratio = 1. */
export type ShareUnit = keyof typeof SHARE_PER_PERCENT;

/**
 * A share in the given unit; a bare number is taken in that unit, "%" is converted.
 *
 * @throws RangeError naming `what`, the text and the accepted forms.
 */
export function parseShare(text: string, unit: ShareUnit, what: string): number {
  const match = matchShort(`^${NUMBER} ?(%?)$`, text);
  if (!match?.[1]) return refuse(what, text, 'share');
  const { digits, scale } = parseDecimal(match[1], match[2]);
  // Power-of-ten scaling is done on the digits, so that "0.07%" is 7 bp and not 7.000000000000001.
  const shift = match[3] === '%' ? Math.round(Math.log10(SHARE_PER_PERCENT[unit])) : 0;
  return Number(`${digits.toString()}e${String(shift - scale)}`);
}

/**
 * A share in percent, exact; a bare number is percent, too. `max` is undefined: no upper bound.
 *
 * @throws RangeError naming `what`, the text and the accepted forms.
 */
export function parsePercent(text: string, what: string): Decimal | undefined {
  if (text === 'min') return { digits: 0n, scale: 0 };
  if (text === 'max') return undefined;
  const match = matchShort(`^${NUMBER} ?%?$`, text);
  if (!match?.[1]) return refuse(what, text, 'percent');
  return parseDecimal(match[1], match[2]);
}

/**
 * A number of things, with or without commas; `max` is 2^64-1.
 *
 * @throws RangeError naming `what`, the text and the accepted forms; also for parts of a thing.
 */
export function parseCount(text: string, what: string): bigint {
  if (text === 'max') return ULONG_MAX;
  const match = matchShort(`^${NUMBER}$`, text);
  if (!match?.[1]) return refuse(what, text, 'count');
  const { digits, scale } = parseDecimal(match[1], match[2]);
  if (digits % 10n ** BigInt(scale) !== 0n) return refuse(what, text, 'count', ' (not whole)');
  const count = digits / 10n ** BigInt(scale);
  if (count > ULONG_MAX) return refuse(what, text, 'count', ' (larger than 2^64-1)');
  return count;
}
