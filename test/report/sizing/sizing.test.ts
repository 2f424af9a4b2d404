import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selectPercentiles } from '../../../src/base/percentiles.ts';
import type { RecordedSnapshot, RecordedStream } from '../../../src/record/recording.ts';
import { computeSizing } from '../../../src/report/sizing/sizing.ts';
import type { SizingAdvice } from '../../../src/report/sizing/sizing.ts';
import { listSizingNotes } from '../../../src/report/sizing/sizingNotes.ts';
import { createSizingBuilder } from '../../../src/report/sizing/sizingSeries.ts';
import type { SizingOptions } from '../../../src/report/sizing/sizingSeries.ts';
import {
  formatSizing,
  formatSizingCsv,
  formatSizingJson,
} from '../../../src/report/sizing/sizingText.ts';
import { createWssBuilder } from '../../../src/report/wss/wssSeries.ts';
import { lend, makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';
import type { RegionTuple } from '../../support/recordedSnapshots.ts';

const MIB = 2 ** 20;
const MS = 1_000_000n;
const SECOND_US = 1e6;

/** The snapshot that ends the aggregation of this number; aggregations are of 100 ms. */
function span(nth: number): [bigint, bigint] {
  return [BigInt(nth) * 100n * MS, BigInt(nth + 1) * 100n * MS];
}

/** So much accessed, and above it so much not accessed for so many aggregations. */
function observe(
  stream: RecordedStream,
  nth: number,
  [hotMib, coldMib, coldAge]: readonly [number, number, (number | undefined)?],
): RecordedSnapshot {
  const hotEnd = BigInt(hotMib * MIB);
  const coldEnd = hotEnd + BigInt(coldMib * MIB);
  const regions: RegionTuple[] =
    coldAge === undefined
      ? [
          [0n, hotEnd, 3],
          [hotEnd, coldEnd, 0],
        ]
      : [
          [0n, hotEnd, 3, 0],
          [hotEnd, coldEnd, 0, coldAge],
        ];
  return makeSnapshot(stream, span(nth), regions);
}

function advise(
  snapshots: readonly RecordedSnapshot[],
  { headroom = 0, ...options }: Partial<SizingOptions & { headroom: number }> = {},
): SizingAdvice[] {
  const idleUs = [SECOND_US, 3 * SECOND_US, 10 * SECOND_US];
  const builder = createSizingBuilder({
    excludeSamples: 0,
    accessThreshold: 1,
    idleUs,
    ...options,
  });
  for (const snapshot of lend(snapshots)) builder.add(snapshot);
  return computeSizing(builder.finish(), headroom);
}

describe('memory needed', () => {
  test('is what was enough in so many percent of the snapshots, and headroom', () => {
    const stream = makeStream();
    // 1 to 100 MiB, each once, in no order: 37 and 101 have no common divisor.
    const snapshots = Array.from({ length: 100 }, (_, nth) =>
      observe(stream, nth, [((nth + 1) * 37) % 101, 1]),
    );
    expect(advise(snapshots, { headroom: 0.2 })[0]?.needed).toEqual([
      { percentile: 50, wssBytes: 51 * MIB, bytes: Math.ceil(61.2 * MIB) },
      { percentile: 95, wssBytes: 96 * MIB, bytes: Math.ceil(115.2 * MIB) },
      { percentile: 99, wssBytes: 100 * MIB, bytes: 120 * MIB },
      { percentile: 100, wssBytes: 100 * MIB, bytes: 120 * MIB },
    ]);
  });

  test('leaves out the first snapshots and regions with too few accesses', () => {
    const stream = makeStream();
    const snapshots = [
      observe(stream, 0, [500, 1]),
      makeSnapshot(stream, span(1), [
        [0n, BigInt(8 * MIB), 5],
        [BigInt(8 * MIB), BigInt(10 * MIB), 2],
      ]),
    ];
    const [advice] = advise(snapshots, { excludeSamples: 1, accessThreshold: 3 });
    expect(advice?.needed.map(({ wssBytes }) => wssBytes)).toEqual(
      [8, 8, 8, 8].map((mib) => mib * MIB),
    );
    expect(advice?.evidence).toMatchObject({ nrSnapshots: 1, meanWssRegions: 1, maxRegions: 2 });
  });

  test('has the percentiles of report wss', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sizes, (mibs) => {
        const stream = makeStream();
        const snapshots = mibs.map((mib, nth) => observe(stream, nth, [mib, 1]));
        const wss = createWssBuilder({
          excludeSamples: 0,
          accessThreshold: 1,
          sizeThreshold: 1n,
          workTimeNs: 1000n,
        });
        for (const snapshot of snapshots) wss.add(snapshot);
        const sorted = wss.finish().series[0]!.bytes.toSorted();
        expect(advise(snapshots)[0]?.needed.map(({ wssBytes }) => wssBytes)).toEqual(
          selectPercentiles(sorted, [50, 95, 99, 100]).map(({ value }) => value),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('reclaimable memory', () => {
  /** 6 MiB that are accessed at first, once in aggregation 20, and not in between. */
  function makeRecord(): RecordedSnapshot[] {
    const stream = makeStream();
    return Array.from({ length: 40 }, (_, nth) => {
      if (nth === 20) return observe(stream, nth, [10, 1, 0]);
      return observe(stream, nth, [4, 6, nth < 20 ? nth + 1 : nth - 20]);
    });
  }

  test('is what was cold in 95 % of the snapshots that could tell, and in half of them', () => {
    // Told from aggregation 9 on, 1 s after the start: 6 MiB in 9 to 19 and 30 to 39, else nothing:
    // 10 times nothing, 21 times 6 MiB. The 3 s of aggregation 29 were never reached.
    expect(advise(makeRecord())[0]?.reclaimable).toEqual([
      { idleUs: SECOND_US, usualBytes: 0, medianBytes: 6 * MIB },
      { idleUs: 3 * SECOND_US, usualBytes: 0, medianBytes: 0 },
      { idleUs: 10 * SECOND_US, usualBytes: undefined, medianBytes: undefined },
    ]);
    expect(advise(makeRecord().slice(0, 20))[0]?.reclaimable[0]).toEqual({
      idleUs: SECOND_US,
      usualBytes: 6 * MIB,
      medianBytes: 6 * MIB,
    });
  });

  test('is known at once where DAMON had watched before the record', () => {
    const stream = makeStream();
    const snapshots = [0, 1].map((nth) => observe(stream, nth, [4, 6, 100 + nth]));
    expect(advise(snapshots)[0]?.reclaimable.map(({ usualBytes }) => usualBytes)).toEqual(
      [6, 6, 6].map((mib) => mib * MIB),
    );
  });

  test.each([
    ['ages', makeStream(), undefined],
    ['intervals', makeStream({ intervals: undefined }), 100],
  ])('is not told where the record has no %s, and that is said', (_, stream, age) => {
    const [advice] = advise([observe(stream, 0, [4, 6, age])]);
    expect(advice?.reclaimable).toEqual([]);
    expect(listSizingNotes(advice!)).toContain(
      'The record does not tell how long memory has been idle (no ages or no intervals).',
    );
  });
});

describe('several targets', () => {
  const first = makeStream({ kdamond: '0', contextIndex: 0, targetName: 'db' });
  const second = makeStream({ kdamond: '0', contextIndex: 0, targetId: '1' });
  const physical = makeStream({ kdamond: '1', contextIndex: 0 });

  test('of one context are also added up, moment by moment', () => {
    // 10 and 30 MiB take turns: together they are 40 at any moment, never 60.
    const snapshots = Array.from({ length: 10 }, (_, nth) => nth).flatMap((nth) => [
      observe(first, nth, [nth % 2 === 0 ? 10 : 30, 6, 200]),
      observe(second, nth, [nth % 2 === 0 ? 30 : 10, 7, 200]),
      observe(physical, nth, [100, 5, 200]),
    ]);
    const all = advise(snapshots);
    expect(all.map(({ label }) => label)).toEqual([
      'target 0 (kdamond 0, context 0): db',
      'target 1',
      'target 0 (kdamond 1, context 0)',
      'all 2 targets together (kdamond 0, context 0)',
    ]);
    expect(all[3]?.needed.map(({ wssBytes }) => wssBytes)).toEqual(
      [40, 40, 40, 40].map((mib) => mib * MIB),
    );
    expect(all[3]?.reclaimable[2]).toMatchObject({ usualBytes: 13 * MIB, medianBytes: 13 * MIB });
  });

  test('of which one came later are cold together from where both are known', () => {
    const snapshots = Array.from({ length: 40 }, (_, nth) => nth).flatMap((nth) => [
      observe(first, nth, [1, 6, 200]),
      ...(nth < 20 ? [] : [observe(second, nth, [1, 7, nth - 19])]),
    ]);
    // The second is told from aggregation 29 on.
    expect(advise(snapshots)[2]?.reclaimable[0]).toEqual({
      idleUs: SECOND_US,
      usualBytes: 13 * MIB,
      medianBytes: 13 * MIB,
    });
    expect(advise(snapshots)[2]?.reclaimable[1]?.usualBytes).toBeUndefined();
  });

  test('of which one has no region get advice on the others', () => {
    const snapshots = [observe(first, 0, [5, 1]), makeSnapshot(second, span(0), [])];
    expect(advise(snapshots).map(({ label }) => label)).toEqual(['target 0: db']);
  });

  test('that were seen too shortly get no advice', () => {
    const [advice, other] = advise(
      [observe(first, 0, [1, 1]), observe(second, 0, [1, 1]), observe(second, 1, [2, 1])],
      { excludeSamples: 1 },
    );
    expect(advice).toMatchObject({ needed: [], evidence: undefined });
    expect(other?.needed[0]?.wssBytes).toBe(2 * MIB);
    expect(formatSizing({ all: [advice!], headroom: 0 }, false)).toContain('\nno snapshot\n');
  });
});

describe('what weakens an advice is said:', () => {
  const notesOf = (snapshots: readonly RecordedSnapshot[]): string =>
    listSizingNotes(advise(snapshots, { idleUs: [SECOND_US] })[0]!).join('\n');

  const steady = Array.from({ length: 100 }, (_, nth) =>
    makeSnapshot(
      makeStream(),
      span(nth),
      Array.from(
        { length: 20 },
        (_unused, at) => [BigInt(at), BigInt(at + 1), at % 2, 50] as const,
      ),
    ),
  );
  const onlyStream = steady[0]!.stream;
  const sound = steady.map((snapshot) => ({ ...snapshot, stream: onlyStream }));

  test('nothing of a long and fine record', () => {
    expect(notesOf(sound)).toBe('');
  });

  test.each([
    ['few snapshots', sound.slice(0, 99), '99 snapshots are few: p99 is their largest'],
    ['gaps', [...sound.slice(0, 50), { ...sound[99]!, ...ofSecond(20) }], 'cover 25 % of the span'],
    [
      'few regions',
      sound.map((snapshot) => ({ ...snapshot, regions: { ...snapshot.regions, count: 11 } })),
      'The working set lies in 5.0 regions on average',
    ],
    [
      'ages out of sight',
      sound.slice(0, 2).map((snapshot) => withoutAges(snapshot)),
      'Idle for 1s: not known, DAMON had not watched for so long.',
    ],
  ])('%s', (_, snapshots, note) => {
    expect(notesOf(snapshots)).toContain(note);
  });

  function ofSecond(second: number): Pick<RecordedSnapshot, 'startNs' | 'endNs'> {
    const endNs = BigInt(second) * 1000n * MS;
    return { startNs: endNs - 100n * MS, endNs };
  }

  function withoutAges(snapshot: RecordedSnapshot): RecordedSnapshot {
    const ageIntervals = new Uint32Array(snapshot.regions.count);
    return { ...snapshot, regions: { ...snapshot.regions, ageIntervals } };
  }
});

describe('the text, JSON and CSV', () => {
  const first = makeStream({ kdamond: '0', contextIndex: 0, targetName: 'db, main' });
  const second = makeStream({ kdamond: '0', contextIndex: 0, targetId: '1' });
  const snapshots = Array.from({ length: 120 }, (_, nth) => nth).flatMap((nth) => [
    observe(first, nth, [100 + (nth % 20), 300, nth + 1]),
    observe(second, nth, [50 - (nth % 20), 20, nth + 1]),
  ]);
  const text = { all: advise(snapshots, { headroom: 0.125 }), headroom: 0.125 };

  test.each([
    ['sizing.txt', formatSizing(text, false)],
    ['sizing.raw.txt', formatSizing(text, true)],
    ['sizing.json', formatSizingJson(text)],
    ['sizing.csv', formatSizingCsv(text)],
  ])('%s is as it was', async (name, content) => {
    await expect(content).toMatchFileSnapshot(`../../golden/report/${name}`);
  });
});
