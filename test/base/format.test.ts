import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatCount,
  formatHz,
  formatPercent,
  formatSize,
  formatTimeNs,
  formatTimeShort,
} from '../../src/base/format.ts';
import { ULONG_MAX } from '../../src/base/uint64.ts';

describe('sizes print as damo prints them', () => {
  test.each([
    [0n, '0 B'],
    [1024n, '1024 B'],
    [1025n, '1.001 KiB'],
    [1n << 20n, '1024.000 KiB'],
    [1n << 30n, '1024.000 MiB'],
    [31617n * 1024n, '30.876 MiB'],
    [22347776n, '21.312 MiB'], // 21.3125: a tie, to even
    [22413312n, '21.375 MiB'],
    [22478848n, '21.438 MiB'], // 21.4375: a tie, to even
    [688128n, '672.000 KiB'],
    [ULONG_MAX, 'max'],
    [ULONG_MAX - 1n, '16.000 EiB'],
    [-5n, '-5 B'],
  ])('%s bytes', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test('raw numbers are plain digits', () => {
    expect(formatSize(22347776n, true)).toBe('22347776');
    expect(formatSize(ULONG_MAX, true)).toBe('18446744073709551615');
  });
});

describe('times print as damo prints them', () => {
  test.each([
    [0n, '0 ns'],
    [999n, '999 ns'],
    [1500n, '1.500 us'],
    [104_599_000n, '104.599 ms'],
    [1_000_500n, '1.000 ms'], // the double next to 1.0005 is below it
    [1_001_500n, '1.002 ms'],
    [1_062_500_000n, '1.062 s'], // 1.0625: a tie, to even
    [999_999_600n, '1000.000 ms'],
    [2_000_000_000n, '2 s'],
    [56_692_586_584n, '56.693 s'],
    [539_809_000_000n, '8 m 59.809 s'],
    [62_000_000_000n, '1 m 2 s'],
    [120_000_000_000n, '2 m'],
    [3_661_000_000_005n, '1 h 1 m 1.000 s'],
    [90_000_000_000_000n, '25 h'],
    [-104_599_000n, '-104.599 ms'],
    [ULONG_MAX, 'max'],
  ])('%s ns', (timeNs, text) => {
    expect(formatTimeNs(timeNs)).toBe(text);
  });
});

test('three decimals of a time are those of the quotient, except for ties', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom([1e3, 'us'] as const, [1e6, 'ms'] as const, [1e9, 's'] as const),
      fc.double({ min: 1, max: 59.999, noNaN: true }),
      (hours, [unitNs, unit], value) => {
        const ns = Math.floor(value * unitNs);
        fc.pre(ns % unitNs !== 0 && (ns * 2000) % unitNs !== 0);
        const prefix = hours === 0 ? '' : `${hours} h `;
        const time = BigInt(hours) * 3_600_000_000_000n + BigInt(ns);
        expect(formatTimeNs(time)).toBe(`${prefix}${(ns / unitNs).toFixed(3)} ${unit}`);
        expect(formatTimeNs(-time)).toBe(`-${prefix}${(ns / unitNs).toFixed(3)} ${unit}`);
      },
    ),
  );
});

test.each([
  [0, '0 hz'],
  [9.9996, '10.000 hz'],
  [0.0625, '0.062 hz'],
  [1234.9, '1,234 hz'],
])('%s accesses per second', (hz, text) => {
  expect(formatHz(hz)).toBe(text);
});

test.each([
  [90, '90 %'],
  [0.07, '0.07 %'],
  [18446744073709552000, '18,446,744,073,709,551,616 %'],
])('%s percent', (percent, text) => {
  expect(formatPercent(percent)).toBe(text);
});

test('counts are grouped by three', () => {
  expect(formatCount(1234567n)).toBe('1,234,567');
  expect(formatCount(-1234.9)).toBe('-1,234');
});

test.each([
  [0, '0s'],
  [1, '1us'],
  [500_000, '500ms'],
  [30_000_000, '30s'],
  [90_000_000, '90s'],
  [120_000_000, '2m'],
  [3_600_000_000, '1h'],
  [172_800_000_000, '2d'],
])('%d us is %s, as people type it', (timeUs, text) => {
  expect(formatTimeShort(timeUs)).toBe(text);
});
