import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDamoJsonReader } from '../../../src/record/damoJson/damoJsonReader.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import { createMemorySource } from '../../support/memorySource.ts';
import { describeSnapshot } from '../../support/records.ts';
import type { ReadRecord } from '../../support/records.ts';

const FIXTURES = 'test/fixtures/records/json';
const TARGET = '18446623440000000123';

async function readText(text: string, sizes?: readonly number[]): Promise<ReadRecord> {
  const reader = createDamoJsonReader('record', createMemorySource(text, sizes), 'json');
  const snapshots: RecordedSnapshot[] = [];
  for await (const batch of reader.readSnapshots()) snapshots.push(...batch);
  return { format: reader.format, snapshots, damages: reader.damages };
}

const readFixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');

const stats = {
  triedRegions: 12n,
  triedBytes: 3145728n,
  appliedRegions: 11n,
  appliedBytes: 2097152n,
  opsFilterPassedBytes: 1048576n,
  quotaExceeds: 1n,
  nrSnapshots: 0n,
  maxNrSnapshots: 0n,
};
const goal = {
  accessBp: 400,
  aggrs: 3,
  minSampleIntervalUs: 5000,
  maxSampleIntervalUs: 10_000_000,
};
const intervals = {
  sampleIntervalUs: 5000,
  aggrIntervalUs: 100_000,
  updateIntervalUs: 1_000_000,
  goal: undefined,
};
const total = { totalBytes: 335_872n };

describe('every version of damo', () => {
  test.each([
    ['1.8.2', undefined, {}],
    ['1.8.6', undefined, {}],
    ['1.8.9', intervals, {}],
    ['1.9.0', intervals, total],
    ['2.6.1', intervals, total],
    ['2.6.2', intervals, total],
    ['2.6.7', { ...intervals, goal }, total],
    ['2.7.1', { ...intervals, goal }, { ...total, schemeStats: stats }],
    ['2.8.8', { ...intervals, goal }, { ...total, schemeStats: stats, sampleIntervalUs: 5000 }],
    ['2.9.9', { ...intervals, goal }, { ...total, schemeStats: stats, sampleIntervalUs: 5000 }],
    [
      '3.0.6',
      { ...intervals, goal },
      {
        ...total,
        schemeStats: { ...stats, nrSnapshots: 40n, maxNrSnapshots: 100n },
        sampleIntervalUs: 5000,
      },
    ],
  ])('%s', async (version, expectedIntervals, expected) => {
    const { snapshots, damages } = await readText(readFixture(`${version}.json`));
    expect(damages).toEqual([]);
    expect(snapshots.map(describeSnapshot)).toEqual(
      [0n, 1n].map((index) => ({
        stream: {
          kdamond: undefined,
          contextIndex: undefined,
          schemeIndex: undefined,
          targetId: TARGET,
          targetName: undefined,
          intervals: expectedIntervals,
          schemeFilters: [],
          dataSource: undefined,
        },
        startNs: 539_914_032_967n + index * 100_000_000n,
        endNs: 540_014_032_967n + index * 100_000_000n,
        sampleIntervalUs: undefined,
        totalBytes: undefined,
        schemeStats: undefined,
        ...expected,
        regions: [
          [94352146976768n, 94352147238912n, 3, 1234, undefined],
          [140737488281600n, 140737488355328n, 0, 7, undefined],
        ],
      })),
    );
    expect(snapshots[0]!.stream).toBe(snapshots[1]!.stream);
  });

  test('3.2.3 brings a column per probe', async () => {
    const { snapshots } = await readText(readFixture('3.2.3.json'));
    expect(snapshots[1]!.regions.probeHits).toEqual([Uint8Array.of(14, 14), Uint8Array.of(0, 0)]);
  });

  test('every fixture has a test', () => {
    expect(readdirSync(FIXTURES)).toHaveLength(13);
  });
});

describe('records of `record --snapshot`', () => {
  test('records that continue each other are one stream', async () => {
    const { snapshots } = await readText(readFixture('3.2.3-snapshots.json'));
    const streams = [...new Set(snapshots.map(({ stream }) => stream))];
    expect(streams.map(({ kdamond, schemeIndex }) => [kdamond, schemeIndex])).toEqual([
      ['0', 0],
      ['0', 1],
    ]);
    expect(snapshots.filter(({ stream }) => stream === streams[0])).toHaveLength(3);
  });

  test('filters and what passed them are kept', async () => {
    const { snapshots } = await readText(readFixture('3.2.3-snapshots.json'));
    expect(snapshots[0]!.regions.filterPassedBytes).toEqual(BigUint64Array.of(0n));
    expect(snapshots[1]!.regions.filterPassedBytes).toEqual(BigUint64Array.of(4096n));
    expect(snapshots[1]!.stream.schemeFilters).toEqual([
      {
        type: 'anon',
        isMatching: true,
        isAllowing: true,
        memcgPath: undefined,
        addrRange: undefined,
        targetIndex: undefined,
        hugepageSizeBytes: undefined,
      },
      {
        type: 'memcg',
        isMatching: false,
        isAllowing: false,
        memcgPath: '/a é"',
        addrRange: undefined,
        targetIndex: undefined,
        hugepageSizeBytes: undefined,
      },
      {
        type: 'addr',
        isMatching: true,
        isAllowing: false,
        memcgPath: undefined,
        addrRange: { startAddr: 0n, endAddr: 4096n },
        targetIndex: 0,
        hugepageSizeBytes: { min: 2097152n, max: 2n ** 64n - 1n },
      },
    ]);
  });

  test('times since 1970 say so', async () => {
    const text = readFixture('3.2.3-snapshots.json');
    const reader = createDamoJsonReader('record', createMemorySource(text), 'json');
    for await (const batch of reader.readSnapshots()) expect(batch).not.toEqual([]);
    expect(reader.clockBase).toEqual({ recordNs: 0n, wallMs: 0 });
  });
});

test('large pieces, which are looked at where they are, give what one piece gives', async () => {
  const regions = Array.from({ length: 2500 }, (_, index) => ({
    start: String(4096 * index),
    end: String(4096 * (index + 1)),
    nr_accesses: { samples: index % 21, percent: null },
  }));
  const snapshot = { start_time: '1', end_time: '2', regions };
  const text = JSON.stringify([{ target_id: 0, snapshots: [snapshot, snapshot] }], null, 4);
  const read = async (cut: number, sizes?: readonly number[]): Promise<unknown> => {
    const { snapshots, damages } = await readText(text.slice(0, cut), sizes);
    return { snapshots: snapshots.map(describeSnapshot), damages };
  };
  const size = fc.constantFrom(1, 100, 20_000, 65_535, 65_536, 70_000, 300_000, 600_000);
  const cuts = [text.length, Math.floor(text.length * 0.9)];
  const expected = new Map<number, unknown>();
  for (const cut of cuts) expected.set(cut, await read(cut));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...cuts),
      fc.array(size, { minLength: 2, maxLength: 8 }),
      async (cut, sizes) => {
        // Else it is in pieces of a byte.
        fc.pre(sizes.some((one) => one > 1000));
        expect(await read(cut, sizes)).toEqual(expected.get(cut));
      },
    ),
    { numRuns: 25 },
  );
});

describe('a region laid out like the one before it', () => {
  const digits = fc.stringMatching(/^\d{0,17}$/);
  const grouped = fc
    .bigInt(0n, 2n ** 64n)
    .map((value) => value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ','));
  const odd = fc.oneof(
    fc.stringMatching(/^[0-9,:;/]{0,50}$/),
    fc.constantFrom('max', '4,096 B', '1.5 KiB', '-1', '1e3', `1${','.repeat(99_999)}2`),
  );
  const count = fc.oneof({ weight: 4, arbitrary: grouped }, digits, odd);

  const format = (start: string, end: string, age: string, blank = ''): string =>
    `{"start":${blank} "${start}", "end": "${end}", "nr_accesses": {"samples": 3, "percent": null}, "age": {"usec": null, "aggr_intervals": "${age}"}}`;
  const record = (regions: readonly string[]): string =>
    `[{"target_id": 0, "snapshots": [{"start_time": "1", "end_time": "2", "regions": [\n  ${regions.join(',\n  ')}]}]}]`;

  test('is what it is when it is laid out otherwise', async () => {
    const usual = format('4,096', '8,192', '1');
    await fc.assert(
      fc.asyncProperty(count, count, count, async (start, end, age) => {
        const read = async (region: string): Promise<unknown> => {
          const text = record([usual, region, usual]);
          const { snapshots, damages } = await readText(text).catch((error: unknown) => ({
            snapshots: [],
            damages: [{ byteOffset: 0, message: String(error) }],
          }));
          return [snapshots.map(describeSnapshot), damages.map(({ message }) => message)];
        };
        expect(await read(format(start, end, age))).toEqual(
          await read(format(start, end, age, ' ')),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('is one whatever stands between them, if that is JSON', async () => {
    const between = fc.constantFrom(', ', ',\n  ', ',\n   ', ' ,\n', ',', ',\n  ,', ' ', ',}', '');
    await fc.assert(
      fc.asyncProperty(
        fc.array(between, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 900 }),
        async (separators, size) => {
          const regions = separators.reduce(
            (text, separator, index) =>
              text + separator + format(`${4096 * (index + 1)}`, `${4096 * (index + 2)}`, '1'),
            format('0', '4,096', '1'),
          );
          const isJson = separators.every((separator) => separator.trim() === ',');
          const { snapshots } = await readText(record([regions]), [size]).catch(() => ({
            snapshots: [],
          }));
          expect(snapshots.map(({ regions: { count } }) => count)).toEqual(
            isJson ? [separators.length + 1] : [],
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('traced records of the same target stay apart', async () => {
  const [record] = JSON.parse(readFixture('1.8.9.json').replace(TARGET, '7')) as unknown[];
  const { snapshots } = await readText(JSON.stringify([record, record]));
  expect(new Set(snapshots.map(({ stream }) => stream)).size).toBe(2);
});

describe('the sampling interval of a snapshot', () => {
  test.each([
    ['"5000000"', 5000, 'nanoseconds below a name in us, as damo writes them'],
    ['"5000"', 5000, 'microseconds, as damo reads them'],
    ['5000', 5000, 'a bare number'],
    ['"5 ms"', 5000, 'a unit'],
    ['null', undefined, 'nothing'],
  ])('%s is %s us: %s', async (written, expected, _why) => {
    const text = readFixture('2.8.8.json').replaceAll('"5000000"', written);
    const { snapshots, damages } = await readText(text);
    expect(damages).toEqual([]);
    expect(snapshots[0]!.sampleIntervalUs).toBe(expected);
  });
});

/** One record with one snapshot of the regions given as JSON. */
