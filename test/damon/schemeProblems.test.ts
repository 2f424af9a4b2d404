import { describe, expect, test } from 'vitest';
import { listSchemeProblems } from '../../src/damon/schemeProblems.ts';
import { ACTIONS, CATCH_ALL_STAT, NO_QUOTAS, OPERATIONS } from '../../src/damon/spec.ts';
import type { Action, FilterSpec, Operations, SchemeSpec } from '../../src/damon/spec.ts';

const INTERVALS = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 };
const ANON: FilterSpec = { type: 'anon', isMatching: true, isAllowing: false };
const AGES = { min: 0n, max: 10n };

function listProblems(
  scheme: Partial<SchemeSpec>,
  operations: Operations = 'paddr',
): readonly string[] {
  return listSchemeProblems({ ...CATCH_ALL_STAT, ...scheme }, { operations, intervals: INTERVALS });
}

describe('an action', () => {
  const ofPhysical = 'pageout lru_prio lru_deprio migrate_hot migrate_cold stat';
  const ofVirtual =
    'willneed cold pageout hugepage nohugepage collapse migrate_hot migrate_cold stat';

  test.each<[Operations, string]>([
    ['paddr', ofPhysical],
    ['vaddr', ofVirtual],
    ['fvaddr', ofVirtual],
  ])('of %s is one of: %s', (operations, actions) => {
    const isSound = (action: Action): boolean => listProblems({ action }, operations).length === 0;
    expect(ACTIONS.filter(isSound)).toEqual(actions.split(' '));
  });
});

describe('a filter of the operations set', () => {
  test.each<[Action, Operations, boolean]>([
    ['pageout', 'paddr', true],
    ['stat', 'vaddr', true],
    ['migrate_cold', 'fvaddr', true],
    ['pageout', 'vaddr', false],
    ['hugepage', 'fvaddr', false],
  ])('is judged for %s with %s: %s', (action, operations, isJudged) => {
    const problems = [{ filters: [ANON] }, { opsFilters: [ANON] }].map((filters) =>
      listProblems({ action, ...filters }, operations).join(),
    );
    for (const problem of problems) {
      if (isJudged) expect(problem).toBe('');
      else expect(problem).toMatch(/does not judge a filter by anon .* with all of it; use paddr/);
    }
  });

  test.each(['', 'web', undefined])('by the control group %j is refused', (memcgPath) => {
    const memcg = {
      type: 'memcg',
      isMatching: false,
      ...(memcgPath !== undefined && { memcgPath }),
    };
    expect(listProblems({ filters: [memcg] }).join()).toMatch(/expected a path from the root/);
  });
});

test('one by address or target is judged with all operations', () => {
  const filter: FilterSpec = { type: 'target', isMatching: true, targetIndex: 0 };
  for (const operations of OPERATIONS) {
    expect(listProblems({ action: 'pageout', filters: [filter] }, operations)).toEqual([]);
  }
});

test.each<[string, Partial<SchemeSpec>, RegExp]>([
  [
    'more samples with an access than there are',
    {
      accessPattern: {
        sizeBytes: AGES,
        nrAccesses: { min: 21n, max: 30n },
        ageIntervals: AGES,
      },
    },
    /at least 21 samples .* an aggregation interval has 20/,
  ],
  [
    'an apply interval below the sampling interval',
    { applyIntervalUs: 4999 },
    /apply interval \(4999 us\)/,
  ],
  [
    'a goal of nothing',
    { quotas: { ...NO_QUOTAS, goals: [{ targetValue: 0n, currentValue: 0n }] } },
    /target 0/,
  ],
])('%s would do nothing', (_title, scheme, message) => {
  expect(listProblems(scheme)).toEqual([expect.stringMatching(message)]);
});
