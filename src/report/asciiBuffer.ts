import { formatSize } from '../base/format.ts';
import { joinUint64Halves } from '../base/uint64Halves.ts';

/** A chunk this large is worth handing on. */
const CHUNK_BYTES = 1 << 17;
/** Longer than any line of a region. */
const RESERVE_BYTES = 1 << 10;

const HEX_DIGITS = Buffer.from('0123456789abcdef', 'latin1');
const ZERO = 48;
const SPACE = 32;
/** Below this a size times 1,000 is exact in a double. */
const EXACT_SIZE_LIMIT = 2 ** 43;

/** Not cleared: only what was written is handed over. */
function createBytes(): Uint8Array {
  return Buffer.allocUnsafeSlow(CHUNK_BYTES + RESERVE_BYTES);
}

/**
 * Text that is put together byte by byte: a line for each of millions of regions, where a string
 * each would cost five times as much.
 */
export class AsciiBuffer {
  #bytes = createBytes();
  #length = 0;

  get isFull(): boolean {
    return this.#length >= CHUNK_BYTES;
  }

  /** Hands over what was written so far and begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = createBytes();
    this.#length = 0;
    return taken;
  }

  get length(): number {
    return this.#length;
  }

  /** Copies what was written from `start` on. */
  save(start: number, into: Uint8Array, at: number): void {
    for (let from = start; from < this.#length; from++) into[at++] = this.#bytes[from] ?? 0;
  }

  /** Writes bytes that were saved. */
  restore(from: Uint8Array, start: number, length: number): void {
    this.#reserve(length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = start; index < start + length; index++) bytes[at++] = from[index] ?? 0;
    this.#length = at;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * this.#bytes.length + size);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  /** ASCII only. */
  text(text: string): void {
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index++) {
      this.#bytes[this.#length++] = text.charCodeAt(index);
    }
  }

  /** ASCII only. */
  padStart(text: string, width: number): void {
    this.#reserve(text.length + width);
    for (let blanks = width - text.length; blanks > 0; blanks--) {
      this.#bytes[this.#length++] = SPACE;
    }
    this.text(text);
  }

  /** At least 12 hexadecimal digits, as `%012x`. */
  hex12(high: number, low: number): void {
    this.#reserve(16);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let shift = high > 0xffff ? 28 : 12; shift >= 0; shift -= 4) {
      // Beyond the 12th digit only what is not a leading zero.
      if (shift > 12 && high >>> shift === 0) continue;
      bytes[at++] = HEX_DIGITS[(high >>> shift) & 15] ?? 0;
    }
    for (let shift = 28; shift >= 0; shift -= 4) {
      bytes[at++] = HEX_DIGITS[(low >>> shift) & 15] ?? 0;
    }
    this.#length = at;
  }

  /** A whole number from 0 to 2^53-1, padded with blanks. */
  decimal(value: number, width = 0): void {
    let nrDigits = 1;
    for (let limit = 10; value >= limit; limit *= 10) nrDigits++;
    this.#reserve(nrDigits + width);
    for (let blanks = width - nrDigits; blanks > 0; blanks--) {
      this.#bytes[this.#length++] = SPACE;
    }
    let rest = value;
    for (let at = this.#length + nrDigits - 1; at >= this.#length; at--) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + (rest - next * 10);
      rest = next;
    }
    this.#length += nrDigits;
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
    this.decimal(whole, 4);
    const fraction = thousandths - whole * 1000;
    this.text(fraction < 10 ? '.00' : fraction < 100 ? '.0' : '.');
    this.decimal(fraction);
    this.text(UNIT_SUFFIXES[letter] ?? '');
  }
}

const UNIT_SUFFIXES = [' KiB', ' MiB', ' GiB', ' TiB'];
