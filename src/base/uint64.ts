/** 2^64 - 1: what the kernel's ULONG_MAX is, and what `max` means in sizes, times and counts. */
export const ULONG_MAX = 0xffff_ffff_ffff_ffffn;

const UINT64_MODULUS = 1n << 64n;

/**
 * Decimal digits to an unsigned 64-bit value.
 *
 * @throws RangeError when the text is anything but digits or the value does not fit.
 */
export function parseUint64(text: string, what: string): bigint {
  if (!/^\d{1,20}$/.test(text)) {
    throw new RangeError(`${what}: found "${text}", expected a whole number from 0 to 2^64-1`);
  }
  const value = BigInt(text);
  if (value > ULONG_MAX) throw new RangeError(`${what}: ${text} is larger than 2^64-1`);
  return value;
}

/**
 * Decimal digits, with an optional minus sign, to a number that is exact.
 *
 * @throws RangeError when the text is not an integer or lies beyond ±(2^53-1).
 */
export function parseSafeInteger(text: string, what: string): number {
  if (!/^-?\d{1,16}$/.test(text)) {
    throw new RangeError(`${what}: found "${text}", expected a whole number`);
  }
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`${what}: ${text} is beyond ±(2^53-1)`);
  }
  return value;
}

/**
 * The one way from a 64-bit value to a `number`.
 *
 * @throws RangeError when the number would not be exact.
 */
export function toSafeNumber(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new RangeError(`${what}: ${value.toString()} is beyond ±(2^53-1)`);
  }
  return Number(value);
}

/** How much an unsigned 64-bit kernel counter grew, across at most one wrap. */
export function subtractUint64(later: bigint, earlier: bigint): bigint {
  return (later - earlier + UINT64_MODULUS) % UINT64_MODULUS;
}

/** Lower-case hexadecimal with `0x`, the form addresses are printed in. */
export function formatAddr(addr: bigint): string {
  return `0x${addr.toString(16)}`;
}
