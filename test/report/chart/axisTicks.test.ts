import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  computeAddressTicks,
  computeByteTicks,
  computeNumberTicks,
  computeTimeTicks,
} from '../../../src/report/chart/axisTicks.ts';
import type { AxisTicks } from '../../../src/report/chart/axisTicks.ts';

function read({ positions, unit, formatTick }: AxisTicks): string {
  return `${positions.map((at) => formatTick(at)).join(' ')} ${unit}`.trim();
}

test.each([
  { start: 0, end: 56, nrWanted: 8, reads: '0 10 20 30 40 50 s' },
  { start: 0, end: 100, nrWanted: 8, reads: '0 15 30 45 60 75 90 s' },
  { start: 0, end: 600, nrWanted: 6, reads: '0 2 4 6 8 10 min' },
  { start: 0, end: 7000, nrWanted: 8, reads: '0 15 30 45 60 75 90 105 min' },
  { start: 0, end: 86_400, nrWanted: 6, reads: '0 4 8 12 16 20 24 h' },
  { start: 0, end: 30 * 86_400, nrWanted: 6, reads: '0 5 10 15 20 25 30 d' },
  { start: 0, end: 0.8, nrWanted: 5, reads: '0 200 400 600 800 ms' },
  { start: 100, end: 100.001, nrWanted: 3, reads: '100,000.0 100,000.5 100,001.0 ms' },
  { start: 0.000_04, end: 98.3, nrWanted: 8, reads: '0 15 30 45 60 75 90 s' },
  { start: 0.2, end: 98.3, nrWanted: 8, reads: '15 30 45 60 75 90 s' },
  { start: -1.5, end: 1, nrWanted: 5, reads: '-1,500 -1,000 -500 0 500 1,000 ms' },
])('times from $start s to $end s are marked $reads', ({ start, end, nrWanted, reads }) => {
  expect(read(computeTimeTicks({ start, end, nrWanted }))).toBe(reads);
});

test.each([
  { end: 206_409_728, nrWanted: 8, reads: '0 32 64 96 128 160 192 MiB' },
  { end: 3 * 2 ** 30, nrWanted: 6, reads: '0 0.5 1 1.5 2 2.5 3 GiB' },
  { end: 384 * 2 ** 20 - 184, nrWanted: 6, reads: '0 64 128 192 256 320 384 MiB' },
  { end: 8192, nrWanted: 4, reads: '0 2 4 6 8 KiB' },
  { end: 1, nrWanted: 8, reads: '0 1 B' },
  { end: 2 ** 64, nrWanted: 4, reads: '0 4 8 12 16 EiB' },
])('$end bytes are marked $reads', ({ end, nrWanted, reads }) => {
  expect(read(computeByteTicks({ start: 0, end, nrWanted }))).toBe(reads);
});

test('addresses are marked at round absolute addresses, of which 64 bits survive', () => {
  expect(read(computeAddressTicks(0xffff_ffff_8123_4567n, 0x40_0000, 4))).toBe(
    '0xffffffff81300000 0xffffffff81400000 0xffffffff81500000 0xffffffff81600000',
  );
});

test.each([
  { end: 200, reads: '0 50 100 150 200' },
  { end: 0.07, reads: '0.00 0.02 0.04 0.06' },
  { end: 123_456, reads: '0 50,000 100,000' },
])('numbers to $end are marked $reads', ({ end, reads }) => {
  expect(read(computeNumberTicks({ start: 0, end, nrWanted: 4 }))).toBe(reads);
});

const spans = fc
  .tuple(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.double({ min: -6, max: 7, noNaN: true }),
  )
  .map(([start, power]) => ({ start, end: start + 10 ** power }));

test.each([
  ['times', computeTimeTicks],
  ['numbers', computeNumberTicks],
])('marks of %s stay inside, in order, apart, and about as many as wanted', (_, compute) => {
  fc.assert(
    fc.property(spans, fc.integer({ min: 2, max: 20 }), ({ start, end }, nrWanted) => {
      const { positions, formatTick } = compute({ start, end, nrWanted });
      expect(positions.length).toBeLessThanOrEqual(nrWanted + 1);
      expect(positions.every((at) => at >= start && at <= end)).toBe(true);
      expect(positions.every((at, index) => index === 0 || at > positions[index - 1]!)).toBe(true);
      const labels = positions.map((at) => formatTick(at));
      expect(new Set(labels).size).toBe(labels.length);
    }),
  );
});
