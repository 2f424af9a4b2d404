import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSize } from '../../src/base/format.ts';
import {
  ACCEPTED_FORMS,
  parseCount,
  parsePercent,
  parseShare,
  parseSizeBytes,
  parseTime,
} from '../../src/base/units.ts';
import { ULONG_MAX } from '../../src/base/uint64.ts';

describe('sizes', () => {
  test.each([
    ['0', 0n],
    ['4096', 4096n],
    ['4,096', 4096n],
    ['12,345,678,848', 12345678848n],
    ['2M', 2n << 20n],
    ['2 MiB', 2n << 20n],
    ['2MB', 2n << 20n],
    ['1.5G', 3n << 29n],
    ['127.5 TiB', 255n << 39n],
    ['0.3 K', 307n],
    ['7 B', 7n],
    ['min', 0n],
    ['max', ULONG_MAX],
    ['18446744073709551615', ULONG_MAX],
  ])('"%s" is %s bytes', (text, bytes) => {
    expect(parseSizeBytes(text, 'size')).toBe(bytes);
  });

  test.each([
    '',
    ' ',
    '2m',
    '5k',
    '0x10',
    '1,00',
    '1e3',
    '-1',
    '2  M',
    '2M ',
    '.5M',
    '1.M',
    '16E',
    '2Q',
  ])('refuses "%s" and shows what would be accepted', (text) => {
    expect(() => parseSizeBytes(text, '--damos_sz_region')).toThrow(
      /^--damos_sz_region: found ".*".*, expected a size such as "4096"/s,
    );
  });

  test('a unit in the wrong case is pointed out', () => {
    expect(() => parseSizeBytes('2m', 'x')).toThrow(/did you mean "M"/);
    expect(() => parseSizeBytes('5mib', 'x')).toThrow(/did you mean "MiB"/);
  });

  test('every number of bytes survives being written and read', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, ULONG_MAX), (bytes) => {
        expect(parseSizeBytes(formatSize(bytes, true), 'x')).toBe(bytes);
      }),
    );
  });
});

describe('times', () => {
  test.each([
    ['100000', 'us', 100000n],
    ['100ms', 'us', 100000n],
    ['1.5 s', 'ms', 1500n],
    ['1h 30m', 's', 5400n],
    ['1 m 2 s', 's', 62n],
    ['12 s 345 ms 678 us', 'us', 12345678n],
    ['5', 's', 5n],
    ['1d', 'h', 24n],
    ['0.1us', 'ns', 100n],
    ['max', 'us', ULONG_MAX],
  ] as const)('"%s" in %s is %s', (text, unit, value) => {
    expect(parseTime(text, unit, 'age')).toBe(value);
  });

  test.each(['', 'ms', '5 minutes', '1h30', '-5s', '1ms,', '5ss', '1 2', 'h 3'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseTime(text, 'us', 'age')).toThrow(/^age: found /);
    },
  );

  test('a time finer than the unit is refused instead of rounded', () => {
    expect(() => parseTime('1500ns', 'us', 'sample')).toThrow(/not a whole number of us/);
  });

  test('negative times are read only where they make sense', () => {
    expect(parseTime('-2.5 s', 'ms', 'range', { isSigned: true })).toBe(-2500n);
  });
});

describe('shares', () => {
  test.each([
    ['50%', 'permil', 500],
    ['95 %', 'bp', 9500],
    ['0.07%', 'bp', 7],
    ['9500', 'bp', 9500],
    ['90%', 'percent', 90],
    ['4%', 'ratio', 0.04],
    ['1,000', 'permil', 1000],
  ] as const)('"%s" in %s is %s', (text, unit, value) => {
    expect(parseShare(text, unit, 'x')).toBe(value);
  });

  test.each(['', '%', '-1%', '5 percent', '1e2%'])('refuses "%s"', (text) => {
    expect(() => parseShare(text, 'bp', 'goal')).toThrow(/^goal: found /);
  });
});

test('every form in the table of accepted forms is accepted', () => {
  for (const form of ACCEPTED_FORMS.size) expect(parseSizeBytes(form, form)).toBeTypeOf('bigint');
  for (const form of ACCEPTED_FORMS.time) expect(parseTime(form, 'us', form)).toBeTypeOf('bigint');
  for (const form of ACCEPTED_FORMS.share)
    expect(parseShare(form, 'bp', form)).toBeTypeOf('number');
  for (const form of ACCEPTED_FORMS.percent) expect(() => parsePercent(form, form)).not.toThrow();
  for (const form of ACCEPTED_FORMS.count) expect(parseCount(form, form)).toBeTypeOf('bigint');
});

test.each([
  ['7', 7n],
  ['1,234,567', 1_234_567n],
  ['10.000000', 10n],
  ['max', 0xffff_ffff_ffff_ffffn],
  ['18446744073709551615', 0xffff_ffff_ffff_ffffn],
])('a count of %s', (text, count) => {
  expect(parseCount(text, 'it')).toBe(count);
});

test.each([
  ['1.5', /it: found "1.5" \(not whole\), expected a count such as "1000"/],
  ['18446744073709551616', /larger than 2\^64-1/],
  ['min', /expected a count/],
  ['1,00', /expected a count/],
  ['-1', /expected a count/],
])('no count: %s', (text, message) => {
  expect(() => parseCount(text, 'it')).toThrow(message);
});

test.each([
  ['90', { digits: 90n, scale: 0 }],
  ['12.50 %', { digits: 1250n, scale: 2 }],
  ['1,000%', { digits: 1000n, scale: 0 }],
  ['min', { digits: 0n, scale: 0 }],
  ['max', undefined],
])('%s as a percentage is exact', (text, decimal) => {
  expect(parsePercent(text, 'it')).toEqual(decimal);
});

test('parsers refuse or answer, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const parse of [
        () => parseSizeBytes(text, 'x'),
        () => parseTime(text, 'us', 'x'),
        () => parseShare(text, 'bp', 'x'),
        () => parsePercent(text, 'x'),
        () => parseCount(text, 'x'),
      ]) {
        try {
          parse();
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    }),
  );
});
