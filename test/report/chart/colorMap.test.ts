import { expect, test } from 'vitest';
import { BLANK_LEVEL, computePalette } from '../../../src/report/chart/colorMap.ts';

/** CIE L* of an sRGB colour. */
function lightness(rgb: Uint8Array): number {
  const linear = [...rgb].map((byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  return y <= 0.008856 ? 903.3 * y : 116 * Math.cbrt(y) - 16;
}

const palette = computePalette();
const lightnesses = Array.from({ length: 255 }, (_, index) =>
  lightness(palette.subarray((index + 1) * 4, (index + 1) * 4 + 3)),
);

test('equal steps of heat are equal steps of lightness', () => {
  const span = lightnesses.at(-1)! - lightnesses[0]!;
  expect(span).toBeGreaterThan(70);
  lightnesses.forEach((value, index) => {
    const even = lightnesses[0]! + (span * index) / 254;
    expect(Math.abs(value - even)).toBeLessThan(2);
  });
});

test('next to no two levels have the same colour', () => {
  const colors = new Set(new Uint32Array(palette.buffer));
  expect(colors.size).toBeGreaterThan(250);
});

test('only the blank level is transparent', () => {
  const alphas = Array.from({ length: 256 }, (_, level) => palette[level * 4 + 3]);
  expect(alphas.indexOf(0)).toBe(BLANK_LEVEL);
  expect(alphas.filter((alpha) => alpha === 255)).toHaveLength(255);
});
