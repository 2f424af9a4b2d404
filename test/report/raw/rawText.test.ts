import { describe, expect, test } from 'vitest';
import { createRawCsvWriter } from '../../../src/report/raw/rawCsv.ts';
import { createRawJsonWriter } from '../../../src/report/raw/rawJson.ts';
import { createRawTextWriter } from '../../../src/report/raw/rawText.ts';
import type { RawWriter } from '../../../src/report/raw/rawText.ts';
import type { RawTextOptions } from '../../../src/report/raw/rawTextOptions.ts';
import { limitOffsets, visitByStream } from '../../../src/report/streamRuns.ts';
import type { StartOffsets } from '../../../src/report/streamRuns.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import type { ReportSink } from '../../../src/report/sink.ts';
import {
  createMemoryReader,
  createMemorySink,
  makeSnapshot,
  makeStream,
} from '../../support/recordedSnapshots.ts';

const BASE = 539_809_000_000n;

/** The record behind the example of damo's usage document. */
function makeSeedRecord(): RecordedSnapshot[] {
  const stream = makeStream({ targetId: '18446623438842320000', intervals: undefined });
  return [
    makeSnapshot(
      stream,
      [BASE, BASE + 104_599_000n],
      [
        [0x563e_baa0_0000n, 0x563e_bc99_e000n, 1],
        [0x7f93_8d7e_1000n, 0x7f93_8ddf_c000n, 0],
        [0x7fff_66b0_a000n, 0x7fff_66bb_2000n, 0],
      ],
    ),
    makeSnapshot(
      stream,
      [BASE + 104_599_000n, BASE + 208_590_000n],
      [
        [0x563e_baa0_0000n, 0x563e_bc99_e000n, 1],
        [0x7f93_8d7e_1000n, 0x7f93_8d9b_5000n, 0],
        [0x7f93_8d9b_5000n, 0x7f93_8ddf_c000n, 0],
        [0x7fff_66b0_a000n, 0x7fff_66bb_2000n, 5],
      ],
    ),
  ];
}

const SEED_TEXT = `base_time_absolute: 8 m 59.809 s

monitoring_start:                0 ns
monitoring_end:            104.599 ms
monitoring_duration:       104.599 ms
target_id: 18446623438842320000
nr_regions: 3
563ebaa00000-563ebc99e000(  31.617 MiB):\t1
7f938d7e1000-7f938ddfc000(   6.105 MiB):\t0
7fff66b0a000-7fff66bb2000( 672.000 KiB):\t0

monitoring_start:          104.599 ms
monitoring_end:            208.590 ms
monitoring_duration:       103.991 ms
target_id: 18446623438842320000
nr_regions: 4
563ebaa00000-563ebc99e000(  31.617 MiB):\t1
7f938d7e1000-7f938d9b5000(   1.828 MiB):\t0
7f938d9b5000-7f938ddfc000(   4.277 MiB):\t0
7fff66b0a000-7fff66bb2000( 672.000 KiB):\t5

`;

async function write(
  snapshots: readonly RecordedSnapshot[],
  createWriter: (sink: ReportSink) => RawWriter,
  offsets?: StartOffsets,
): Promise<string> {
  const sink = createMemorySink();
  const reader = createMemoryReader(snapshots);
  const writer = createWriter(sink);
  const lendAll = () => reader.lendSnapshots(undefined, { withAges: true });
  await visitByStream(lendAll, limitOffsets(writer, offsets));
  await writer.finish();
  return sink.text();
}

const asText =
  (options: Partial<RawTextOptions> = {}) =>
  (sink: ReportSink): RawWriter =>
    createRawTextWriter(sink, { layout: 'seed', isRaw: false, ...options });

describe('raw text', () => {
  test("is damo's example for the record behind it", async () => {
    expect(await write(makeSeedRecord(), asText())).toBe(SEED_TEXT);
  });

  test('has plain numbers where they are asked for', async () => {
    const text = await write(makeSeedRecord().slice(0, 1), asText({ isRaw: true }));
    expect(text).toBe(`base_time_absolute: 539809000000

monitoring_start:                   0
monitoring_end:             104599000
monitoring_duration:        104599000
target_id: 18446623438842320000
nr_regions: 3
563ebaa00000-563ebc99e000(    33153024):\t1
7f938d7e1000-7f938ddfc000(     6402048):\t0
7fff66b0a000-7fff66bb2000(      688128):\t0

`);
  });

  test('as a table has headings and the age, -1 where the record has none', async () => {
    const stream = makeStream({ targetId: undefined });
    const snapshots = [
      makeSnapshot(stream, [0n, 100n], [[0x1000n, 0x3000n, 20, 7]]),
      makeSnapshot(stream, [100n, 200n], [[0x1000n, 0x3000n, 3]]),
    ];
    expect(await write(snapshots, asText({ layout: 'table' }))).toBe(`base_time_absolute: 0 ns

monitoring_start:                0 ns
monitoring_end:                100 ns
monitoring_duration:           100 ns
target_id: None
nr_regions: 1
# start_addr     end_addr        length  nr_accesses   age
000000001000-000000003000 (   8.000 KiB)          20     7

monitoring_start:              100 ns
monitoring_end:                200 ns
monitoring_duration:           100 ns
target_id: None
nr_regions: 1
# start_addr     end_addr        length  nr_accesses   age
000000001000-000000003000 (   8.000 KiB)           3    -1

`);
  });

  test('keeps snapshots that start within the offsets, both ends included', async () => {
    const offsets = { minNs: 104_599_000n, maxNs: 104_599_000n };
    const text = await write(makeSeedRecord(), asText(), offsets);
    expect(text).toContain('base_time_absolute: 8 m 59.809 s\n');
    expect(text.match(/monitoring_start.*/g)).toEqual(['monitoring_start:          104.599 ms']);
  });

  test('stands together by target, whatever the order in the file', async () => {
    const [a, b] = [makeStream({ targetId: '0' }), makeStream({ targetId: '1' })];
    const at = (start: bigint): [bigint, bigint] => [start, start + 10n];
    const mixed = [
      makeSnapshot(a, at(0n), [[0n, 4096n, 1]]),
      makeSnapshot(b, at(1n), [[0n, 4096n, 2]]),
      makeSnapshot(a, at(10n), [[0n, 4096n, 3]]),
      makeSnapshot(b, at(11n), [[0n, 4096n, 4]]),
    ];
    const text = await write(mixed, asText());
    expect(text.match(/target_id: .*|\t\d+/g)).toEqual([
      'target_id: 0',
      '\t1',
      'target_id: 0',
      '\t3',
      'target_id: 1',
      '\t2',
      'target_id: 1',
      '\t4',
    ]);
    const sorted = mixed.toSorted((x, y) => Number(x.stream.targetId) - Number(y.stream.targetId));
    expect(await write(sorted, asText())).toBe(text);
  });
});

describe('raw JSON', () => {
  test("has damo's keys and survives 64-bit values", async () => {
    const text = await write(makeSeedRecord(), createRawJsonWriter);
    expect(text).toContain('"target_id": 18446623438842320000');
    const [record] = JSON.parse(text) as {
      intervals: unknown;
      snapshots: { start_time: string; regions: Record<string, unknown>[] }[];
    }[];
    expect(record?.snapshots.map(({ start_time }) => start_time)).toEqual([
      '539809000000',
      '539913599000',
    ]);
    expect(record?.snapshots[1]?.regions[3]).toEqual({
      start: String(0x7fff_66b0_a000n),
      end: String(0x7fff_66bb_2000n),
      nr_accesses: { samples: 5, percent: null },
      age: { usec: null, aggr_intervals: null },
    });
  });

  test('is valid for no stream, and for several', async () => {
    expect(await write([], createRawJsonWriter)).toBe('[]\n');
    const snapshots = ['0', '1'].map((targetId) =>
      makeSnapshot(makeStream({ targetId, kdamond: 'damon_stat' }), [0n, 1n], []),
    );
    const records = JSON.parse(await write(snapshots, createRawJsonWriter)) as unknown[];
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      kdamond_idx: 'damon_stat',
      target_id: 0,
      intervals: { sample_us: '5000', aggr_us: '100000', ops_update_us: '1000000' },
    });
  });
});

test('raw CSV has one row for each region', async () => {
  const stream = makeStream({ kdamond: '0', contextIndex: 0, targetId: '1' });
  const snapshots = [
    makeSnapshot(
      stream,
      [5n, 10n],
      [
        [4096n, 2n ** 64n - 4096n, 20, 3],
        [2n ** 64n - 4096n, 2n ** 64n - 1n, 0, 4],
      ],
    ),
    makeSnapshot(stream, [10n, 15n], [[0n, 4096n, 1]]),
  ];
  expect(await write(snapshots, createRawCsvWriter)).toBe(
    'kdamond,context,scheme,target_id,start_ns,end_ns,start_addr,end_addr,nr_accesses,age_intervals\n' +
      '0,0,,1,5,10,4096,18446744073709547520,20,3\n' +
      '0,0,,1,5,10,18446744073709547520,18446744073709551615,0,4\n' +
      '0,0,,1,10,15,0,4096,1,\n',
  );
});
