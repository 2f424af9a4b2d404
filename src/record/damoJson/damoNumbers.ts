import { ULONG_MAX } from '../../base/uint64.ts';
import { parseSizeBytes, parseTime } from '../../base/units.ts';
import { asText } from './jsonValue.ts';
import type { JsonValue } from './jsonValue.ts';

/**
 * The numbers of damo's files: JSON numbers, digit strings, comma groups, floats, or with units, as
 * the version that wrote them liked.
 */
const COUNT = /^\d[\d,]*$/;
const DECIMAL = /^\d[\d,]*\.\d+$/;
const EXPONENT = /^\d+(?:\.\d+)?[eE][+-]?\d{1,2}$/;

function parseCount(text: string): bigint | undefined {
  if (text.length > 100) return undefined;
  if (COUNT.test(text)) return BigInt(text.replaceAll(',', ''));
  if (DECIMAL.test(text)) return BigInt(text.slice(0, text.indexOf('.')).replaceAll(',', ''));
  if (EXPONENT.test(text)) return BigInt(Math.trunc(Number(text)));
  return undefined;
}

function requireText(value: JsonValue | undefined, what: string): string {
  const text = asText(value);
  if (text === undefined) throw new RangeError(`${what}: found no number`);
  return text;
}

/** Up to 2^64-1. @throws RangeError naming `what` and the text. */
export function parseDamoCount(value: JsonValue | undefined, what: string): bigint {
  const text = requireText(value, what);
  const count = text === 'max' ? ULONG_MAX : text === 'min' ? 0n : parseCount(text);
  if (count === undefined) {
    throw new RangeError(`${what}: found ${JSON.stringify(text.slice(0, 40))}, expected a number`);
  }
  if (count > ULONG_MAX) throw new RangeError(`${what}: ${text} is larger than 2^64-1`);
  return count;
}

/** Up to 2^32-1. @throws RangeError naming `what` and the text. */
export function parseDamoUint32(value: JsonValue | undefined, what: string): number {
  const count = parseDamoCount(value, what);
  if (count > 0xffff_ffffn) throw new RangeError(`${what}: ${count.toString()} is too large`);
  return Number(count);
}

/** A size or an address. @throws RangeError naming `what` and the text. */
export function parseDamoSize(value: JsonValue | undefined, what: string): bigint {
  const text = requireText(value, what);
  const count = parseCount(text);
  if (count !== undefined && count <= ULONG_MAX) return count;
  return parseSizeBytes(text, what);
}

/** A time in ns or µs. @throws RangeError naming `what` and the text. */
export function parseDamoTime(
  value: JsonValue | undefined,
  unit: 'ns' | 'us',
  what: string,
): bigint {
  const text = requireText(value, what);
  const count = parseCount(text);
  if (count !== undefined && count <= ULONG_MAX) return count;
  return parseTime(text, unit, what);
}
