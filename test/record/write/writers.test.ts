import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRegionColumns } from '../../../src/damon/snapshot.ts';
import type { RecordedSnapshot, RecordedStream } from '../../../src/record/recording.ts';
import { createRecordWriter } from '../../../src/record/write/createWriter.ts';
import { WRITTEN_FORMATS, guessWrittenFormat } from '../../../src/record/write/formats.ts';
import type { WrittenFormat } from '../../../src/record/write/formats.ts';
import { generateSnapshots, writeSnapshots } from '../../support/generateRecord.ts';
import { createTestDir, describeSnapshot, readRecord } from '../../support/records.ts';

const dir = createTestDir();

async function writeAs(
  format: WrittenFormat,
  snapshots: Iterable<RecordedSnapshot>,
  path: string = join(dir, format),
): Promise<string> {
  const writer = await createRecordWriter({ path, format, clockBase: undefined });
  await writeSnapshots(writer, snapshots);
  return path;
}

const stream = fc.record({
  kdamond: fc.constantFrom(undefined, '0', '3'),
  contextIndex: fc.constantFrom(undefined, 0),
  schemeIndex: fc.constantFrom(undefined, 0, 1),
  targetId: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
  targetName: fc.constant(undefined),
  intervals: fc.constantFrom(undefined, {
    sampleIntervalUs: 5000,
    aggrIntervalUs: 100_000,
    updateIntervalUs: 1_000_000,
    goal: { accessBp: 400.5, aggrs: 3, minSampleIntervalUs: 5000, maxSampleIntervalUs: 10_000_000 },
  }),
  schemeFilters: fc.array(
    fc.record({
      type: fc.constantFrom('anon', 'memcg'),
      isMatching: fc.boolean(),
      isAllowing: fc.boolean(),
      memcgPath: fc.option(fc.string({ minLength: 1, unit: 'binary' }), { nil: undefined }),
      addrRange: fc.constantFrom(undefined, { startAddr: 0n, endAddr: 2n ** 64n - 1n }),
      targetIndex: fc.constantFrom(undefined, 3),
      hugepageSizeBytes: fc.constantFrom(undefined, { min: 4096n, max: 2n ** 64n - 1n }),
    }),
    { maxLength: 2 },
  ),
  dataSource: fc.constant(undefined),
}) as fc.Arbitrary<RecordedStream>;

interface RegionSpec {
  readonly gap: number;
  readonly size: number;
  readonly samples: number;
  readonly age: number;
}

const regionSpec: fc.Arbitrary<RegionSpec> = fc.record({
  gap: fc.nat(1000),
  size: fc.integer({ min: 1, max: 2 ** 31 }),
  samples: fc.nat(2 ** 32 - 1),
  age: fc.nat(2 ** 32 - 1),
});

function buildRegions(
  specs: readonly RegionSpec[],
  hasAges: boolean,
  base: bigint,
): RecordedSnapshot['regions'] {
  const columns = createRegionColumns(specs.length);
  columns.count = specs.length;
  let at = base;
  for (const [index, { gap, size, samples, age }] of specs.entries()) {
    at += BigInt(gap);
    columns.startAddr[index] = at;
    at += BigInt(size);
    columns.endAddr[index] = at;
    columns.nrAccesses[index] = samples;
    if (hasAges) columns.ageIntervals[index] = age;
  }
  return {
    ...columns,
    hasAges: hasAges && specs.length > 0,
    probeHits: [],
    filterPassedBytes: undefined,
  };
}

/** Two streams of which the snapshots come in turn. */
const record = fc
  .record({
    streams: fc.tuple(stream, stream),
    hasAges: fc.boolean(),
    startNs: fc.bigInt(0n, 2n ** 62n),
    base: fc.constantFrom(0n, 2n ** 47n, 2n ** 63n),
    regions: fc.array(fc.array(regionSpec, { maxLength: 6 }), { minLength: 2, maxLength: 8 }),
    durations: fc.array(fc.bigInt(1n, 10n ** 10n), { minLength: 8, maxLength: 8 }),
  })
  .map(({ streams, hasAges, startNs, base, regions, durations }): RecordedSnapshot[] => {
    let start = startNs;
    return regions.map((specs, index) => {
      // Both streams take the same times.
      const endNs = start + durations[index >> 1]!;
      const snapshot = {
        stream: streams[index % 2]!,
        startNs: start,
        endNs,
        regions: buildRegions(specs, hasAges, base),
        sampleIntervalUs: undefined,
        totalBytes: undefined,
        schemeStats: undefined,
      };
      if (index % 2 === 1) start = endNs;
      return snapshot;
    });
  });

const sumBytes = ({ regions }: RecordedSnapshot): bigint =>
  regions.startAddr.reduce((sum, startAddr, at) => sum + regions.endAddr[at]! - startAddr, 0n);

/** Damo's layout has no way to say that what passed the filters of a scheme is not known. */
function withJsonLosses(one: RecordedSnapshot): RecordedSnapshot {
  const { count } = one.regions;
  const isOfScheme = one.stream.schemeIndex !== undefined && count > 0;
  const filterPassedBytes = isOfScheme ? new BigUint64Array(count) : undefined;
  return { ...one, totalBytes: sumBytes(one), regions: { ...one.regions, filterPassedBytes } };
}

describe('what is written is read again', { timeout: 60_000 }, () => {
  test.each(['json', 'json_compressed'] as const)(
    '%s: all but the sum of bytes',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(record, async (snapshots) => {
          const { snapshots: read, damages } = await readRecord(await writeAs(format, snapshots));
          expect(damages).toEqual([]);
          const inOrder = [0, 1].flatMap((which) =>
            snapshots.filter((_, index) => index % 2 === which),
          );
          expect(read.map(describeSnapshot)).toEqual(
            inOrder.map((one) => describeSnapshot(withJsonLosses(one))),
          );
        }),
        { numRuns: 50 },
      );
    },
  );

  test('damon-exporter: everything', async () => {
    await fc.assert(
      fc.asyncProperty(record, async (snapshots) => {
        const { snapshots: read, damages } = await readRecord(
          await writeAs('damon-exporter', snapshots),
        );
        expect(damages).toEqual([]);
        expect(read.map(describeSnapshot)).toEqual(snapshots.map(describeSnapshot));
      }),
      { numRuns: 50 },
    );
  });

  test('perf_script: ends, targets and regions', async () => {
    await fc.assert(
      fc.asyncProperty(record, async (snapshots) => {
        const filled = snapshots.filter(({ regions }) => regions.count > 0);
        fc.pre(filled.length > 0);
        const { snapshots: read, damages } = await readRecord(await writeAs('perf_script', filled));
        expect(damages).toEqual([]);
        const describe = (one: RecordedSnapshot): unknown[] => [
          one.endNs,
          one.stream.targetId,
          one.stream.schemeIndex,
          (describeSnapshot(one) as { regions: unknown }).regions,
        ];
        expect(read.map(describe)).toEqual(filled.map(describe));
      }),
      { numRuns: 50 },
    );
  });
});

test('a tuned sampling interval survives perf_script, and the others', async () => {
  const snapshots = [...generateSnapshots({ nrSnapshots: 6, nrRegions: 4 })].map((one, index) =>
    index < 2 ? one : { ...one, sampleIntervalUs: index < 4 ? 6000 : 7000 },
  );
  for (const format of ['perf_script', 'json', 'damon-exporter'] as const) {
    const { snapshots: read } = await readRecord(await writeAs(format, snapshots));
    expect(read.map(({ sampleIntervalUs }) => sampleIntervalUs)).toEqual([
      undefined,
      undefined,
      6000,
      6000,
      7000,
      7000,
    ]);
  }
});

test('probe hits and what passed filters survive json', async () => {
  const [one] = generateSnapshots({ nrSnapshots: 1, nrRegions: 4 });
  const regions = {
    ...one!.regions,
    probeHits: [Uint8Array.of(1, 2, 3, 255), Uint8Array.of(0, 0, 0, 7)],
    filterPassedBytes: BigUint64Array.of(0n, 4096n, 1024n, 2n ** 20n),
  };
  const { snapshots } = await readRecord(await writeAs('json', [{ ...one!, regions }]));
  expect(snapshots[0]!.regions.probeHits).toEqual(regions.probeHits);
  expect(snapshots[0]!.regions.filterPassedBytes).toEqual(regions.filterPassedBytes);
});

describe('the text', () => {
  const snapshots = (): RecordedSnapshot[] => {
    const [first, second] = generateSnapshots({ nrSnapshots: 2, nrRegions: 3, seed: 4 });
    return [
      { ...first!, stream: { ...first!.stream, kdamond: '0', targetName: 'a,"b"' } },
      { ...second!, stream: { ...second!.stream, schemeIndex: 1, intervals: undefined } },
    ];
  };

  test.each(['json', 'perf_script', 'csv'] as const)('of %s', async (format) => {
    const path = await writeAs(format, snapshots());
    await expect(readFileSync(path, 'utf8')).toMatchFileSnapshot(
      `../../golden/record/written.${format}`,
    );
  });

  test('of json without any snapshot is an empty list', async () => {
    expect(readFileSync(await writeAs('json', []), 'utf8')).toBe('[]');
  });
});

describe('a file is there as a whole or not at all', () => {
  test.each(WRITTEN_FORMATS)('%s', async (format) => {
    const place = join(dir, `whole-${format}`);
    mkdirSync(place);
    const path = join(place, 'record');
    writeFileSync(path, 'what was here before');
    const writer = await createRecordWriter({ path, format, clockBase: undefined });
    for (const snapshot of generateSnapshots({ nrSnapshots: 20, nrRegions: 20, nrTargets: 2 })) {
      await writer.write(snapshot);
    }
    expect(readFileSync(path, 'utf8')).toBe('what was here before');
    for (const name of readdirSync(place).filter((name) => name !== 'record')) {
      expect(statSync(join(place, name)).mode & 0o777).toBe(0o600);
    }
    await writer.close();
    expect(readdirSync(place)).toEqual(['record']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'latin1')).not.toBe('what was here before');
  });

  test.each(WRITTEN_FORMATS)('%s given up leaves what was there', async (format) => {
    const place = join(dir, `aborted-${format}`);
    mkdirSync(place);
    const path = join(place, 'record');
    const writer = await createRecordWriter({ path, format, clockBase: undefined });
    for (const snapshot of generateSnapshots({ nrSnapshots: 20, nrRegions: 20, nrTargets: 2 })) {
      await writer.write(snapshot);
    }
    await writer.abort();
    expect(readdirSync(place)).toEqual([]);
  });

  test.each(WRITTEN_FORMATS)('%s where nothing can be written is one sentence', async (format) => {
    const path = join(dir, 'no such directory', 'record');
    await expect(createRecordWriter({ path, format, clockBase: undefined })).rejects.toThrow(
      /(?:write|create) \S.*: .*ENOENT/,
    );
  });
});

test.each([
  ['a.json', 'json'],
  ['a.csv', 'csv'],
  ['a.txt', 'perf_script'],
  ['damon.data', 'damon-exporter'],
  ['json', 'damon-exporter'],
] as const)('%s is written as %s', (path, format) => {
  expect(guessWrittenFormat(path)).toBe(format);
});
