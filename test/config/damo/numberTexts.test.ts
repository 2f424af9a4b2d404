import { describe, expect, test } from 'vitest';
import { HUMAN_TEXTS } from '../../../src/config/damo/numberTexts.ts';

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;

describe('numbers are written for people where that loses nothing', () => {
  test.each([
    [0n, '0 B'],
    [1n, '1 B'],
    [1024n, '1024 B'],
    [1536n, '1.500 KiB'],
    [1025n, '1,025'],
    [1152n, '1.125 KiB'],
    [2n << 20n, '2.000 MiB'],
    [1n << 30n, '1024.000 MiB'],
    [(1n << 30n) + 1n, '1,073,741,825'],
    [1_234_567n, '1,234,567'],
    [1n << 63n, '8.000 EiB'],
    [ULONG_MAX, 'max'],
    [ULONG_MAX - 1n, '18,446,744,073,709,551,614'],
  ])('%d bytes', (bytes, text) => {
    expect(HUMAN_TEXTS.size(bytes)).toBe(text);
  });

  test.each([
    [0n, '0 ns'],
    [1n, '1 us'],
    [5000n, '5 ms'],
    [1_234_567n, '1 s 234 ms 567 us'],
    [3_600_000_000n, '1 h'],
    [90_000_000n, '1 m 30 s'],
    [9_007_199_254_740n, '2501 h 59 m 59 s 254 ms 740 us'],
    [9_007_199_254_741n, '9,007,199,254,741'],
    [ULONG_MAX, 'max'],
  ])('%d us', (timeUs, text) => {
    expect(HUMAN_TEXTS.timeUs(timeUs)).toBe(text);
  });

  test.each([
    [0, '0 %'],
    [7, '7'],
    [10, '1 %'],
    [505, '505'],
    [1000, '100 %'],
    [1010, '1,010'],
    [4_294_967_295, '4,294,967,295'],
  ])('%d permil', (permil, text) => {
    expect(HUMAN_TEXTS.permil(permil)).toBe(text);
  });

  test.each([
    [400, '4 %'],
    [50, '50'],
    [10_000, '100 %'],
  ])('%d bp', (bp, text) => {
    expect(HUMAN_TEXTS.bp(bp)).toBe(text);
  });

  test('a percentage is written only where doubles give the share again', () => {
    for (let permil = 0; permil <= 1000; permil += 1) {
      const match = /^(\d+) %$/.exec(HUMAN_TEXTS.permil(permil));
      // As damo computes it.
      if (match) expect((Number(match[1]) / 100) * 1000).toBe(permil);
    }
  });
});
