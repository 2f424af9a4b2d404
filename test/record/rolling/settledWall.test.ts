import { expect, test } from 'vitest';
import { createSettledWall } from '../../../src/record/rolling/settledWall.ts';

const HOUR_MS = 3_600_000;

function setUp() {
  const time = { monotonicMs: 5000, offsetMs: 1_800_000_000_000 };
  const settled = createSettledWall({
    monotonicNs: () => BigInt(time.monotonicMs) * 1_000_000n,
    wallMs: () => time.monotonicMs + time.offsetMs,
  });
  /** Looks every ten seconds; gives by how much the last look is wrong. */
  const pass = (ms: number): number => {
    const endMs = time.monotonicMs + ms;
    while (time.monotonicMs < endMs) {
      time.monotonicMs += 10_000;
      settled();
    }
    return settled() - (time.monotonicMs + time.offsetMs);
  };
  return { time, pass };
}

test('it follows a clock that drifts', () => {
  const { time, pass } = setUp();
  for (let step = 0; step < 100; step += 1) {
    time.offsetMs += 30_000;
    expect(pass(10_000)).toBe(0);
  }
});

test.each([10 * 365 * 24 * HOUR_MS, -HOUR_MS])(
  'a jump by %i ms that is taken back within the hour was none',
  (jumpMs) => {
    const { time, pass } = setUp();
    time.offsetMs += jumpMs;
    expect(pass(HOUR_MS - 60_000)).toBe(-jumpMs);
    time.offsetMs -= jumpMs;
    expect(pass(10_000)).toBe(0);
  },
);

test('a jump that stands is believed after an hour', () => {
  const { time, pass } = setUp();
  time.offsetMs += 50 * HOUR_MS;
  expect(pass(HOUR_MS - 60_000)).toBe(-50 * HOUR_MS);
  expect(pass(120_000)).toBe(0);
});
