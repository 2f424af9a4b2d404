import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHeatAccumulator } from '../../../src/report/heatmap/heatAccumulator.ts';
import { fitGrid } from '../../../src/report/heatmap/heatGrid.ts';
import type { HeatGrid } from '../../../src/report/heatmap/heatGrid.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import { lend, makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';
import type { RegionTuple } from '../../support/recordedSnapshots.ts';

const MS = 1_000_000n;

function makeGrid(times: [bigint, bigint, number], addresses: [bigint, bigint, number]): HeatGrid {
  return fitGrid(
    { startNs: times[0], endNs: times[1] },
    { startAddr: addresses[0], endAddr: addresses[1] },
    { nrTimes: times[2], nrAddresses: addresses[2] },
  );
}

function accumulate(grid: HeatGrid, snapshots: readonly RecordedSnapshot[]): Float64Array {
  const accumulator = createHeatAccumulator(grid);
  for (const snapshot of lend(snapshots)) accumulator.add(snapshot);
  return accumulator.finish().values;
}

/** Adjacent snapshots of adjacent regions in pages. */
const records = fc.array(
  fc.record({
    durationMs: fc.integer({ min: 1, max: 300 }),
    isMissing: fc.boolean(),
    regions: fc.array(
      fc.record({
        gap: fc.integer({ min: 0, max: 2 }),
        pages: fc.integer({ min: 1, max: 9 }),
        nrAccesses: fc.integer({ min: 0, max: 20 }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  }),
  { minLength: 1, maxLength: 8 },
);

function buildRecord(
  shape: (typeof records extends fc.Arbitrary<infer T> ? T : never)[number][],
): RecordedSnapshot[] {
  const stream = makeStream();
  let now = 0n;
  return shape.flatMap(({ durationMs, isMissing, regions }) => {
    const startNs = now;
    now += BigInt(durationMs) * MS;
    let addr = 0n;
    const tuples = regions.map(({ gap, pages, nrAccesses }): RegionTuple => {
      const start = addr + BigInt(gap) * 4096n;
      addr = start + BigInt(pages) * 4096n;
      return [start, addr, nrAccesses];
    });
    return isMissing ? [] : [makeSnapshot(stream, [startNs, now], tuples)];
  });
}

const grids = fc
  .tuple(
    fc.integer({ min: 0, max: 500 }),
    fc.integer({ min: 1, max: 1500 }),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([start, length, page, pages, nrTimes, nrAddresses]) =>
    makeGrid(
      [BigInt(start) * MS, BigInt(start + length) * MS, nrTimes],
      [BigInt(page) * 4096n, BigInt(page + pages) * 4096n, nrAddresses],
    ),
  );

function expectSameHeat(a: Float64Array, b: Float64Array): void {
  expect(a).toHaveLength(b.length);
  for (const [index, value] of a.entries()) {
    if (Number.isNaN(value)) expect(b[index]).toBeNaN();
    else expect(b[index]).toBeCloseTo(value, 9);
  }
}

function overlap(start: bigint, end: bigint, from: bigint, to: bigint): bigint {
  const length = (end < to ? end : to) - (start > from ? start : from);
  return length > 0n ? length : 0n;
}

/** Every region of every snapshot by itself, for every cell, in whole numbers. */
function computeCell(
  { timeRange, addressRange, nrTimes, nrAddresses }: HeatGrid,
  snapshots: readonly RecordedSnapshot[],
  [row, column]: readonly [bigint, bigint],
): number {
  const cellNs = (timeRange.endNs - timeRange.startNs) / BigInt(nrTimes);
  const cellBytes = (addressRange.endAddr - addressRange.startAddr) / BigInt(nrAddresses);
  const fromNs = timeRange.startNs + row * cellNs;
  const from = addressRange.startAddr + column * cellBytes;
  let seen = 0n;
  let observed = 0n;
  for (const { startNs, endNs, regions } of snapshots) {
    const ns = overlap(startNs, endNs, fromNs, fromNs + cellNs);
    for (let index = 0; index < regions.count; index++) {
      const [start, end] = [regions.startAddr[index]!, regions.endAddr[index]!];
      const area = overlap(start, end, from, from + cellBytes) * ns;
      observed += area;
      seen += area * BigInt(regions.nrAccesses[index]!);
    }
  }
  // Ten aggregations a second.
  return observed === 0n ? NaN : (10 * Number(seen)) / Number(observed);
}

/** Cuts every region in two at its middle page, if it has one. */
function splitRegions(snapshot: RecordedSnapshot): RecordedSnapshot {
  const { count, startAddr, endAddr, nrAccesses } = snapshot.regions;
  const tuples = Array.from({ length: count }, (_, index): RegionTuple[] => {
    const [start, end] = [startAddr[index]!, endAddr[index]!];
    const middle = start + ((end - start) / 8192n) * 4096n;
    const samples = nrAccesses[index]!;
    return middle === start
      ? [[start, end, samples]]
      : [
          [start, middle, samples],
          [middle, end, samples],
        ];
  });
  return makeSnapshot(snapshot.stream, [snapshot.startNs, snapshot.endNs], tuples.flat());
}

function splitSnapshot(snapshot: RecordedSnapshot): RecordedSnapshot[] {
  const middle = snapshot.startNs + (snapshot.endNs - snapshot.startNs) / 3n;
  return [
    { ...snapshot, endNs: middle },
    { ...snapshot, startNs: middle },
  ];
}

describe('for any record and grid', () => {
  test('heat is the mean over all regions that share the cell, overlapping or not', () => {
    const anywhere = fc.record({
      startMs: fc.integer({ min: 0, max: 300 }),
      durationMs: fc.integer({ min: 1, max: 300 }),
      regions: fc.array(
        fc
          .tuple(fc.nat({ max: 60 * 4096 }), fc.integer({ min: 1, max: 30_000 }), fc.nat(20))
          .map(([start, length, samples]): RegionTuple => [
            BigInt(start),
            BigInt(start + length),
            samples,
          ]),
        { maxLength: 6 },
      ),
    });
    fc.assert(
      fc.property(fc.array(anywhere, { maxLength: 6 }), grids, (list, grid) => {
        const stream = makeStream();
        const snapshots = list.map(({ startMs, durationMs, regions }) =>
          makeSnapshot(stream, [BigInt(startMs) * MS, BigInt(startMs + durationMs) * MS], regions),
        );
        const naive = Float64Array.from({ length: grid.nrTimes * grid.nrAddresses }, (_, at) =>
          computeCell(grid, snapshots, [
            BigInt(Math.floor(at / grid.nrAddresses)),
            BigInt(at % grid.nrAddresses),
          ]),
        );
        if (list.length > 0) expectSameHeat(accumulate(grid, snapshots), naive);
      }),
      { numRuns: 300 },
    );
  });

  test('splitting snapshots and regions leaves the heat as it is', () => {
    fc.assert(
      fc.property(records, grids, (shape, grid) => {
        const snapshots = buildRecord(shape);
        const split = snapshots.flatMap((snapshot) => splitSnapshot(splitRegions(snapshot)));
        expectSameHeat(accumulate(grid, snapshots), accumulate(grid, split));
      }),
    );
  });

  test('heat never lies outside of what was recorded', () => {
    fc.assert(
      fc.property(records, grids, (shape, grid) => {
        for (const value of accumulate(grid, buildRecord(shape))) {
          if (Number.isNaN(value)) continue;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(200.000_000_001);
        }
      }),
    );
  });

  test('one observation in a covered range: cells times their area add up to the total', () => {
    fc.assert(
      fc.property(
        records,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (shape, nrTimes, nrAddresses) => {
          // Without gaps and missing snapshots, every cell is observed in full.
          const pages = 20n;
          const snapshots = buildRecord(shape.map((one) => ({ ...one, isMissing: false }))).map(
            (snapshot) => {
              const samples = snapshot.regions.nrAccesses[0]!;
              return makeSnapshot(
                snapshot.stream,
                [snapshot.startNs, snapshot.endNs],
                [
                  [0n, 7n * 4096n, samples],
                  [7n * 4096n, pages * 4096n, 20 - samples],
                ],
              );
            },
          );
          const endNs = snapshots.at(-1)!.endNs;
          const grid = makeGrid([0n, endNs, nrTimes], [0n, pages * 4096n, nrAddresses]);
          const { startAddr, endAddr } = grid.addressRange;
          const end = Number(grid.timeRange.endNs);
          const total = snapshots.reduce((sum, { startNs, endNs: until, regions }) => {
            const duration = Math.min(Number(until), end) - Number(startNs);
            const samples = regions.nrAccesses[0]!;
            const second = Number(endAddr) - 7 * 4096;
            const first = Math.min(Number(endAddr), 7 * 4096);
            return (
              sum +
              Math.max(duration, 0) * 10 * (samples * first + (20 - samples) * Math.max(second, 0))
            );
          }, 0);
          const cell = (end / grid.nrTimes) * (Number(endAddr - startAddr) / grid.nrAddresses);
          const sum = accumulate(grid, snapshots).reduce((all, value) => all + value * cell, 0);
          expect(sum / total || 1).toBeCloseTo(1, 9);
        },
      ),
    );
  });
});
