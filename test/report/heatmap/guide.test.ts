import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGuideBuilder, findBiggestRegion } from '../../../src/report/heatmap/guide.ts';
import type { StreamGuide } from '../../../src/report/heatmap/guide.ts';
import { formatGuides, formatGuidesJson } from '../../../src/report/heatmap/guideText.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import { lend, makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';
import type { RegionTuple } from '../../support/recordedSnapshots.ts';

function build(snapshots: readonly RecordedSnapshot[]): StreamGuide[] {
  const builder = createGuideBuilder();
  for (const snapshot of lend(snapshots)) builder.add(snapshot);
  return builder.finish();
}

describe('the guide', () => {
  test("is damo's example for the record behind it", () => {
    const stream = makeStream({ targetId: '18446623438842320000' });
    const half = 140_271_600_000_000n;
    const snapshots = [
      makeSnapshot(
        stream,
        [539_914_032_967n, 540_014_032_967n],
        [
          [94_827_419_009_024n, 94_827_452_162_048n, 1],
          [140_271_510_761_472n, half, 0],
          [140_734_916_239_360n, 140_734_916_927_488n, 0],
        ],
      ),
      makeSnapshot(
        stream,
        [540_014_032_967n, 596_606_618_651n],
        [
          [94_827_419_009_024n, 94_827_452_162_048n, 1],
          [half, 140_271_717_171_200n, 0],
          [140_734_916_239_360n, 140_734_916_927_488n, 0],
        ],
      ),
    ];
    expect(formatGuides(build(snapshots))).toBe(
      'target_id:18446623438842320000\n' +
        'time: 539914032967-596606618651 (56.693 s)\n' +
        'region\t 0: 00000094827419009024-00000094827452162048 (31.617 MiB)\n' +
        'region\t 1: 00000140271510761472-00000140271717171200 (196.848 MiB)\n' +
        'region\t 2: 00000140734916239360-00000140734916927488 (672.000 KiB)\n',
    );
  });

  test('begins with the target that has the most memory', () => {
    const [small, large] = [makeStream({ targetId: '0' }), makeStream({ targetId: '1' })];
    const guides = build([
      makeSnapshot(small, [0n, 1n], [[0n, 4096n, 0]]),
      makeSnapshot(large, [5n, 6n], [[0n, 8192n, 0]]),
    ]);
    expect(guides.map(({ stream, nth }) => [stream.targetId, nth])).toEqual([
      ['1', 1],
      ['0', 0],
    ]);
  });

  test('tells targets of one id apart', () => {
    const streams = ['0', '1'].map((kdamond) => makeStream({ kdamond, contextIndex: 0 }));
    const text = formatGuides(
      build(streams.map((stream) => makeSnapshot(stream, [0n, 1n], [[0n, 4096n, 0]]))),
    );
    expect(text.match(/.*_id.*/g)).toEqual([
      'kdamond_idx:0',
      'context_idx:0',
      'target_id:0',
      'kdamond_idx:1',
      'context_idx:0',
      'target_id:0',
    ]);
  });

  test('as JSON has decimal text for 64-bit values', () => {
    const stream = makeStream({ targetId: '18446623438842320000', targetName: 'redis' });
    const [guide] = JSON.parse(
      formatGuidesJson(build([makeSnapshot(stream, [1n, 2n ** 63n], [[1n, 2n ** 64n - 1n, 0]])])),
    ) as unknown[];
    expect(guide).toMatchObject({
      target_id: '18446623438842320000',
      target_name: 'redis',
      time: { start_ns: '1', end_ns: '9223372036854775808' },
      regions: [{ start: '1', end: '18446744073709551615' }],
    });
  });

  test('leaves regions out that are empty or the wrong way round', () => {
    const [guide] = build([
      makeSnapshot(
        makeStream(),
        [0n, 1n],
        [
          [4096n, 4096n, 0],
          [12_288n, 8192n, 0],
          [16_384n, 20_480n, 0],
        ],
      ),
    ]);
    expect(guide?.regions).toEqual([{ startAddr: 16_384n, endAddr: 20_480n }]);
  });

  test('shows nothing for a target without regions', () => {
    const [guide] = build([makeSnapshot(makeStream(), [0n, 1n], [])]);
    expect(guide && findBiggestRegion(guide)).toBeUndefined();
  });

  test('is the union of all that was monitored', () => {
    const bounds = (max: number, maxLength: number): fc.Arbitrary<number[]> =>
      fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 2, maxLength });
    // Few bounds, so that a run comes again, and whether it is told that it is one.
    const pages = fc.array(fc.tuple(fc.oneof(bounds(60, 12), bounds(5, 2)), fc.boolean()), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(pages, (shape) => {
        const stream = makeStream();
        const monitored = new Set<number>();
        const snapshots = shape.map(([unsorted, isTold]) => {
          const sorted = unsorted.toSorted((a, b) => a - b);
          const tuples: RegionTuple[] = [];
          const runStarts: number[] = [];
          for (let index = 0; index + 1 < sorted.length; index += 2) {
            const [start, end] = [sorted[index]!, sorted[index + 1]!];
            // Two regions that touch, where there is room.
            const middle = start + 1;
            if (index > 0) runStarts.push(tuples.length);
            tuples.push([BigInt(start), BigInt(middle), 0]);
            if (middle < end) tuples.push([BigInt(middle), BigInt(end), 0]);
            for (let page = start; page < end; page++) monitored.add(page);
          }
          const snapshot = makeSnapshot(stream, [0n, 1n], tuples);
          return isTold ? { ...snapshot, regions: { ...snapshot.regions, runStarts } } : snapshot;
        });
        const [guide] = build(snapshots);
        const covered = guide!.regions.flatMap(({ startAddr, endAddr }) =>
          Array.from({ length: Number(endAddr - startAddr) }, (_, at) => Number(startAddr) + at),
        );
        expect(covered).toEqual([...monitored].sort((a, b) => a - b));
        expect(guide!.totalBytes).toBe(BigInt(monitored.size));
        const touching = guide!.regions.some(
          ({ startAddr }, index) => guide!.regions[index - 1]?.endAddr === startAddr,
        );
        expect(touching).toBe(false);
      }),
    );
  });
});
