import { describe, expect, test } from 'vitest';
import {
  ULONG_MAX,
  formatAddr,
  parseSafeInteger,
  parseUint64,
  subtractUint64,
  toSafeNumber,
} from '../../src/base/uint64.ts';

describe('64-bit values', () => {
  test.each([
    ['0', 0n],
    ['72057594037927935', 72057594037927935n],
    ['18446744073709551615', ULONG_MAX],
  ])('%s is read exactly', (text, value) => {
    expect(parseUint64(text, 'x')).toBe(value);
  });

  test.each(['', ' 1', '1 ', '-1', '0x10', '1.0', '18446744073709551616', '1,000'])(
    'refuses "%s" and names what it was for',
    (text) => {
      expect(() => parseUint64(text, 'nr_tried')).toThrow(/^nr_tried: /);
    },
  );

  test('a signed integer beyond 2^53 is refused instead of rounded', () => {
    expect(parseSafeInteger('-9007199254740991', 'idle')).toBe(-9007199254740991);
    expect(() => parseSafeInteger('9007199254740993', 'idle')).toThrow(/idle: .*2\^53/);
  });

  test('conversion to number is checked', () => {
    expect(toSafeNumber(9007199254740991n, 'x')).toBe(9007199254740991);
    expect(() => toSafeNumber(9007199254740992n, 'x')).toThrow(RangeError);
  });

  test('a counter that wrapped still grew by the difference', () => {
    expect(subtractUint64(5n, ULONG_MAX - 4n)).toBe(10n);
  });

  test('addresses print as lower-case hexadecimal', () => {
    expect(formatAddr(0xffff_8880_00ab_c000n)).toBe('0xffff888000abc000');
  });
});
