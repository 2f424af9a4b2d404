import { describe, expect, test } from 'vitest';
import { listWssRuns } from '../../src/page/wssRuns.ts';
import { makeColumn, makeHistory } from '../support/liveHistory.ts';

const TIME = { startMs: 0, endMs: 60_000 };
const LEVELS = [1, 1, 1, 1];

test('sizes that follow each other are one run', () => {
  const history = makeHistory({
    columns: [
      makeColumn(1000, 1100, LEVELS, { wssBytes: 1 }),
      makeColumn(1100, 1200, LEVELS, { wssBytes: 2 }),
    ],
  });
  expect(listWssRuns(history, TIME)).toEqual([{ timesMs: [1100, 1200], bytes: [1, 2] }]);
});

test('sizes of before the page was opened come first, without a seam', () => {
  const history = makeHistory({
    columns: [makeColumn(1000, 1100)],
    wssHistory: [
      [900, 7],
      [1000, 8],
    ],
  });
  expect(listWssRuns(history, TIME)).toEqual([{ timesMs: [900, 1000, 1100], bytes: [7, 8, 4096] }]);
});

describe('a time nobody observed', () => {
  test('cuts the line', () => {
    const columns = [makeColumn(1000, 1100), makeColumn(9000, 9100)];
    const runs = listWssRuns(makeHistory({ columns }), TIME);
    expect(runs.map(({ timesMs }) => timesMs)).toEqual([[1100], [9100]]);
  });

  test('cuts what was before, too', () => {
    const wssHistory = [0, 100, 200, 9000, 9100].map((timeMs) => [timeMs, 1] as const);
    const runs = listWssRuns(makeHistory({ wssHistory }), TIME);
    expect(runs.map(({ timesMs }) => timesMs)).toEqual([
      [0, 100, 200],
      [9000, 9100],
    ]);
  });

  test('is not the time between two snapshots of a slow source', () => {
    const columns = [makeColumn(0, 5000), makeColumn(5000, 10_000), makeColumn(10_000, 15_000)];
    expect(listWssRuns(makeHistory({ columns }), TIME)).toHaveLength(1);
  });
});

test('what lies outside of the window is left out but for the next point', () => {
  const columns = [0, 100, 200, 300, 400, 500].map((at) => makeColumn(at, at + 100));
  const runs = listWssRuns(makeHistory({ columns }), { startMs: 250, endMs: 350 });
  expect(runs.map(({ timesMs }) => timesMs)).toEqual([[200, 300, 400]]);
});
