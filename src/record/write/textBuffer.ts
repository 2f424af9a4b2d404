const FIRST_CAPACITY = 256 * 1024;
const UINT32_RANGE = 2 ** 32;
const MAX_DIGITS = 20;
const ZERO = 0x30;
const COMMA = 0x2c;
const encoder = new TextEncoder();

/** Bytes of fixed ASCII text, to be made once. */
export function encodeAscii(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * Text in the making, as bytes: numbers go in without a string each. Whoever writes takes it out
 * before it grows large.
 */
export class TextBuffer {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  readonly #digits = new Uint8Array(MAX_DIGITS);

  get length(): number {
    return this.#length;
  }

  /** What was added; the memory is used again after `clear`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  addBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  addText(text: string): void {
    this.addBytes(encoder.encode(text));
  }

  /** Decimal digits of a 64-bit value given as halves. */
  addUint64(low: number, high: number): void {
    this.#copyDigits(this.#makeDigits(low, high), false);
  }

  /** The same with a comma before every third digit from the right. */
  addGroupedUint64(low: number, high: number): void {
    this.#copyDigits(this.#makeDigits(low, high), true);
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + extra));
    grown.set(this.bytes);
    this.#bytes = grown;
  }

  /** Puts the digits at the end of `#digits`; gives the index of the first. */
  #makeDigits(low: number, high: number): number {
    const digits = this.#digits;
    let at = MAX_DIGITS;
    // Below 2^53 a double is exact, and two numbers of nine digits and less are faster still.
    if (high < 1 << 21) {
      const value = high * UINT32_RANGE + low;
      const upper = Math.floor(value / 1e9);
      at = fillDigits(digits, at, value - upper * 1e9);
      if (upper === 0) return at;
      digits.fill(ZERO, MAX_DIGITS - 9, at);
      return fillDigits(digits, MAX_DIGITS - 9, upper);
    }
    const text = ((BigInt(high) << 32n) | BigInt(low)).toString();
    at -= text.length;
    encoder.encodeInto(text, digits.subarray(at));
    return at;
  }

  #copyDigits(from: number, isGrouped: boolean): void {
    this.#reserve(2 * MAX_DIGITS);
    const bytes = this.#bytes;
    let to = this.#length;
    for (let at = from; at < MAX_DIGITS; at += 1) {
      if (isGrouped && at > from && (MAX_DIGITS - at) % 3 === 0) {
        bytes[to] = COMMA;
        to += 1;
      }
      bytes[to] = this.#digits[at] ?? ZERO;
      to += 1;
    }
    this.#length = to;
  }
}

/** Digits of a number below 10^10, ending before index `end`; gives the index of the first. */
function fillDigits(digits: Uint8Array, end: number, value: number): number {
  let at = end;
  let rest = value;
  do {
    const quotient = Math.floor(rest / 10);
    at -= 1;
    digits[at] = ZERO + rest - 10 * quotient;
    rest = quotient;
  } while (rest > 0);
  return at;
}
