import { describe, expect, test } from 'vitest';
import { forgetBefore } from '../../src/page/history.ts';
import type { TargetHistory } from '../../src/page/history.ts';
import { FOUR_ROWS, makeColumn, makeHistory } from '../support/liveHistory.ts';

function listEnds({ columns }: TargetHistory): number[] {
  return columns.map(({ endMs }) => endMs);
}

test('columns are kept in order, with their levels', () => {
  const history = makeHistory(
    { columns: [makeColumn(0, 100)] },
    { columns: [makeColumn(100, 200)] },
  );
  expect(listEnds(history)).toEqual([100, 200]);
  expect([...history.columns[0]!.levels]).toEqual([1, 1, 255, 0]);
});

test('what a new connection tells again is known already', () => {
  const history = makeHistory(
    { columns: [makeColumn(0, 100), makeColumn(100, 200)] },
    { columns: [makeColumn(100, 200), makeColumn(200, 300)] },
  );
  expect(listEnds(history)).toEqual([100, 200, 300]);
});

test('a clock that is set back takes with it what has not been yet', () => {
  const history = makeHistory(
    { columns: [makeColumn(0, 100), makeColumn(5000, 5100), makeColumn(5100, 5200)] },
    { columns: [makeColumn(200, 300)] },
  );
  expect(listEnds(history)).toEqual([100, 300]);
});

describe('what was before', () => {
  const past = [makeColumn(-200, -100)];
  const wssHistory = [[-100, 4096]] as const;

  test('is taken from the first connection', () => {
    const history = makeHistory({ past, wssHistory });
    expect([history.past.length, history.wssHistory]).toEqual([1, wssHistory]);
    expect(history.layout?.nrRows).toBe(4);
  });

  test('is not taken from a later one: a gap stays a gap', () => {
    const history = makeHistory(
      { columns: [makeColumn(0, 100)] },
      { past: [makeColumn(5000, 6000)], wssHistory: [[6000, 4096]] },
    );
    expect([history.past, history.wssHistory]).toEqual([[], []]);
  });
});

test('the same rows are the same layout, also after a restart that numbers them anew', () => {
  const history = makeHistory(
    { columns: [makeColumn(0, 100)] },
    {
      layouts: [{ ...FOUR_ROWS, id: 7 }],
      columns: [makeColumn(100, 200, [1, 1, 1, 1], { layoutId: 7 })],
    },
  );
  expect(history.columns[1]!.layout).toBe(history.columns[0]!.layout);
});

test('columns of a layout that was not told are left out', () => {
  const history = makeHistory({ columns: [makeColumn(0, 100, [1], { layoutId: 9 })] });
  expect(history.columns).toEqual([]);
});

test.each([
  [0, [100, 200, 300]],
  [200, [200, 300]],
  [201, [300]],
  [1000, []],
])('what ended before %d is forgotten', (timeMs, ends) => {
  const history = makeHistory({
    columns: [makeColumn(0, 100), makeColumn(100, 200), makeColumn(200, 300)],
  });
  forgetBefore(history, timeMs);
  expect(listEnds(history)).toEqual(ends);
});
