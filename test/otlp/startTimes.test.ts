import { expect, test } from 'vitest';
import { computeHrTime, createStartTimes } from '../../src/otlp/startTimes.ts';

const START_MS = 1_700_000_000_000;

test('what the exporter counts began with it', () => {
  const times = createStartTimes({ observedClock: { monotonicNs: () => 0n }, startMs: START_MS });
  expect(times.beginPush(START_MS + 5000)(undefined)).toEqual([1_700_000_000, 0]);
});

test('a start in the clock of the kernel is as long ago as there', () => {
  const observedClock = { monotonicNs: () => 50_000_000_000n };
  const times = createStartTimes({ observedClock, startMs: START_MS });
  const findStart = times.beginPush(START_MS + 20_000);
  expect(findStart(48_500_000_000n)).toEqual([1_700_000_018, 500_000_000]);
  // Ahead of now, as rounding makes it.
  expect(findStart(50_000_000_001n)).toEqual([1_700_000_020, 0]);
  // Before the exporter there was nothing to count.
  expect(findStart(1n)).toEqual([1_700_000_000, 0]);
});

test('it stays the same from push to push, whatever the clocks do, and another is another', () => {
  let nowNs = 50_000_000_000n;
  const times = createStartTimes({
    observedClock: { monotonicNs: () => nowNs },
    startMs: START_MS,
  });
  const first = times.beginPush(START_MS + 20_000)(49_000_000_000n);
  for (const [driftNs, pushMs] of [[60_000_000_123n, 80_000] as const, [7n, 90_000] as const]) {
    nowNs += driftNs;
    expect(times.beginPush(START_MS + pushMs)(49_000_000_000n)).toEqual(first);
  }
  expect(times.beginPush(START_MS + 100_000)(nowNs - 1_000_000_000n)).toEqual([1_700_000_099, 0]);
});

test.each([
  [0, [0, 0]],
  [1_700_000_000_999.5, [1_700_000_000, 999_500_000]],
  [1_999.999_999_9, [1, 999_999_999]],
])('%d ms', (ms, expected) => {
  expect(computeHrTime(ms)).toEqual(expected);
});
