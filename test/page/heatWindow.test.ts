import { describe, expect, test } from 'vitest';
import type { LayoutJson } from '../../src/live/liveEvents.ts';
import { computeHeatWindow } from '../../src/page/heatWindow.ts';
import type { HeatWindowRequest } from '../../src/page/heatWindow.ts';
import { parseLayout } from '../../src/page/layout.ts';
import { chooseTop } from '../../src/page/scale.ts';
import { FOUR_ROWS, makeColumn, makeHistory } from '../support/liveHistory.ts';

const TIME = { startMs: 0, endMs: 400 };

/** By time, each from the lowest address; blank is undefined. */
function compute(request: Partial<HeatWindowRequest> & Pick<HeatWindowRequest, 'whole'>) {
  const window = computeHeatWindow({
    closer: undefined,
    layout: request.whole.layout ?? parseLayout(FOUR_ROWS),
    time: TIME,
    nrTimes: 4,
    ...request,
  });
  const { values, nrTimes, nrAddresses } = window;
  return Array.from({ length: nrTimes }, (_, time) =>
    [...values.subarray(time * nrAddresses, (time + 1) * nrAddresses)].map((value) =>
      Number.isNaN(value) ? undefined : Math.round(value),
    ),
  );
}

const BLANK = [undefined, undefined, undefined, undefined];

describe('cells', () => {
  test('are accesses per second, blank where nothing was observed', () => {
    const whole = makeHistory({ columns: [makeColumn(100, 200)] });
    expect(compute({ whole })).toEqual([BLANK, [0, 0, 200, undefined], BLANK, BLANK]);
  });

  test('are means of the columns that share them, weighed by time', () => {
    const whole = makeHistory({
      columns: [makeColumn(0, 25, [255, 1, 1, 0]), makeColumn(25, 100, [1, 255, 1, 1])],
    });
    expect(compute({ whole })[0]).toEqual([50, 150, 0, 0]);
  });

  test('share a column that is longer', () => {
    const whole = makeHistory({ columns: [makeColumn(-500, 250)] });
    const seen = [0, 0, 200, undefined];
    expect(compute({ whole })).toEqual([seen, seen, seen, BLANK]);
  });

  test('of columns under other rows show the same addresses', () => {
    const eight: LayoutJson = { id: 2, ranges: [['0', '8000', 2]] };
    const whole = makeHistory(
      { columns: [makeColumn(0, 100, [1, 1, 255, 255])] },
      { layouts: [eight], columns: [makeColumn(100, 200, [255, 1], { layoutId: 2 })] },
    );
    expect(compute({ whole, nrTimes: 4 }).slice(0, 2)).toEqual([
      [200, undefined],
      [200, 0],
    ]);
  });
});

describe('the best that is known is shown', () => {
  const past = [
    makeColumn(0, 100, [255, 255, 255, 255]),
    makeColumn(100, 200, [255, 255, 255, 255]),
  ];

  test('ages only for the time before anything was seen', () => {
    const whole = makeHistory({ past, columns: [makeColumn(100, 200, [1, 1, 1, 1])] });
    expect(compute({ whole }).map(([first]) => first)).toEqual([200, 0, undefined, undefined]);
  });

  test('a gap is not filled by ages', () => {
    const whole = makeHistory({
      past,
      columns: [makeColumn(0, 100, [1, 1, 1, 1]), makeColumn(300, 400, [1, 1, 1, 1])],
    });
    expect(compute({ whole }).map(([first]) => first)).toEqual([0, undefined, undefined, 0]);
  });

  test('what was seen closer from when on it was', () => {
    const layouts = [{ id: 1, ranges: [['0', '1000', 4]] as const }];
    const whole = makeHistory({ columns: [makeColumn(0, 200), makeColumn(200, 300)] });
    const closer = makeHistory({ layouts, columns: [makeColumn(200, 300, [1, 255, 1, 255])] });
    expect(compute({ whole, closer, layout: closer.layout! }).slice(0, 3)).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 200, 0, 200],
    ]);
  });
});

test.each([
  [[0, 200], 200],
  [[NaN, 0], 200],
  [[101], 200],
  [[100], 100],
  [[3], 4],
  [[0.5], 2],
  [[], 200],
])('of heat %j up to 200 Hz the brightest colour is %d', (values, top) => {
  expect(chooseTop({ values: Float64Array.from(values), maxValue: 200 })).toBe(top);
});
