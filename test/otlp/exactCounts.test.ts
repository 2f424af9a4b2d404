import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeExactCounts } from '../../src/otlp/exactCounts.ts';

function accumulate(buckets: readonly bigint[]): bigint[] {
  let sum = 0n;
  return buckets.map((bucket) => (sum += bucket));
}

/** Buckets that hold up to 2^62 together, and what is added to them step by step. */
const growth = fc.integer({ min: 1, max: 20 }).chain((nrBuckets) =>
  fc.array(
    fc.array(
      fc.bigInt({ min: 0n, max: 1n << 57n }).map((n) => n >> (n % 57n)),
      {
        minLength: nrBuckets,
        maxLength: nrBuckets,
      },
    ),
    { minLength: 1, maxLength: 8 },
  ),
);

function* growBuckets(steps: readonly (readonly bigint[])[]): Generator<bigint[]> {
  let buckets = (steps[0] ?? []).map(() => 0n);
  for (const step of steps) {
    buckets = buckets.map((bucket, index) => bucket + (step[index] ?? 0n));
    const total = accumulate(buckets).at(-1) ?? 0n;
    if (total < 1n << 63n) yield buckets;
  }
}

test('the count is the sum of the buckets, in the digits that JSON prints', () => {
  fc.assert(
    fc.property(growth, (steps) => {
      for (const buckets of growBuckets(steps)) {
        const { bucketCounts, count } = computeExactCounts(accumulate(buckets));
        const printed = bucketCounts.map((bucket) => BigInt(JSON.stringify(bucket)));
        expect(BigInt(JSON.stringify(count))).toBe(accumulate(printed).at(-1));
        expect(BigInt(count)).toBe(BigInt(JSON.stringify(count)));
      }
    }),
    { numRuns: 200 },
  );
});

test('buckets and count never go back while what is counted grows', () => {
  fc.assert(
    fc.property(growth, (steps) => {
      let before: number[] = [];
      for (const buckets of growBuckets(steps)) {
        const { bucketCounts, count } = computeExactCounts(accumulate(buckets));
        const now = [...bucketCounts, count];
        expect(now.every((value, index) => value >= (before[index] ?? 0))).toBe(true);
        before = now;
      }
    }),
    { numRuns: 200 },
  );
});

test('up to 2^53 nothing is changed, beyond it less than a quantum is added per bucket', () => {
  fc.assert(
    fc.property(growth, (steps) => {
      for (const buckets of growBuckets(steps)) {
        const { bucketCounts } = computeExactCounts(accumulate(buckets));
        const isExact = (accumulate(buckets).at(-1) ?? 0n) <= 1n << 53n;
        bucketCounts.forEach((count, index) => {
          const added = BigInt(count) - (buckets[index] ?? 0n);
          expect(added >= 0n && added < (isExact ? 1n : 1_280_000n)).toBe(true);
        });
      }
    }),
    { numRuns: 200 },
  );
});

test.each([
  { cumulative: [0n], expected: { bucketCounts: [0], count: 0 } },
  { cumulative: [3n, 3n, 10n], expected: { bucketCounts: [3, 0, 7], count: 10 } },
  {
    cumulative: [1n << 53n, 1n << 53n],
    expected: { bucketCounts: [9_007_199_254_740_992, 0], count: 9_007_199_254_740_992 },
  },
  {
    cumulative: [1n, (1n << 53n) + 1n],
    expected: { bucketCounts: [1_280_000, 9_007_199_255_040_000], count: 9_007_199_256_320_000 },
  },
])('$cumulative', ({ cumulative, expected }) => {
  expect(computeExactCounts(cumulative)).toEqual(expected);
});

test('a year of byte-seconds on a host of 1 TiB does not drift', () => {
  const day = BigInt(86_400) * (1n << 40n);
  // Idle memory with a tail: what a day leaves in each of 17 buckets.
  const daily = Array.from(
    { length: 17 },
    (_, index) => (day >> BigInt(index + 1)) + BigInt(index),
  );
  let buckets = daily.map(() => 0n);
  let nrRestarts = 0;
  for (let nrDays = 1; nrDays <= 365; nrDays += 1) {
    buckets = buckets.map((bucket, index) => bucket + (daily[index] ?? 0n));
    // Counting begins again before 2^63.
    if ((accumulate(buckets).at(-1) ?? 0n) >= 1n << 63n) {
      buckets = [...daily];
      nrRestarts += 1;
    }
    const { bucketCounts, count } = computeExactCounts(accumulate(buckets));
    expect(BigInt(count)).toBe(accumulate(bucketCounts.map(BigInt)).at(-1));
    bucketCounts.forEach((sent, index) => {
      expect(BigInt(sent) - (buckets[index] ?? 0n)).toBeLessThan(1_280_000n);
      expect(BigInt(sent) >= (buckets[index] ?? 0n)).toBe(true);
    });
  }
  expect(nrRestarts).toBe(3);
});
