import { formatSize } from '../base/format.ts';
import { joinUint64Halves } from '../base/uint64Halves.ts';

/** A chunk this large is worth handing on. */
const CHUNK_BYTES = 1 << 17;
/** For what is written after isFull was asked. */
const RESERVE_BYTES = 1 << 16;

/** Two digits each, as a big-endian number of two bytes. */
const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0'), 'latin1').readUInt16BE(),
);
const ZERO = 48;
const SPACE = 32;
const POINT = 46;

/** Four characters as a big-endian number. */
function packText(text: string): number {
  return Buffer.from(text, 'latin1').readInt32BE();
}

/** What stands before and after the point of a size; the fourth character of those is overwritten. */
const WHOLES = Int32Array.from({ length: 1025 }, (_, number) =>
  packText(String(number).padStart(4)),
);
const FRACTIONS = Int32Array.from({ length: 1000 }, (_, number) =>
  packText(`${String(number).padStart(3, '0')} `),
);
const UNIT_SUFFIXES = [' KiB', ' MiB', ' GiB', ' TiB'].map(packText);
/** Below this a size times 1,000 is exact in a double. */
const EXACT_SIZE_LIMIT = 2 ** 43;

/**
 * Text that is put together byte by byte: a line for each of millions of regions, where a string
 * each would cost five times as much.
 */
export class AsciiBuffer {
  #bytes = new Uint8Array(CHUNK_BYTES + RESERVE_BYTES);
  #view = new DataView(this.#bytes.buffer);
  /** Bytes that are written; who wrote some through `view` moves it. */
  length = 0;

  /** The bytes, as far as there is room; another one after `reserve`. */
  get view(): DataView {
    return this.#view;
  }

  get isFull(): boolean {
    return this.length >= CHUNK_BYTES;
  }

  /** Lends what was written so far and begins anew: the next text overwrites it. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.length);
    this.length = 0;
    return taken;
  }

  /** Makes room for so many more bytes. */
  reserve(size: number): void {
    if (this.length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * this.#bytes.length + size);
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** ASCII only. */
  text(text: string): void {
    const { length } = text;
    this.reserve(length);
    const bytes = this.#bytes;
    const at = this.length;
    for (let index = 0; index < length; index++) bytes[at + index] = text.charCodeAt(index);
    this.length = at + length;
  }

  /** ASCII only. */
  padStart(text: string, width: number): void {
    this.reserve(text.length + width);
    if (text.length < width) {
      const at = this.length;
      this.length = at + width - text.length;
      this.#bytes.fill(SPACE, at, this.length);
    }
    this.text(text);
  }

  /** At least 12 hexadecimal digits, as `%012x`. */
  hex12(high: number, low: number): void {
    this.reserve(16);
    // Beyond the 12th digit only what is not a leading zero.
    if (high > 0xffff) this.text((high >>> 16).toString(16));
    const view = this.#view;
    const at = this.length;
    view.setUint16(at, HEX_PAIRS[(high >>> 8) & 0xff] ?? 0);
    view.setUint16(at + 2, HEX_PAIRS[high & 0xff] ?? 0);
    view.setUint16(at + 4, HEX_PAIRS[low >>> 24] ?? 0);
    view.setUint16(at + 6, HEX_PAIRS[(low >>> 16) & 0xff] ?? 0);
    view.setUint16(at + 8, HEX_PAIRS[(low >>> 8) & 0xff] ?? 0);
    view.setUint16(at + 10, HEX_PAIRS[low & 0xff] ?? 0);
    this.length = at + 12;
  }

  /** A whole number from 0 to 2^53-1, padded with blanks. */
  decimal(value: number, width = 0): void {
    if (value < 10 && width <= 1) {
      this.reserve(1);
      this.#bytes[this.length++] = ZERO + value;
      return;
    }
    let nrDigits = 1;
    for (let limit = 10; value >= limit; limit *= 10) nrDigits++;
    this.reserve(nrDigits + width);
    for (let blanks = width - nrDigits; blanks > 0; blanks--) {
      this.#bytes[this.length++] = SPACE;
    }
    let rest = value;
    for (let at = this.length + nrDigits - 1; at >= this.length; at--) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + (rest - next * 10);
      rest = next;
    }
    this.length += nrDigits;
  }

  /** The size between two addresses as formatSize writes it, in 12 columns. */
  size12(high: number, low: number, isRaw: boolean): void {
    const size = high * 0x1_0000_0000 + low;
    if (isRaw && size >= 0 && size <= Number.MAX_SAFE_INTEGER) {
      this.decimal(size, 12);
    } else if (isRaw) {
      this.padStart(formatSize(joinUint64Halves(high, low), true), 12);
    } else if (size <= 1024 && size >= 0) {
      this.decimal(size, 10);
      this.text(' B');
    } else if (size > 0 && size < EXACT_SIZE_LIMIT) {
      this.#quotient(size);
    } else {
      this.padStart(formatSize(joinUint64Halves(high, low)), 12);
    }
  }

  #quotient(size: number): void {
    let unit = 1024;
    let letter = 0;
    while (size > unit * 1024 && letter < 3) {
      unit *= 1024;
      letter++;
    }
    const scaled = size * 1000;
    const floor = Math.floor(scaled / unit);
    const twiceRest = (scaled - floor * unit) * 2;
    // Ties go to the even neighbour, as Python rounds.
    const isUp = twiceRest > unit || (twiceRest === unit && floor % 2 === 1);
    const thousandths = isUp ? floor + 1 : floor;
    const whole = Math.floor(thousandths / 1000);
    this.reserve(12);
    const view = this.#view;
    const at = this.length;
    view.setInt32(at, WHOLES[whole] ?? 0);
    view.setUint8(at + 4, POINT);
    view.setInt32(at + 5, FRACTIONS[thousandths - whole * 1000] ?? 0);
    view.setInt32(at + 8, UNIT_SUFFIXES[letter] ?? 0);
    this.length = at + 12;
  }
}
