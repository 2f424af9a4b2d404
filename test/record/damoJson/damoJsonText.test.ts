import { readFileSync } from 'node:fs';
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
const wrap = (regions: string, snapshot = '', record = ''): string =>
  `[{"target_id": 1, ${record} "snapshots": [{"start_time": "1", "end_time": "2", ${snapshot} "regions": [${regions}]}]}]`;
const region = (start: string, end: string, samples: string, more = ''): string =>
  `{"start": ${start}, "end": ${end}, "nr_accesses": {"samples": ${samples}, "percent": null}${more}}`;

describe('numbers', () => {
  test.each([
    ['4096', '8192', '3', [4096n, 8192n, 3]],
    ['"4,096"', '"8,192"', '"1,003"', [4096n, 8192n, 1003]],
    ['"4K"', '"8 KiB"', '3.0', [4096n, 8192n, 3]],
    ['"4.000 KiB"', '8192.0', '3e0', [4096n, 8192n, 3]],
    ['"min"', '"max"', '"0"', [0n, 2n ** 64n - 1n, 0]],
    [
      '18446744073709547520',
      '"18,446,744,073,709,551,615"',
      '0',
      [2n ** 64n - 4096n, 2n ** 64n - 1n, 0],
    ],
    ['9007199254740992', '9007199254740993', '4294967295', [2n ** 53n, 2n ** 53n + 1n, 4294967295]],
  ])('%s to %s with %s samples', async (start, end, samples, expected) => {
    // Twice, so that the second goes through the template of the first.
    const text = wrap([region(start, end, samples), region(start, end, samples)].join(', '));
    const { snapshots, damages } = await readText(text);
    expect(damages).toEqual([]);
    const [described] = snapshots.map(describeSnapshot) as [{ regions: unknown[][] }];
    expect(described.regions.map((row) => row.slice(0, 3))).toEqual([expected, expected]);
  });

  test.each([
    ['a region that ends before it starts', region('8192', '4096', '0'), /region 1: .* is empty/],
    ['a word for a number', region('"abc"', '4096', '0'), /start: found "abc"/],
    [
      'an end that is missing',
      '{"start": 1, "nr_accesses": {"samples": 0}}',
      /end: found no number/,
    ],
    ['samples that are null', region('1', '2', 'null'), /samples: found no number/],
    ['samples beyond 32 bits', region('1', '2', '4294967296'), /samples: 4294967296 is too large/],
    [
      'an address beyond 64 bits',
      region('1', '18446744073709551616', '0'),
      /too large|larger|found/,
    ],
    ['a negative number', region('-1', '2', '0'), /start: found "-1"/],
    ['something else than a region', '7', /found no object, expected a region/],
  ])('%s costs the snapshot, not the record', async (_what, bad, message) => {
    const good = wrap(region('4096', '8192', '5')).slice(1, -1);
    const damaged = wrap([region('4096', '8192', '5'), bad].join()).slice(1, -1);
    const { snapshots, damages } = await readText(`[${good}, ${damaged}, ${good}]`);
    expect(snapshots).toHaveLength(2);
    expect(damages).toHaveLength(1);
    expect(damages[0]!.message).toMatch(message);
    expect(damages[0]!.byteOffset).toBe(`[${good}, `.length + damaged.indexOf('{"start_time"'));
  });
});

describe('order', () => {
  test('sorted keys, as jq -S gives, change nothing', async () => {
    const sort = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sort);
      if (value === null || typeof value !== 'object') return value;
      const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
      return Object.fromEntries(entries.map(([key, inner]) => [key, sort(inner)]));
    };
    const text = readFixture('3.0.6.json').replace(TARGET, '"T"');
    const sorted = JSON.stringify(sort(JSON.parse(text)), null, 2);
    const expected = await readText(readFixture('3.0.6.json'));
    const read = await readText(sorted.replace('"T"', TARGET));
    // Where it comes first, the source is known.
    expect(read.snapshots.map(describeSnapshot)).toEqual(
      expected.snapshots.map((snapshot) =>
        describeSnapshot({ ...snapshot, stream: { ...snapshot.stream, dataSource: 'unknown' } }),
      ),
    );
  });

  test('a snapshot that is earlier than the one before it is left out', async () => {
    const at = (start: number): string =>
      `{"start_time": "${start}", "end_time": "${start + 5}", "regions": []}`;
    const text = `[{"target_id": 1, "snapshots": [${[at(10), at(5), at(15)].join()}]}]`;
    const { snapshots, damages } = await readText(text);
    expect(snapshots.map(({ startNs }) => startNs)).toEqual([10n, 15n]);
    expect(damages).toHaveLength(1);
    expect(damages[0]!.message).toMatch(/ends at 10, before the one before it, which ends at 15/);
  });

  test('a snapshot at no time is left out', async () => {
    const good = wrap(region('4096', '8192', '5')).slice(1, -1);
    const late = good.replace('"end_time": "2"', '"end_time": "9,223,372,036,854,775,808"');
    const { snapshots, damages } = await readText(`[${late}, ${good}]`);
    expect(snapshots).toHaveLength(1);
    expect(damages).toEqual([
      {
        byteOffset: late.indexOf('{"start_time"') + 1,
        message: expect.stringContaining('ends at 9223372036854775808, which is no time') as string,
      },
    ]);
  });

  test('keys of versions to come are skipped, whatever is in them', async () => {
    const unknown = '"new": [{"a": [1, "}"], "snapshots": [1]}, null], "newer": -1.5e3,';
    const inRegion = ', "new": {"start": [1]}, "newer": "x"';
    const regions = [region('1', '2', '3', inRegion), region('2', '3', '4', inRegion)].join();
    const { snapshots, damages } = await readText(wrap(regions, unknown, unknown));
    expect(damages).toEqual([]);
    expect(snapshots[0]!.regions.nrAccesses).toEqual(Uint32Array.of(3, 4));
  });
});

describe('what is cut off or broken', () => {
  const text = readFixture('2.6.1.json');
  const second = text.lastIndexOf('{\n                "start_time"');

  test('a text that ends in the middle gives what came before', async () => {
    const { snapshots, damages } = await readText(text.slice(0, second + 300));
    expect(snapshots).toHaveLength(1);
    expect(damages).toEqual([
      {
        byteOffset: second + 300,
        message: expect.stringMatching(
          /ends in the middle.*read 1 snapshots before that/,
        ) as string,
      },
    ]);
  });

  test('garbage gives what came before and says where', async () => {
    const at = text.indexOf('"end"', second);
    const { snapshots, damages } = await readText(`${text.slice(0, at)}?${text.slice(at + 1)}`);
    expect(snapshots).toHaveLength(1);
    expect(damages[0]!.byteOffset).toBe(at);
    expect(damages[0]!.message).toMatch(/found "\?", expected a key in quotes/);
  });

  test.each([
    ['{}', /not a list/],
    ['[1]', /something else than records/],
    ['["a"]', /something else than records/],
    ['[{"snapshots": [{"regions": [', /ends in the middle/],
    ['nonsense', /found "nonsense", expected a value/],
    ['[{"target_id": "\ud800"', /middle|UTF-8/],
    ['['.repeat(100), /something else/],
    [`[{"target_id": 1, "x": ${'['.repeat(100)}`, /more than 64 levels/],
  ])('%j is no record', async (bad, message) => {
    await expect(readText(bad)).rejects.toThrow(message);
    await expect(readText(bad)).rejects.toThrow(/read record at byte \d+: /);
  });

  test.each(['[]', ' [ ] \n', '[{}]', '[{"snapshots": []}]'])('%j holds nothing', async (empty) => {
    expect(await readText(empty)).toMatchObject({ snapshots: [], damages: [] });
  });
});

describe('however it is laid out', () => {
  const hostile = fc.record({
    start: fc.bigInt(0n, 2n ** 64n - 2n),
    samples: fc.nat(30),
    age: fc.option(fc.nat(5000)),
    passed: fc.constantFrom('0 B', '4.000 KiB', undefined),
    probes: fc.array(fc.nat(255), { maxLength: 2 }),
    isGrouped: fc.boolean(),
  });

  test('regions are the same, whatever goes through a template', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostile, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(undefined, 1, 4, '\t'),
        fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 }),
        async (regions, indent, sizes) => {
          const group = (value: bigint | number): string =>
            String(value).replace(/\B(?=(\d{3})+$)/g, ',');
          const values = regions.map(({ start, samples, age, passed, probes, isGrouped }) => ({
            start: isGrouped ? group(start) : start.toString(),
            end: isGrouped ? group(start + 1n) : (start + 1n).toString(),
            nr_accesses: { samples, percent: null },
            age: { usec: null, aggr_intervals: age === null ? null : group(age) },
            probe_hits: probes,
            sz_filter_passed: passed,
          }));
          const record = [
            { target_id: 3, snapshots: [{ start_time: '5', end_time: '9', regions: values }] },
          ];
          const { snapshots, damages } = await readText(
            JSON.stringify(record, null, indent),
            sizes,
          );
          expect(damages).toEqual([]);
          const columns = snapshots[0]!.regions;
          expect([...columns.startAddr]).toEqual(regions.map(({ start }) => start));
          expect([...columns.endAddr]).toEqual(regions.map(({ start }) => start + 1n));
          expect([...columns.nrAccesses]).toEqual(regions.map(({ samples }) => samples));
          const hasAges = regions.every(({ age }) => age !== null);
          expect(columns.hasAges).toBe(hasAges);
          if (hasAges) expect([...columns.ageIntervals]).toEqual(regions.map(({ age }) => age));
          for (const [probe, column] of columns.probeHits.entries()) {
            expect([...column]).toEqual(regions.map(({ probes }) => probes[probe] ?? 0));
          }
          const isPassed =
            regions.every(({ passed }) => passed !== undefined) &&
            regions.some(({ passed }) => passed !== '0 B');
          expect(columns.filterPassedBytes !== undefined).toBe(isPassed);
        },
      ),
    );
  });
});
