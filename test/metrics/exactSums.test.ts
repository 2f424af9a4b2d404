import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addBigint,
  addWeighted,
  createExactSums,
  readSum,
  takeSum,
} from '../../src/metrics/exactSums.ts';

const anyPart = fc.oneof(fc.nat(100), fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }).map(Number));
const anyWeight = fc.oneof(
  fc.nat(2 ** 20),
  fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }).map(Number),
);

test('any sums of products come out whole, however large', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyPart, anyPart, anyWeight), { maxLength: 50 }), (terms) => {
      const sums = createExactSums(2);
      let expected = 0n;
      for (const [high, low, weight] of terms) {
        addWeighted(sums, 1, { high, low }, weight);
        expected += ((BigInt(high) << 32n) + BigInt(low)) * BigInt(weight);
      }
      expect(readSum(sums, 1)).toBe(expected);
      expect(readSum(sums, 0)).toBe(0n);
    }),
  );
});

test('a small addend is still there after millions of the largest that need no bigint', () => {
  const sums = createExactSums(1);
  const largest = { high: 2 ** 32 - 1, low: 2 ** 32 - 1 };
  const weight = 2 ** 20 - 1;
  addWeighted(sums, 0, { high: 0, low: 1 }, 1);
  for (let i = 0; i < 3_000_000; i += 1) addWeighted(sums, 0, largest, weight);
  expect(readSum(sums, 0)).toBe(1n + 3_000_000n * (2n ** 64n - 1n) * BigInt(weight));
});

test('a sum that is taken begins again at 0', () => {
  const sums = createExactSums(1);
  addWeighted(sums, 0, { high: 1, low: 2 }, 3);
  addBigint(sums, 0, 5n);
  expect(takeSum(sums, 0)).toBe(3n * (2n ** 32n + 2n) + 5n);
  expect(readSum(sums, 0)).toBe(0n);
});
