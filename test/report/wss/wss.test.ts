import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelStreams } from '../../../src/report/streams.ts';
import { sumSeries } from '../../../src/report/wss/sumSeries.ts';
import { computeWssDistribution } from '../../../src/report/wss/wssDistribution.ts';
import type { WssOrder } from '../../../src/report/wss/wssDistribution.ts';
import { createWssBuilder } from '../../../src/report/wss/wssSeries.ts';
import type { WssOptions } from '../../../src/report/wss/wssOptions.ts';
import type { WssRecord } from '../../../src/report/wss/wssSeries.ts';
import { formatWss, formatWssCsv, formatWssJson } from '../../../src/report/wss/wssText.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import { lend, makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';
import type { RegionTuple } from '../../support/recordedSnapshots.ts';

const MS = 1_000_000n;

function measure(
  snapshots: readonly RecordedSnapshot[],
  options: Partial<WssOptions> = {},
): WssRecord {
  const builder = createWssBuilder({
    excludeSamples: 0,
    accessThreshold: 1,
    sizeThreshold: 1n,
    workTimeNs: 1000n,
    ...options,
  });
  for (const snapshot of lend(snapshots)) builder.add(snapshot);
  return builder.finish();
}

function listSizes(record: WssRecord): number[][] {
  return record.series.map(({ bytes }) => [...bytes]);
}

function span(nth: number, durationMs = 100n): [bigint, bigint] {
  return [BigInt(nth) * durationMs * MS, BigInt(nth + 1) * durationMs * MS];
}

/** Page counts whose percentiles and mean are those of damo's usage document, in time's order. */
function listSeedPages(): number[] {
  const fill = (length: number, pages: number): number[] => Array.from({ length }, () => pages);
  const rest = [
    ...fill(10, 24_419),
    ...fill(9, 24_420),
    ...fill(9, 24_426),
    ...fill(3, 41_204),
    ...fill(3, 41_205),
    50_399,
  ];
  const fixed = new Map([
    [0, 0],
    [10, 24_427],
    [20, 48_836],
    [30, 24_420],
    [39, 24_421],
  ]);
  return Array.from({ length: 40 }, (_, index) => fixed.get(index) ?? rest.pop()!);
}

function makeSeedRecord(): RecordedSnapshot[] {
  const stream = makeStream({ targetId: '18446623438842320000' });
  const settling = Array.from({ length: 20 }, () => 60_000);
  return [...settling, ...listSeedPages()].map((pages, nth) => {
    const hot = BigInt(pages) * 4096n;
    const regions: RegionTuple[] = pages === 0 ? [] : [[0n, hot, 3]];
    return makeSnapshot(stream, span(nth), [...regions, [hot, 2n ** 40n, 0]]);
  });
}

function formatSeed(order: WssOrder): string {
  const { series } = measure(makeSeedRecord(), { excludeSamples: 20 });
  const how = { order, percentiles: [0, 25, 50, 75, 100] };
  const labels = labelStreams(series.map(({ stream }) => stream));
  const distributions = series.map(({ bytes }, index) =>
    computeWssDistribution(labels[index]!, bytes, how),
  );
  return formatWss(distributions, { isRaw: false, nrBarColumns: 59, isAll: false });
}

describe('the text', () => {
  test("is damo's example for the record behind it", () => {
    expect(formatSeed('size')).toBe(
      `# <percentile> <wss>
# target_id\t18446623438842320000
# avr:\t107.767 MiB
  0             0 B |                                                           |
 25      95.387 MiB |****************************                               |
 50      95.391 MiB |****************************                               |
 75      95.414 MiB |****************************                               |
100     196.871 MiB |***********************************************************|
`,
    );
  });

  test("in time's order is damo's other example for the same record", () => {
    expect(formatSeed('time')).toBe(
      `# <percentile> <wss>
# target_id\t18446623438842320000
# avr:\t107.767 MiB
  0             0 B |                                                           |
 25      95.418 MiB |*****************************                              |
 50     190.766 MiB |***********************************************************|
 75      95.391 MiB |*****************************                              |
100      95.395 MiB |*****************************                              |
`,
    );
  });

  const how = { order: 'size', percentiles: [0, 100] } as const;
  const distribution = computeWssDistribution('1', Float64Array.of(8192, 4096, 0), how);
  const empty = computeWssDistribution('2', new Float64Array(), how);

  test('has plain numbers, every size, and other widths where asked for', () => {
    const text = { isRaw: true, nrBarColumns: 4, isAll: false };
    expect(formatWss([distribution, empty], text)).toBe(
      '# <percentile> <wss>\n# target_id\t1\n# avr:\t4096\n' +
        '  0               0 |    |\n100            8192 |****|\n' +
        '# target_id\t2\n# no snapshot\n',
    );
    expect(formatWss([distribution], { ...text, isAll: true })).toBe(
      '# <percentile> <wss>\n# target_id\t1\n# avr:\t4096\n0 0\n1 4096\n2 8192\n',
    );
  });

  test('has a bar of nothing where nothing was accessed', () => {
    const idle = computeWssDistribution('1', Float64Array.of(0, 0), how);
    expect(formatWss([idle], { isRaw: false, nrBarColumns: 2, isAll: false })).toContain(
      '100             0 B |  |\n',
    );
  });

  test('is also there as JSON and CSV', () => {
    expect(JSON.parse(formatWssJson([distribution, empty], true))).toEqual([
      {
        target_id: '1',
        sorted_by: 'size',
        samples: 3,
        mean_bytes: 4096,
        percentiles: [
          { percentile: 0, wss_bytes: 0 },
          { percentile: 100, wss_bytes: 8192 },
        ],
        wss_bytes: [0, 4096, 8192],
      },
      {
        target_id: '2',
        sorted_by: 'size',
        samples: 0,
        mean_bytes: null,
        percentiles: [],
        wss_bytes: [],
      },
    ]);
    expect(formatWssCsv([distribution, empty], false)).toBe(
      'target_id,percentile,wss_bytes\n1,0,0\n1,100,8192\n',
    );
    expect(formatWssCsv([distribution], true)).toBe(
      'target_id,sample,wss_bytes\n1,0,0\n1,1,4096\n1,2,8192\n',
    );
  });
});

describe('measuring', () => {
  const regions: RegionTuple[] = [
    [0n, 4096n, 1],
    [4096n, 12_288n, 5],
    [12_288n, 16_384n, 0],
  ];

  test('counts bytes of regions with accesses and size enough', () => {
    const snapshots = [makeSnapshot(makeStream(), span(0), regions)];
    expect(listSizes(measure(snapshots))).toEqual([[12_288]]);
    expect(listSizes(measure(snapshots, { accessThreshold: 2 }))).toEqual([[8192]]);
    expect(listSizes(measure(snapshots, { accessThreshold: 0 }))).toEqual([[16_384]]);
    expect(listSizes(measure(snapshots, { sizeThreshold: 4097n }))).toEqual([[8192]]);
  });

  test('leaves out the first snapshots of each target', () => {
    const [a, b] = [makeStream({ targetId: '0' }), makeStream({ targetId: '1' })];
    const snapshots = [0, 1, 2].flatMap((nth) => [
      makeSnapshot(a, span(nth), [[0n, BigInt(nth), 1]]),
      makeSnapshot(b, span(nth), [[0n, BigInt(nth) * 2n, 1]]),
    ]);
    expect(listSizes(measure(snapshots, { excludeSamples: 1 }))).toEqual([
      [1, 2],
      [2, 4],
    ]);
  });

  test('keeps records of one target id apart', () => {
    const streams = ['0', '1'].map((kdamond) => makeStream({ kdamond }));
    const snapshots = streams.map((stream, nth) =>
      makeSnapshot(stream, span(0), [[0n, BigInt(nth + 1), 1]]),
    );
    expect(listSizes(measure(snapshots))).toEqual([[1], [2]]);
    expect(labelStreams(streams)).toEqual(['0 (kdamond 0)', '0 (kdamond 1)']);
    expect(labelStreams([makeStream(), makeStream()])).toEqual(['0 (record 1)', '0 (record 2)']);
  });

  test('over a work time adds accesses up by address, and drops an unfinished window', () => {
    const stream = makeStream();
    const snapshots = [
      makeSnapshot(stream, span(0), [
        [0n, 4n, 1],
        [4n, 8n, 0],
      ]),
      makeSnapshot(stream, span(1), [
        [0n, 2n, 1],
        [2n, 6n, 1],
        [6n, 8n, 0],
      ]),
      makeSnapshot(stream, span(2), [[0n, 8n, 9]]),
    ];
    const workTimeNs = 200n * MS;
    expect(listSizes(measure(snapshots, { workTimeNs }))).toEqual([[6]]);
    // Only the first four bytes were accessed twice.
    expect(listSizes(measure(snapshots, { workTimeNs, accessThreshold: 2 }))).toEqual([[4]]);
    expect(listSizes(measure(snapshots, { workTimeNs, sizeThreshold: 7n }))).toEqual([[0]]);
  });

  test('a work time in one snapshot changes nothing', () => {
    const snapshots = makeSeedRecord();
    const plain = measure(snapshots);
    expect(measure(snapshots, { workTimeNs: 100n * MS })).toEqual(plain);
  });

  test('over a work time agrees with counting byte by byte', () => {
    const shapes = fc.array(
      fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 5 }), fc.nat(3)), { maxLength: 6 }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(shapes, fc.nat(4), (shape, accessThreshold) => {
        const counts = new Map<bigint, number>();
        const snapshots = shape.map((regions, nth) => {
          let addr = 0n;
          const tuples = regions.map(([gap, size, nrAccesses]): RegionTuple => {
            const start = addr + BigInt(gap);
            addr = start + BigInt(size);
            for (let byte = start; byte < addr; byte++) {
              counts.set(byte, (counts.get(byte) ?? 0) + nrAccesses);
            }
            return [start, addr, nrAccesses];
          });
          return makeSnapshot(makeStream({ targetId: 'one' }), span(nth), tuples);
        });
        const stream = makeStream();
        const together = snapshots.map((snapshot) => ({ ...snapshot, stream }));
        const workTimeNs = BigInt(shape.length) * 100n * MS;
        const expected = [...counts.values()].filter((count) => count >= accessThreshold).length;
        expect(listSizes(measure(together, { workTimeNs, accessThreshold }))).toEqual([[expected]]);
      }),
    );
  });
});

describe('the sum of targets', () => {
  const [a, b] = [makeStream({ targetId: '0' }), makeStream({ targetId: '1' })];
  const sum = (snapshots: readonly RecordedSnapshot[]): number[] => [
    ...sumSeries(measure(snapshots).series),
  ];

  test('of two in opposite phase is constant', () => {
    const snapshots = Array.from({ length: 30 }, (_, nth) => [
      makeSnapshot(a, span(nth), [[0n, 100n, nth % 2]]),
      // Reported 5 us later, as by one kdamond.
      makeSnapshot(b, [span(nth)[0] + 5000n, span(nth)[1] + 5000n], [[0n, 100n, (nth + 1) % 2]]),
    ]).flat();
    expect(sum(snapshots)).toEqual(Array.from({ length: 30 }, () => 100));
  });

  test('counts a slower target in every moment of its window', () => {
    const fast = Array.from({ length: 4 }, (_, nth) =>
      makeSnapshot(a, span(nth), [[0n, BigInt(nth + 1), 1]]),
    );
    const slow = [
      makeSnapshot(b, [0n, 200n * MS], [[0n, 10n, 1]]),
      makeSnapshot(b, [200n * MS, 400n * MS], [[0n, 20n, 1]]),
    ];
    expect(sum([...fast, ...slow])).toEqual([11, 12, 23, 24]);
  });

  test('counts a target only while it is there', () => {
    const early = [0, 1].map((nth) => makeSnapshot(a, span(nth), [[0n, 1n, 1]]));
    const late = [2, 3].map((nth) => makeSnapshot(b, span(nth), [[0n, 10n, 1]]));
    expect(sum([...early, ...late])).toEqual([1, 1, 10, 10]);
  });

  test('of one target is the target itself', () => {
    const record = measure(makeSeedRecord());
    expect(sumSeries(record.series)).toEqual(record.series[0]!.bytes);
  });

  test('of none is nothing', () => {
    expect(sumSeries([])).toHaveLength(0);
  });
});
