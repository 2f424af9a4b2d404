import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWssWindow } from '../../src/metrics/wssWindow.ts';

function fill(lengthNs: bigint, maxSizes: number, sizes: readonly [number, number][]): number[] {
  const window = createWssWindow(lengthNs);
  for (const [endNs, bytes] of sizes) window.add(BigInt(endNs), bytes, maxSizes);
  return [...window.readSizes()];
}

test('a new window is empty', () => {
  expect(fill(10n, 8, [])).toEqual([]);
});

test('sizes are in order whatever order they came in, equal ones each by itself', () => {
  expect(fill(100n, 8, [[1, 5], [2, 3], [3, 5], [4, 0]])).toEqual([0, 3, 5, 5]); // prettier-ignore
});

test('what ended a window ago is gone, a nanosecond later it is not', () => {
  expect(fill(100n, 8, [[1, 5], [100, 4], [101, 3]])).toEqual([3, 4]); // prettier-ignore
  expect(fill(100n, 8, [[2, 5], [100, 4], [101, 3]])).toEqual([3, 4, 5]); // prettier-ignore
});

test('after a pause longer than the window only the newest is left', () => {
  expect(fill(10n, 8, [[1, 5], [2, 4], [1000, 3]])).toEqual([3]); // prettier-ignore
});

test('beyond the limit the oldest goes; a limit that falls takes effect at once', () => {
  expect(fill(100n, 2, [[1, 1], [2, 2], [3, 3]])).toEqual([2, 3]); // prettier-ignore
  const window = createWssWindow(1000n);
  for (let at = 0; at < 100; at += 1) window.add(BigInt(at), at, 100);
  window.add(100n, 100, 3);
  expect([...window.readSizes()]).toEqual([98, 99, 100]);
});

test('any sizes at any times give what sorting the last ones gives', () => {
  const step = fc.record({
    afterNs: fc.oneof(fc.constant(1), fc.nat(20), fc.constant(400)),
    bytes: fc.oneof(fc.nat(5), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
    maxSizes: fc.constantFrom(200, 200, 200, 70, 3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const window = createWssWindow(300n);
      let kept: { endNs: number; bytes: number }[] = [];
      let endNs = 0;
      for (const { afterNs, bytes, maxSizes } of steps) {
        endNs += afterNs;
        window.add(BigInt(endNs), bytes, maxSizes);
        kept = [...kept.filter((one) => one.endNs > endNs - 300), { endNs, bytes }].slice(
          -maxSizes,
        );
        const sizes = [...window.readSizes()];
        expect(sizes.length).toBe(kept.length);
      }
      expect([...window.readSizes()]).toEqual(kept.map((one) => one.bytes).sort((a, b) => a - b));
    }),
    { numRuns: 50 },
  );
});
