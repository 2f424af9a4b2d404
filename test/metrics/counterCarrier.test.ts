import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCounterCarrier } from '../../src/metrics/counterCarrier.ts';
import type { CounterReading } from '../../src/metrics/counterCarrier.ts';

const TOP = 1n << 64n;

type Step = readonly [pid: number | undefined, regions: bigint, bytes: bigint];
type Totals = readonly [regions: bigint, bytes: bigint];

function carry(steps: readonly Step[]): Totals[] {
  const carrier = createCounterCarrier();
  return steps.map(([generation, regions, bytes]) => {
    carrier.update(new Map([['s', { generation, values: { regions, bytes } }]]));
    const totals = carrier.totals('s')!;
    return [totals.get('regions')!, totals.get('bytes')!] as const;
  });
}

describe('totals of one group', () => {
  test.each<[string, Step[], Totals[]]>([
    ['begin with what the kernel says', [[1, 3n, 900n]], [[3n, 900n]]],
    [
      'follow growth',
      [
        [1, 3n, 900n],
        [1, 5n, 950n],
      ],
      [
        [3n, 900n],
        [5n, 950n],
      ],
    ],
    [
      'go on across 2^64 in one counter while another grows, twice',
      [
        [1, 3n, TOP - 10n],
        [1, 4n, 6n],
        [1, 5n, TOP - 1n],
        [1, 6n, 1n],
      ],
      [
        [3n, TOP - 10n],
        [4n, TOP + 6n],
        [5n, 2n * TOP - 1n],
        [6n, 2n * TOP + 1n],
      ],
    ],
    [
      'add what a scheme made anew has counted',
      [
        [1, 100n, 5000n],
        [1, 2n, 40n],
        [1, 3n, 60n],
      ],
      [
        [100n, 5000n],
        [102n, 5040n],
        [103n, 5060n],
      ],
    ],
    [
      'add it in whole although bytes fell as in a wrap, since regions fell too',
      [
        [1, 100n, TOP - 10n],
        [1, 2n, 40n],
      ],
      [
        [100n, TOP - 10n],
        [102n, TOP + 30n],
      ],
    ],
    [
      'stay while a new directory shows zeros, and go on when the running scheme is read again',
      [
        [1, 100n, 5000n],
        [1, 0n, 0n],
        [1, 110n, 5500n],
      ],
      [
        [100n, 5000n],
        [100n, 5000n],
        [110n, 5500n],
      ],
    ],
    [
      'stay while a new thread shows the numbers of the old one, then count its own in whole',
      [
        [1, 100n, 5000n],
        [2, 100n, 5000n],
        [2, 120n, 6000n],
        [2, 121n, 6100n],
      ],
      [
        [100n, 5000n],
        [100n, 5000n],
        [220n, 11_000n],
        [221n, 11_100n],
      ],
    ],
    [
      'go on while the thread is off and its pid unknown',
      [
        [1, 100n, 5000n],
        [undefined, 100n, 5000n],
        [1, 101n, 5100n],
      ],
      [
        [100n, 5000n],
        [100n, 5000n],
        [101n, 5100n],
      ],
    ],
  ])('%s', (_title, steps, totals) => {
    expect(carry(steps)).toEqual(totals);
  });

  test('never go back, whatever the kernel shows', () => {
    const counter = fc.bigInt({ min: 0n, max: TOP - 1n });
    const step = fc.tuple(fc.constantFrom(undefined, 1, 2), counter, counter);
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 20 }), (steps) => {
        const totals = carry(steps);
        totals.slice(1).forEach(([regions, bytes], index) => {
          const [earlierRegions, earlierBytes] = totals[index]!;
          expect(regions >= earlierRegions && bytes >= earlierBytes).toBe(true);
        });
      }),
    );
  });
});

describe('groups', () => {
  const reading = (count: bigint): CounterReading => ({ generation: 1, values: { count } });

  test('one that is missing has no totals, and goes on when it is back', () => {
    const carrier = createCounterCarrier();
    carrier.update(new Map([['s', reading(10n)]]));
    carrier.update(new Map());
    expect(carrier.totals('s')).toBeUndefined();
    carrier.update(new Map([['s', reading(15n)]]));
    expect(carrier.totals('s')?.get('count')).toBe(15n);
  });

  test('counters this kernel does not have get no total', () => {
    const carrier = createCounterCarrier();
    carrier.update(new Map([['s', { generation: 1, values: { a: 1n, b: undefined } }]]));
    expect([...carrier.totals('s')!.keys()]).toEqual(['a']);
  });

  test('those gone are forgotten beyond the limit, those present never', () => {
    const carrier = createCounterCarrier(2);
    carrier.update(new Map([['a', reading(10n)]]));
    carrier.update(new Map(['b', 'c', 'd'].map((key) => [key, reading(1n)])));
    expect(['b', 'c', 'd'].map((key) => carrier.totals(key)?.get('count'))).toEqual([1n, 1n, 1n]);
    carrier.update(new Map([['a', reading(3n)]]));
    expect(carrier.totals('a')?.get('count')).toBe(3n);
  });
});
