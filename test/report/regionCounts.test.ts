import { expect, test } from 'vitest';
import { listRange } from '../../src/report/pythonRange.ts';
import {
  createRegionCountsBuilder,
  formatRegionCounts,
  formatRegionCountsCsv,
  formatRegionCountsJson,
} from '../../src/report/regionCounts.ts';
import type { RegionCountsText } from '../../src/report/regionCounts.ts';
import { makeSnapshot, makeStream } from '../support/recordedSnapshots.ts';
import type { RegionTuple } from '../support/recordedSnapshots.ts';

function count(excludeSamples: number): RegionCountsText {
  const builder = createRegionCountsBuilder(excludeSamples);
  const stream = makeStream();
  for (const nrRegions of [7, 5, 3, 4, 3]) {
    const regions = Array.from({ length: nrRegions }, (_, at): RegionTuple => [
      BigInt(at),
      BigInt(at + 1),
      0,
    ]);
    builder.add(makeSnapshot(stream, [0n, 1n], regions));
  }
  return { all: builder.finish(), labels: ['0'], percentiles: [0, 50, 100] };
}

test("nr_regions has damo's text: percentiles by count, the mean cut to a whole number", () => {
  expect(formatRegionCounts(count(1))).toBe(
    '# <percentile> <# regions>\n# target_id\t0\n# avr:\t3\n0\t3\n50\t4\n100\t5\n',
  );
});

test('nr_regions says so when nothing is left to count', () => {
  expect(formatRegionCounts(count(5))).toBe(
    '# <percentile> <# regions>\n# target_id\t0\n# no snapshot\n',
  );
});

test('nr_regions is also there as JSON and CSV', () => {
  expect(JSON.parse(formatRegionCountsJson(count(1)))).toEqual([
    {
      target_id: '0',
      samples: 4,
      mean_regions: 3.75,
      percentiles: [
        { percentile: 0, regions: 3 },
        { percentile: 50, regions: 4 },
        { percentile: 100, regions: 5 },
      ],
    },
  ]);
  expect(formatRegionCountsCsv(count(1))).toBe(
    'target_id,percentile,regions\n0,0,3\n0,50,4\n0,100,5\n',
  );
});

test.each([
  [
    [0, 101, 25],
    [0, 25, 50, 75, 100],
  ],
  [
    [0, 100, 40],
    [0, 40, 80],
  ],
  [
    [100, -1, -50],
    [100, 50, 0],
  ],
  [[5, 5, 1], []],
])('a range is what Python makes of it: %j', ([start, stop, step], expected) => {
  expect(listRange(start!, stop!, step!)).toEqual(expected);
});

test.each([
  [0, 101, 0],
  [0, 10, 0.5],
  [0, NaN, 1],
  [0, 1e12, 1],
])('a range of %d %d %d is refused', (start, stop, step) => {
  expect(() => listRange(start, stop, step)).toThrow(RangeError);
});
