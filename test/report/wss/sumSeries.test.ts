import { expect, test } from 'vitest';
import { sumByContext } from '../../../src/report/wss/sumSeries.ts';
import { makeStream } from '../../support/recordedSnapshots.ts';

test('only targets of one context are added up: another may have seen the same memory', () => {
  const [first, second, other] = ['0', '0', '1'].map((kdamond, nth) => ({
    stream: makeStream({ kdamond, contextIndex: 0, targetId: String(nth) }),
    bytes: Float64Array.of(10 ** nth),
    start: Float64Array.of(0),
    end: Float64Array.of(1e8),
  }));
  expect(sumByContext([first!, second!, other!])).toEqual([
    { label: 'sum (kdamond 0, context 0)', nrSeries: 2, bytes: Float64Array.of(11) },
    { label: 'sum (kdamond 1, context 0)', nrSeries: 1, bytes: Float64Array.of(100) },
  ]);
  expect(sumByContext([first!, second!])).toEqual([
    { label: 'sum', nrSeries: 2, bytes: Float64Array.of(11) },
  ]);
});
