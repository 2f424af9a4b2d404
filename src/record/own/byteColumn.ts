/**
 * Bytes of one column of a block while it is written. Numbers are varints: 7 bits per byte, lowest
 * first, the high bit says that more follow. Signed ones are zigzag: 0, -1, 1, -2, … = 0, 1, 2, 3.
 */
export interface ByteColumn {
  bytes: Uint8Array;
  length: number;
}

/** A varint of 64 bits takes 10 bytes. */
export const MAX_VARINT_BYTES = 10;

const FIRST_CAPACITY = 1 << 12;

export function createByteColumn(): ByteColumn {
  return { bytes: new Uint8Array(FIRST_CAPACITY), length: 0 };
}

/** Makes room for this many more bytes; pushing does not check. */
export function reserveBytes(column: ByteColumn, nrMore: number): void {
  const needed = column.length + nrMore;
  if (needed <= column.bytes.length) return;
  const grown = new Uint8Array(Math.max(needed, 2 * column.bytes.length));
  grown.set(column.bytes.subarray(0, column.length));
  column.bytes = grown;
}

/** A whole number from 0 to 2^53. Room must be there. */
export function pushVarint(column: ByteColumn, value: number): void {
  const { bytes } = column;
  let at = column.length;
  let rest = value;
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  column.length = at;
}

/** A whole number within ±2^52. Room must be there. */
export function pushSigned(column: ByteColumn, value: number): void {
  pushVarint(column, value < 0 ? -2 * value - 1 : 2 * value);
}

/** Up to 64 bits, or with its sign up to 63. */
export function pushSignedBigint(column: ByteColumn, value: bigint): void {
  reserveBytes(column, MAX_VARINT_BYTES);
  if (value > -0x10_0000_0000n && value < 0x10_0000_0000n) {
    pushSigned(column, Number(value));
    return;
  }
  let rest = BigInt.asUintN(64, value < 0n ? -2n * value - 1n : 2n * value);
  for (; rest > 0x7fn; rest >>= 7n) {
    column.bytes[column.length++] = Number(rest & 0x7fn) | 0x80;
  }
  column.bytes[column.length++] = Number(rest);
}

export function pushBytes(column: ByteColumn, bytes: Uint8Array): void {
  reserveBytes(column, bytes.length);
  column.bytes.set(bytes, column.length);
  column.length += bytes.length;
}

/** Where the next number of a column is read, and where the column ends. */
export interface ByteCursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

/** @returns NaN beyond the end of the bytes; a column overrun shows in `at`. */
export function takeVarint(cursor: ByteCursor): number {
  const { bytes } = cursor;
  let at = cursor.at;
  let byte = bytes[at++] ?? NaN;
  let value = byte & 0x7f;
  for (let factor = 128; byte > 0x7f; factor *= 128) {
    byte = bytes[at++] ?? NaN;
    value += (byte & 0x7f) * factor;
  }
  cursor.at = at;
  return value;
}

export function takeSigned(cursor: ByteCursor): number {
  const value = takeVarint(cursor);
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/**
 * `base` plus what `pushSignedBigint` wrote; beyond 64 bits on hostile bytes. Mostly nothing is added,
 * and no bigint made.
 */
export function addSignedBigint(base: bigint, cursor: ByteCursor): bigint {
  if (cursor.bytes[cursor.at] === 0) {
    cursor.at += 1;
    return base;
  }
  return base + takeSignedBigint(cursor);
}

/** What `pushSignedBigint` wrote, modulo 2^64 on hostile bytes. */
export function takeSignedBigint(cursor: ByteCursor): bigint {
  const from = cursor.at;
  const short = takeVarint(cursor);
  if (cursor.at - from <= 7) {
    return BigInt(short % 2 === 1 ? -(short + 1) / 2 : short / 2);
  }
  let value = 0n;
  const last = Math.min(cursor.at, from + MAX_VARINT_BYTES) - 1;
  for (let at = last; at >= from; at -= 1) {
    value = (value << 7n) | BigInt((cursor.bytes[at] ?? 0) & 0x7f);
  }
  value = BigInt.asUintN(64, value);
  return value & 1n ? -((value + 1n) >> 1n) : value >> 1n;
}
