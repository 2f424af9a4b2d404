import { describe, expect, test } from 'vitest';
import { NO_WATERMARKS } from '../../src/damon/spec.ts';
import type { WatermarksSpec } from '../../src/damon/spec.ts';
import { computeFreeMemoryPermil, computeWatermarkActivity } from '../../src/damon/watermarks.ts';

const MARKS: WatermarksSpec = {
  metric: 'free_mem_rate',
  intervalUs: 5_000_000n,
  highPermil: 500,
  midPermil: 400,
  lowPermil: 200,
};

function withFree(freeBytes: bigint) {
  return { totalBytes: 1000n, freeBytes };
}

test.each<[bigint, bigint, number]>([
  [1000n, 0n, 0],
  [1000n, 1000n, 1000],
  [3n, 1n, 333],
  [(1n << 63n) - 1n, 1n << 62n, 500],
  [0n, 0n, 0],
])('of %d bytes %d free ones are %d permil, rounded down', (totalBytes, freeBytes, permil) => {
  expect(computeFreeMemoryPermil({ totalBytes, freeBytes })).toBe(permil);
});

describe('watermarks as the kernel takes them', () => {
  test.each<[string, bigint, boolean | undefined, boolean | undefined]>([
    ['above high: rests', 501n, true, false],
    ['at high: works on', 500n, true, true],
    ['at high: rests on', 500n, false, false],
    ['at mid: rests on', 400n, false, false],
    ['from mid to high without a past: unknown', 450n, undefined, undefined],
    ['below mid: begins to work', 399n, false, true],
    ['below mid without a past: works', 399n, undefined, true],
    ['at low: works', 200n, false, true],
    ['below low: rests', 199n, true, false],
  ])('%s', (_title, freeBytes, wasActive, isActive) => {
    expect(computeWatermarkActivity(MARKS, withFree(freeBytes), wasActive)).toBe(isActive);
  });

  test('without them a scheme always works', () => {
    expect(computeWatermarkActivity(NO_WATERMARKS, undefined, undefined)).toBe(true);
  });

  test('a metric of the future and unreadable memory tell nothing', () => {
    const future = { ...MARKS, metric: 'phase_of_moon' };
    expect(computeWatermarkActivity(future, withFree(300n), true)).toBeUndefined();
    expect(computeWatermarkActivity(MARKS, undefined, true)).toBeUndefined();
  });
});
