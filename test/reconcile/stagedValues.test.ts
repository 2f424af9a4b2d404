import { describe, expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { ContextSpec, IntervalsSpec } from '../../src/damon/spec.ts';
import {
  areBegunValues,
  areSameValues,
  listStagedValues,
} from '../../src/reconcile/stagedValues.ts';

const INTERVALS = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 };
const GOAL = { accessBp: 400, aggrs: 3, minSampleIntervalUs: 5000, maxSampleIntervalUs: 1e7 };
const TUNED = { ...INTERVALS, sampleIntervalUs: 80_000, aggrIntervalUs: 1_600_000 };

function list(intervals: IntervalsSpec) {
  const context: ContextSpec = {
    operations: 'paddr',
    intervals,
    minNrRegions: 100n,
    maxNrRegions: 1000n,
    targets: [{ regions: [{ startAddr: 4096n, endAddr: 8192n }] }],
    schemes: [CATCH_ALL_STAT],
  };
  return listStagedValues({ contexts: [context] });
}

describe('a kdamond whose intervals the kernel tunes', () => {
  test('stays the same one', () => {
    expect(areSameValues(list({ ...TUNED, goal: GOAL }), list({ ...INTERVALS, goal: GOAL }))).toBe(
      true,
    );
  });

  test('is another one with another goal, or none', () => {
    const wanted = list({ ...INTERVALS, goal: GOAL });
    const other = { ...GOAL, accessBp: 500 };
    expect(areSameValues(list({ ...INTERVALS, goal: other }), wanted)).toBe(false);
    expect(areSameValues(list(INTERVALS), wanted)).toBe(false);
    expect(areSameValues(wanted, list(INTERVALS))).toBe(false);
  });

  test('may be begun before its goal is set', () => {
    const wanted = list({ ...INTERVALS, goal: GOAL });
    expect(areBegunValues(list(INTERVALS), [wanted])).toBe(true);
    expect(areBegunValues(list({ ...INTERVALS, updateIntervalUs: 7 }), [wanted])).toBe(false);
  });
});

test('without a goal other intervals are of another kdamond', () => {
  const none = { ...GOAL, accessBp: 0 };
  expect(areSameValues(list(TUNED), list(INTERVALS))).toBe(false);
  expect(areSameValues(list({ ...TUNED, goal: none }), list({ ...INTERVALS, goal: none }))).toBe(
    false,
  );
  expect(areSameValues(list({ ...INTERVALS, goal: none }), list(INTERVALS))).toBe(true);
});
