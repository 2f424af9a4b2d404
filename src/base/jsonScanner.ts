import type { ByteWindow } from './byteWindow.ts';
import { createFixedText, isFixedAt } from './fixedText.ts';
import type { FixedText } from './fixedText.ts';

/** What the scanner finds. `more`: the window ends within a token and is not final. */
export type JsonToken =
  '{' | '}' | '[' | ']' | 'key' | 'string' | 'number' | 'literal' | 'end' | 'more';

/** The text is not JSON. */
export class JsonSyntaxError extends Error {
  /** In the window. */
  readonly index: number;

  constructor(index: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JsonSyntaxError';
    this.index = index;
  }
}

const MAX_DEPTH = 64;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

const MAX_SEPARATOR_BYTES = 256;

/** What may come next: V a value, A a value or ], K a key, O a key or }, N , or the end, Z nothing. */
type Expected = 'V' | 'A' | 'K' | 'O' | 'N' | 'Z';

const NUMBER_BYTES = new Uint8Array(256);
for (const char of '0123456789+-.eE') NUMBER_BYTES[char.charCodeAt(0)] = 1;
const NUMBER_PATTERN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LITERALS: readonly string[] = ['true', 'false', 'null'];

/**
 * A strict JSON tokenizer over a window that fills as it goes: memory is that of one token. After
 * `more`, append to the window and call again; nothing of the unfinished token is lost.
 */
export class JsonScanner {
  readonly #window: ByteWindow;
  readonly #stack: ('{' | '[')[] = [];
  #expected: Expected = 'V';
  #tokenStart = 0;
  #tokenEnd = 0;
  #hasEscape = false;
  /** A comma and blanks, as last found between two elements. */
  #separator: FixedText | undefined;

  constructor(window: ByteWindow) {
    this.#window = window;
  }

  /** How many containers are open. */
  get depth(): number {
    return this.#stack.length;
  }

  /** Index in the window of the first byte of the last token. */
  get tokenStart(): number {
    return this.#tokenStart;
  }

  /** Text of the last key, string, number or literal. @throws JsonSyntaxError for bad UTF-8. */
  get text(): string {
    const bytes = this.#window.bytes.subarray(this.#tokenStart, this.#tokenEnd);
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return this.#hasEscape ? (JSON.parse(`"${text}"`) as string) : text;
    } catch (cause) {
      const what =
        cause instanceof SyntaxError ? 'a string with a bad escape' : 'bytes that are not UTF-8';
      throw new JsonSyntaxError(this.#tokenStart, `found ${what}`, { cause });
    }
  }

  /** Index of the first byte of the next element of the innermost list; -1 where none is in sight. */
  findNextElement(): number {
    const expected = this.#expected;
    if (this.#stack.at(-1) !== '[' || expected === 'Z') return -1;
    const { bytes, view, pos, end } = this.#window;
    const separator = this.#separator;
    if (expected === 'N' && separator !== undefined) {
      const at = pos + separator.bytes.length;
      if (at < end && (bytes[at] ?? 0) > COMMA && isFixedAt(view, pos, separator)) return at;
    }
    let isExpected = expected !== 'N';
    for (let at = pos; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === COMMA && !isExpected) isExpected = true;
      else if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        if (!isExpected) return -1;
        if (expected === 'N') this.#noteSeparator(bytes.subarray(pos, at));
        return at;
      }
    }
    return -1;
  }

  #noteSeparator(text: Uint8Array): void {
    if (text.length <= MAX_SEPARATOR_BYTES) this.#separator = createFixedText(text);
  }

  /** The caller read the element that findNextElement found, up to there. */
  continueBehindElement(end: number): void {
    this.#window.pos = end;
    this.#expected = 'N';
  }

  /** @throws JsonSyntaxError where the text is not JSON, or nested deeper than any record. */
  next(): JsonToken {
    for (;;) {
      const byte = this.#skipBlanks();
      if (byte < 0) return this.#atEnd();
      if (byte === BYTE_ORDER_MARK[0] && this.#window.offsetOf(this.#window.pos) === 0) {
        const mark = this.#skipByteOrderMark();
        if (mark === 'more') return 'more';
        if (mark === 'skipped') continue;
      }
      if (this.#expected === 'N' && byte === COMMA) {
        this.#expected = this.#stack.at(-1) === '{' ? 'K' : 'V';
        this.#window.pos += 1;
        continue;
      }
      return this.#readToken(byte);
    }
  }

  #skipByteOrderMark(): 'more' | 'skipped' | 'none' {
    const { bytes, pos, end, isFinal } = this.#window;
    if (end - pos < BYTE_ORDER_MARK.length && !isFinal) return 'more';
    if (!BYTE_ORDER_MARK.every((byte, index) => bytes[pos + index] === byte)) return 'none';
    this.#window.pos += BYTE_ORDER_MARK.length;
    return 'skipped';
  }

  #skipBlanks(): number {
    const { bytes, end } = this.#window;
    let { pos } = this.#window;
    for (; pos < end; pos += 1) {
      const byte = bytes[pos] ?? 0;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#window.pos = pos;
        return byte;
      }
    }
    this.#window.pos = pos;
    return -1;
  }

  #atEnd(): JsonToken {
    if (!this.#window.isFinal) return 'more';
    if (this.#expected === 'Z') return 'end';
    throw this.#fail(this.#window.end, 'the text ends in the middle');
  }

  #readToken(byte: number): JsonToken {
    const char = String.fromCharCode(byte);
    const expected = this.#expected;
    this.#tokenStart = this.#window.pos;
    if (char === '}' && (expected === 'O' || (expected === 'N' && this.#stack.at(-1) === '{'))) {
      return this.#closeContainer('}');
    }
    if (char === ']' && (expected === 'A' || (expected === 'N' && this.#stack.at(-1) === '['))) {
      return this.#closeContainer(']');
    }
    if (expected === 'K' || expected === 'O') {
      return byte === QUOTE ? this.#readKey() : this.#refuse(byte, 'a key in quotes');
    }
    if (expected !== 'V' && expected !== 'A') {
      return this.#refuse(
        byte,
        expected === 'Z' ? 'the end of the text' : 'a comma or the end of the list',
      );
    }
    if (char === '{' || char === '[') return this.#openContainer(char);
    if (byte === QUOTE) return this.#readString() ? this.#finishValue('string') : 'more';
    return this.#readWord(byte);
  }

  #openContainer(char: '{' | '['): JsonToken {
    if (this.#stack.length >= MAX_DEPTH) {
      throw this.#fail(this.#tokenStart, `nested more than ${MAX_DEPTH} levels deep`);
    }
    this.#stack.push(char);
    this.#expected = char === '{' ? 'O' : 'A';
    this.#window.pos += 1;
    return char;
  }

  #closeContainer(char: '}' | ']'): JsonToken {
    this.#stack.pop();
    this.#window.pos += 1;
    this.#expected = this.#stack.length === 0 ? 'Z' : 'N';
    return char;
  }

  #finishValue(token: JsonToken): JsonToken {
    this.#expected = this.#stack.length === 0 ? 'Z' : 'N';
    return token;
  }

  /** Moves behind the closing quote; false when that is not in the window yet. */
  #readString(): boolean {
    const { bytes, end, pos } = this.#window;
    this.#hasEscape = false;
    let at = pos + 1;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#tokenStart = pos + 1;
        this.#tokenEnd = at;
        this.#window.pos = at + 1;
        return true;
      }
      if (byte === BACKSLASH) {
        this.#hasEscape = true;
        at += 1;
      } else if (byte < 0x20) {
        throw this.#fail(at, 'found a control character in a string');
      }
    }
    if (this.#window.isFinal) throw this.#fail(end, 'the text ends in the middle of a string');
    return false;
  }

  #readKey(): JsonToken {
    const { pos } = this.#window;
    if (!this.#readString()) return 'more';
    const colon = this.#skipBlanks();
    if (colon === COLON) {
      this.#window.pos += 1;
      this.#expected = 'V';
      return 'key';
    }
    if (colon >= 0) return this.#refuse(colon, 'a colon');
    if (this.#window.isFinal) throw this.#fail(this.#window.end, 'the text ends after a key');
    this.#window.pos = pos;
    return 'more';
  }

  #readWord(first: number): JsonToken {
    const { bytes, end, pos, isFinal } = this.#window;
    let at = pos;
    const isNumber = NUMBER_BYTES[first] === 1;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (isNumber ? NUMBER_BYTES[byte] !== 1 : byte < 0x61 || byte > 0x7a) break;
    }
    if (at === pos) return this.#refuse(first, 'a value');
    if (at === end && !isFinal) return 'more';
    this.#hasEscape = false;
    this.#tokenEnd = at;
    const { text } = this;
    if (isNumber ? !NUMBER_PATTERN.test(text) : !LITERALS.includes(text)) {
      throw this.#fail(pos, `found ${JSON.stringify(text.slice(0, 40))}, expected a value`);
    }
    this.#window.pos = at;
    return this.#finishValue(isNumber ? 'number' : 'literal');
  }

  #refuse(byte: number, expected: string): never {
    const found = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`;
    throw this.#fail(this.#window.pos, `found ${found}, expected ${expected}`);
  }

  #fail(index: number, message: string): JsonSyntaxError {
    return new JsonSyntaxError(index, message);
  }
}
