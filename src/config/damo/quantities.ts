import { toSafeNumber } from '../../base/uint64.ts';
import { parseCount, parseShare, parseSizeBytes, parseTime } from '../../base/units.ts';
import type { ShareUnit, TimeUnit } from '../../base/units.ts';

/** Parses a scalar's text; throws RangeError naming `what`. */
export type QuantityParser<T> = (text: string, what: string) => T;

const UINT32_MAX = 0xffff_ffffn;

function checkUint32(value: bigint, what: string): number {
  if (value > UINT32_MAX) {
    throw new RangeError(`${what}: found ${value.toString()}, expected at most 2^32-1`);
  }
  return Number(value);
}

export const parseUint32: QuantityParser<number> = (text, what) =>
  checkUint32(parseCount(text, what), what);

/** A time as bigint, with or without a unit, in the unit of the kernel's file. */
export function timeIn(unit: TimeUnit): QuantityParser<bigint> {
  return (text, what) => parseTime(text, unit, what);
}

export const parseIntervalUs: QuantityParser<number> = (text, what) =>
  toSafeNumber(parseTime(text, 'us', what), what);

export const parseUint32Ms: QuantityParser<number> = (text, what) =>
  checkUint32(parseTime(text, 'ms', what), what);

export const parseSize: QuantityParser<bigint> = parseSizeBytes;

/** A share as a whole number of the unit, which is what the kernel's files take. */
export function wholeShare(unit: ShareUnit): QuantityParser<number> {
  return (text, what) => {
    const share = parseShare(text, unit, what);
    if (!Number.isInteger(share)) {
      throw new RangeError(`${what}: found "${text}", expected a whole number of ${unit}`);
    }
    return checkUint32(BigInt(share), what);
  };
}
