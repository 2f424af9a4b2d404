import { expect, test } from 'vitest';
import { createWatermarkTracker } from '../../src/metrics/watermarkTracker.ts';
import type { WatermarkReading } from '../../src/metrics/watermarkTracker.ts';

const MARKS = {
  metric: 'free_mem_rate',
  intervalUs: 0n,
  highPermil: 500,
  midPermil: 400,
  lowPermil: 200,
};

type Step = readonly [
  pid: number | undefined,
  freePermil: number,
  change?: Partial<WatermarkReading['watermarks']>,
];

function follow(steps: readonly Step[]): (boolean | undefined)[] {
  const tracker = createWatermarkTracker();
  return steps.map(([kdamondPid, freePermil, change]) => {
    const reading = { kdamondPid, watermarks: { ...MARKS, ...change } };
    const memory = { totalBytes: 1000n, freeBytes: BigInt(freePermil) };
    tracker.update(new Map([['a', reading]]), memory);
    return tracker.isActive('a');
  });
}

test.each<[string, readonly Step[], (boolean | undefined)[]]>([
  [
    'between mid and high the past decides, once there is one',
    [[1, 450], [1, 350], [1, 450], [1, 600], [1, 450], [1, 399]], // prettier-ignore
    [undefined, true, true, false, false, true],
  ],
  [
    'a kdamond that is off has no active schemes',
    [[undefined, 300], [1, 300], [undefined, 300]], // prettier-ignore
    [undefined, true, undefined],
  ],
  [
    'one that is seen to start begins with all of them, whatever was before',
    [[undefined, 450], [1, 450], [1, 600], [2, 450]], // prettier-ignore
    [undefined, true, false, true],
  ],
  [
    'marks that change make the past worthless',
    [[1, 600], [1, 450, { highPermil: 501 }], [1, 450, { highPermil: 501 }]], // prettier-ignore
    [false, undefined, undefined],
  ],
  [
    'a longer interval does not',
    [[1, 600], [1, 450, { intervalUs: 7n }]], // prettier-ignore
    [false, false],
  ],
])('%s', (_title, steps, expected) => {
  expect(follow(steps)).toEqual(expected);
});

test('a scheme that is gone is forgotten', () => {
  const tracker = createWatermarkTracker();
  const memory = { totalBytes: 1000n, freeBytes: 300n };
  tracker.update(new Map([['a', { kdamondPid: 1, watermarks: MARKS }]]), memory);
  tracker.update(new Map(), memory);
  expect(tracker.isActive('a')).toBeUndefined();
});
