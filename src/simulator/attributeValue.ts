import { Errno } from './kernelNode.ts';

/**
 * Text written to an attribute to the text it reads back as (without the newline). Follows what
 * Linux 6.12 and 7.2 were measured to accept.
 *
 * @throws Errno EINVAL, ERANGE
 */
export type AttributeParser = (text: string) => string;

const ULONG_LIMIT = 1n << 64n;

/** The kernel reads C strings: a NUL ends them, one newline at the end is forgiven. */
function chopText(text: string): string {
  const nul = text.indexOf('\0');
  const cut = nul < 0 ? text : text.slice(0, nul);
  return cut.endsWith('\n') ? cut.slice(0, -1) : cut;
}

/** Digits in C notation: `12`, `+12`, `0x1f`, `010` (octal). */
function parseMagnitude(text: string): bigint {
  const digits = text.startsWith('+') ? text.slice(1) : text;
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) return BigInt(digits);
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
  if (/^(0|[1-9][0-9]*)$/.test(digits)) return BigInt(digits);
  throw new Errno('EINVAL');
}

/** `unsigned long`. */
export function parseUlong(text: string): string {
  const value = parseMagnitude(chopText(text));
  if (value >= ULONG_LIMIT) throw new Errno('ERANGE');
  return value.toString();
}

/** `unsigned int`. */
export function parseUint(text: string): string {
  const value = parseMagnitude(chopText(text));
  if (value >= 1n << 32n) throw new Errno('ERANGE');
  return value.toString();
}

/** `int`. */
export function parseInt32(text: string): string {
  const chopped = chopText(text);
  const isNegative = chopped.startsWith('-');
  const magnitude = parseMagnitude(isNegative ? chopped.slice(1) : chopped);
  const value = isNegative ? -magnitude : magnitude;
  if (BigInt.asIntN(32, value) !== value) throw new Errno('ERANGE');
  return value.toString();
}

/** The same, for files that say EINVAL where others say ERANGE. */
export function refuseAsInvalid(parse: AttributeParser): AttributeParser {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof Errno) throw new Errno('EINVAL');
      throw error;
    }
  };
}

/** `addr_unit`: an `unsigned long` that is not zero. */
export function parseAddrUnit(text: string): string {
  const value = parseUlong(text);
  if (value === '0') throw new Errno('EINVAL');
  return value;
}

/** `Y` or `N`; accepts what the kernel takes for a switch, judged by the first letters. */
export function parseBool(text: string): string {
  if (/^([yYtT1]|[oO][nN])/.test(text)) return 'Y';
  if (/^([nNfF0]|[oO][fF])/.test(text)) return 'N';
  throw new Errno('EINVAL');
}

/** Kept byte for byte, a newline at the end included. */
export function parsePath(text: string): string {
  return text;
}

/** One of the words, whole. */
export function createKeywordParser(words: readonly string[]): AttributeParser {
  return (text) => {
    const word = chopText(text);
    if (!words.includes(word)) throw new Errno('EINVAL');
    return word;
  };
}

/** The count in an `nr_*` file, at least 0 and at most `max`. */
export function parseCount(text: string, max: number): number {
  const count = Number(parseInt32(text));
  if (count < 0 || count > max) throw new Errno('EINVAL');
  return count;
}
