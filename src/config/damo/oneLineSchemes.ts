import { ConfigError } from '../../base/errors.ts';
import type { ConfigProblem } from '../../base/errors.ts';
import { parseWord } from '../../base/words.ts';
import { parsePercent, parseTime } from '../../base/units.ts';
import {
  ACTIONS,
  ANY_PATTERN,
  MIGRATE_ACTIONS,
  NO_WATERMARKS,
  WATERMARK_METRICS,
} from '../../damon/spec.ts';
import type { Action, QuotasSpec, SchemeSpec, WatermarksSpec } from '../../damon/spec.ts';
import { checkRange } from '../../damon/specChecks.ts';
import { DAMO_NO_QUOTAS } from './decodeQuotas.ts';
import { formatDamoJson } from './formatDamoKdamonds.ts';
import { layoutScheme } from './layoutScheme.ts';
import type { PatternTexts } from './layoutScheme.ts';
import { HUMAN_TEXTS } from './numberTexts.ts';
import { parseSize, timeIn, wholeShare } from './quantities.ts';
import type { QuantityParser } from './quantities.ts';

const PATTERN_FIELDS = [
  ...['min_sz', 'max_sz', 'min_freq', 'max_freq', 'min_age', 'max_age', 'action'],
] as const;
const SIZE_QUOTA_FIELDS = ['quota_sz', 'quota_reset_ms'] as const;
const WEIGHT_FIELDS = ['weight_sz', 'weight_freq', 'weight_age'] as const;
const WATERMARK_FIELDS = [
  ...['wmark_metric', 'wmark_interval', 'wmark_high', 'wmark_mid', 'wmark_low'],
] as const;

/** The layouts there are, told apart by their number of fields. */
const LAYOUTS: readonly (readonly string[])[] = [
  PATTERN_FIELDS,
  [...PATTERN_FIELDS, ...SIZE_QUOTA_FIELDS],
  [...PATTERN_FIELDS, ...SIZE_QUOTA_FIELDS, ...WEIGHT_FIELDS],
  [...PATTERN_FIELDS, ...SIZE_QUOTA_FIELDS, ...WEIGHT_FIELDS, ...WATERMARK_FIELDS],
  [...PATTERN_FIELDS, 'quota_time_ms', ...SIZE_QUOTA_FIELDS, ...WEIGHT_FIELDS, ...WATERMARK_FIELDS],
];

/** A line cannot tell where pages go. */
const ONE_LINE_ACTIONS = ACTIONS.filter((action) => !MIGRATE_ACTIONS.includes(action));

/** Most lines of a file anybody wrote by hand. */
const MAX_LINES = 10_000;

interface OneLineScheme {
  readonly scheme: SchemeSpec;
  readonly pattern: PatternTexts;
}

/** The fields of one line by their names; reports what cannot be read. */
interface LineReader {
  read<T>(field: string, parse: QuantityParser<T>, fallback: T): T;
  report(field: string, message: string): void;
}

/** A percentage as it was written, without rounding it to samples of intervals nobody knows. */
const parsePercentText: QuantityParser<{ readonly order: bigint; readonly text: string }> = (
  text,
  what,
) => {
  const percent = parsePercent(text, what);
  const nanoPercent = percent && (percent.digits * 10n ** 9n) / 10n ** BigInt(percent.scale);
  if (nanoPercent === undefined) return { order: 10n ** 12n, text: 'max' };
  if (nanoPercent > 10n ** 11n) {
    throw new RangeError(`${what}: found "${text}", expected 0 to 100 percent, or "max"`);
  }
  const decimals = (nanoPercent % 10n ** 9n).toString().padStart(9, '0').replace(/0+$/, '');
  const whole = (nanoPercent / 10n ** 9n).toString();
  return { order: nanoPercent, text: `${whole}${decimals === '' ? '' : `.${decimals}`} %` };
};

function oneOf<T extends string>(words: readonly T[]): QuantityParser<T> {
  return (text, what) => parseWord(text, words, what);
}

function readOrdered<T>(
  line: LineReader,
  name: string,
  parse: QuantityParser<T>,
  { fallback, getOrder }: { readonly fallback: T; readonly getOrder: (value: T) => bigint },
): { readonly min: T; readonly max: T } {
  const min = line.read(`min_${name}`, parse, fallback);
  const max = line.read(`max_${name}`, parse, fallback);
  try {
    checkRange({ min: getOrder(min), max: getOrder(max) }, name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    line.report(`max_${name}`, 'it is less than the minimum');
  }
  return { min, max };
}

function readQuotas(line: LineReader): QuotasSpec {
  const permil = wholeShare('permil');
  return {
    timeMs: line.read('quota_time_ms', timeIn('ms'), 0n),
    sizeBytes: line.read('quota_sz', parseSize, 0n),
    resetIntervalMs: line.read('quota_reset_ms', timeIn('ms'), DAMO_NO_QUOTAS.resetIntervalMs),
    sizeWeightPermil: line.read('weight_sz', permil, 0),
    accessesWeightPermil: line.read('weight_freq', permil, 0),
    ageWeightPermil: line.read('weight_age', permil, 0),
  };
}

function readWatermarks(line: LineReader): WatermarksSpec {
  const permil = wholeShare('permil');
  return {
    metric: line.read('wmark_metric', oneOf(WATERMARK_METRICS), NO_WATERMARKS.metric),
    intervalUs: line.read('wmark_interval', timeIn('us'), 0n),
    highPermil: line.read('wmark_high', permil, 0),
    midPermil: line.read('wmark_mid', permil, 0),
    lowPermil: line.read('wmark_low', permil, 0),
  };
}

function readScheme(line: LineReader): OneLineScheme {
  const isItself = { fallback: 0n, getOrder: (value: bigint) => value };
  const sizeBytes = readOrdered(line, 'sz', parseSize, isItself);
  const rates = readOrdered(line, 'freq', parsePercentText, {
    fallback: { order: 0n, text: '0 %' },
    getOrder: ({ order }) => order,
  });
  const age = readOrdered(line, 'age', (text, what) => parseTime(text, 'us', what), isItself);
  return {
    scheme: {
      action: line.read<Action>('action', oneOf(ONE_LINE_ACTIONS), 'stat'),
      accessPattern: { ...ANY_PATTERN, sizeBytes },
      quotas: readQuotas(line),
      watermarks: readWatermarks(line),
    },
    pattern: {
      nrAccesses: { min: rates.min.text, max: rates.max.text },
      age: { min: HUMAN_TEXTS.timeUs(age.min), max: HUMAN_TEXTS.timeUs(age.max) },
    },
  };
}

interface Word {
  readonly text: string;
  readonly column: number;
}

function createLineReader(
  words: readonly Word[],
  fields: readonly string[],
  report: (column: number, message: string) => void,
): LineReader {
  const find = (field: string): [Word | undefined, string] => {
    const index = fields.indexOf(field);
    return [words[index], `field ${index + 1} (${field})`];
  };
  return {
    read: (field, parse, fallback) => {
      const [word, what] = find(field);
      if (word === undefined) return fallback;
      try {
        return parse(word.text, what);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        report(word.column, error.message);
        return fallback;
      }
    },
    report: (field, message) => {
      const [word, what] = find(field);
      report(word?.column ?? 1, `${what}: found "${word?.text ?? ''}", ${message}`);
    },
  };
}

function parseLines(text: string, name: string): OneLineScheme[] {
  const problems: ConfigProblem[] = [];
  const schemes: OneLineScheme[] = [];
  const lines = text.split('\n', MAX_LINES + 1);
  for (const [index, whole] of lines.entries()) {
    const report = (column: number, message: string): void => {
      problems.push({ line: index + 1, column, message });
    };
    const words = Array.from(whole.replace(/#.*/, '').matchAll(/\S+/g), (match) => ({
      text: match[0],
      column: match.index + 1,
    }));
    if (words.length === 0) continue;
    const fields = LAYOUTS.find(({ length }) => length === words.length);
    if (index === MAX_LINES) report(1, `more than ${MAX_LINES} lines`);
    else if (fields === undefined) {
      report(1, `found ${words.length} fields, expected 7, 9, 12, 17 or 18`);
    } else schemes.push(readScheme(createLineReader(words, fields, report)));
  }
  if (problems.length > 0) {
    const shown = problems.slice(0, 20);
    throw new ConfigError({ name, problems: shown, nrMore: problems.length - shown.length });
  }
  return schemes;
}

/**
 * Schemes of one line each, as damo took them up to 2.0.9, in today's JSON: a list of schemes.
 * Rates and ages stay as they were written, since what they are in samples depends on intervals
 * which a line does not tell.
 *
 * @param name What messages call the text: a path, or an option.
 * @throws ConfigError with every problem, by line and field.
 */
export function translateOneLineSchemes(text: string, name: string): string {
  return formatDamoJson(
    parseLines(text, name).map(({ scheme, pattern }) => layoutScheme(scheme, pattern, HUMAN_TEXTS)),
  );
}
