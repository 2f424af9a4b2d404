import { describe, expect, test } from 'vitest';
import { parseAccessRate, parseAge } from '../../src/config/accessPattern.ts';

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;
const usual = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 };

describe('access rates become samples', () => {
  test.each([
    ['0', 0n],
    ['min', 0n],
    ['5%', 1n],
    ['90 %', 18n],
    ['100%', 20n],
    ['91.5%', 18n],
    ['99.99%', 19n],
    ['3 samples', 3n],
    ['1 sample', 1n],
    ['1,000 samples', 1000n],
    ['max samples', ULONG_MAX],
    ['max', ULONG_MAX],
    // damo's own way of writing "max".
    ['18,446,744,073,709,551,615 %', ULONG_MAX],
  ])('%s', (text, samples) => {
    expect(parseAccessRate(text, 'max', usual, 'it')).toBe(samples);
  });

  test('without the rounding of doubles', () => {
    // 0.57 × 10,000 is 5699.999999999999 in doubles.
    const many = { sampleIntervalUs: 1, aggrIntervalUs: 10_000 };
    expect(parseAccessRate('57%', 'max', many, 'it')).toBe(5700n);
  });

  test.each([
    ['101%', /expected at most 100 %, or "max"/],
    ['3 sample s', /expected a percent such as/],
    ['three samples', /expected a count such as/],
    ['-5%', /expected a percent/],
    ['', /expected a percent/],
  ])('%s is refused', (text, message) => {
    expect(() => parseAccessRate(text, 'max', usual, 'it')).toThrow(message);
  });

  test('a minimum may not become one that every region has', () => {
    expect(parseAccessRate('3%', 'max', usual, 'it')).toBe(0n);
    expect(() => parseAccessRate('3%', 'min', usual, '--damos_access_rate')).toThrow(
      '--damos_access_rate: found "3%", which is less than 1 of the 20 samples of an aggregation interval and would mean 0',
    );
  });
});

describe('ages become aggregation intervals', () => {
  test.each([
    ['0 ns', 0n],
    ['100ms', 1n],
    ['250000', 2n],
    ['1 s 234 ms 567 us', 12n],
    ['5 aggr_intervals', 5n],
    ['1 aggr_interval', 1n],
    ['max', ULONG_MAX],
    ['18446744073709551614', 184_467_440_737_095n],
  ])('%s', (text, age) => {
    expect(parseAge(text, 'max', usual, 'it')).toBe(age);
  });

  test.each([
    ['1.5 us', /not a whole number of us/],
    ['18446744073709551616', /larger than "max"/],
    ['soon', /expected a time/],
  ])('%s is refused', (text, message) => {
    expect(() => parseAge(text, 'max', usual, 'it')).toThrow(message);
  });

  test('a minimum may not become one that every region has', () => {
    expect(parseAge('50ms', 'max', usual, 'it')).toBe(0n);
    expect(() => parseAge('50ms', 'min', usual, 'age.min')).toThrow(
      'age.min: found "50ms", which is less than the aggregation interval (100000 us) and would mean 0',
    );
  });
});
