import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDeflate, createGzip } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildBinaryRecord } from '../support/binaryRecord.ts';
import { createTestDir } from '../support/records.ts';
import { formatEvent } from '../support/traceText.ts';
import { runWatched } from './runWatched.ts';

const dir = createTestDir();
const LINE = formatEvent('1.5', 'target_id=7 nr_regions=1 4096-8192: 3 4');

describe('a hostile file is refused in bounded memory', { timeout: 300_000 }, () => {
  async function writeBomb(
    path: string,
    head: string,
    repeated: string,
    times: number,
  ): Promise<void> {
    const deflate = createDeflate({ level: 1 });
    const file = createWriteStream(path);
    deflate.pipe(file);
    deflate.write(head);
    const block = repeated.repeat(2000);
    for (let done = 0; done < times; done += 2000) {
      if (!deflate.write(block)) await once(deflate, 'drain');
    }
    deflate.end();
    await once(file, 'close');
  }

  const region =
    '{"start":"4,096","end":"8,192","nr_accesses":{"samples":1,"percent":null},"age":{"usec":null,"aggr_intervals":"1"}},';
  const open = '[{"target_id":1,"snapshots":[{"start_time":"1","end_time":"2","regions":[';

  test.each([
    [
      'five million regions in one snapshot',
      open,
      region,
      5_000_000,
      /more than 4194304 regions|ends in the middle/,
    ],
    ['lists in lists', '[{"target_id":1,"x":', '[', 500_000_000, /more than 64 levels/],
    [
      'a string without end',
      '[{"target_id":"',
      'aaaaaaaaaaaaaaaaaaaa',
      20_000_000,
      /longer than 1048576 bytes/,
    ],
    [
      'a value of millions of parts',
      '[{"target_id":1,"scheme_filters":[',
      '1,',
      50_000_000,
      /more than 10000 parts/,
    ],
    [
      'an unknown value that never ends',
      '[{"target_id":1,"unknown":[',
      '1,',
      100_000_000,
      /ends in the middle/,
    ],
    ['blanks', '[', '                    ', 25_000_000, /ends in the middle/],
    [
      'records of as many targets',
      '[',
      '{"target_id":1,"snapshots":[]},',
      10_000_000,
      /expected a value|ends in the middle/,
    ],
  ])('%s', async (name, head, repeated, times, message) => {
    const path = join(dir, `${name}.bomb`);
    await writeBomb(path, head, repeated, times);
    const outcome = await runWatched('convert', path, join(dir, 'never.csv'));
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).toMatch(/^damon-exporter: [^\n]*\n$/);
    expect(outcome.status).toBe(5);
    expect(outcome.peakMib).toBeGreaterThan(30);
    expect(outcome.peakMib).toBeLessThan(700);
  });

  test.each([
    ['zlib', createDeflate, '', /at byte 0: found byte 0, expected a value/],
    ['gzip', createGzip, '', /it holds nothing but zeroes/],
    ['gzip behind an event', createGzip, LINE, /unknown binary data/],
  ])('a gigabyte of zeroes: %s', async (name, create, head, message) => {
    const path = join(dir, `zeroes ${name}`);
    const compressor = create({ level: 1 });
    const file = compressor.pipe(createWriteStream(path));
    compressor.write(head);
    const zeroes = Buffer.alloc(1 << 20);
    for (let written = 0; written < 1024; written += 1) {
      if (!compressor.write(zeroes)) await once(compressor, 'drain');
    }
    compressor.end();
    await once(file, 'close');
    await expectRefused(path, message);
  });

  const BINARY = buildBinaryRecord(2, [
    { seconds: 1, nanoseconds: 1, tasks: [{ targetId: 5n, regions: [[4096n, 8192n, 0]] }] },
  ]);
  test.each([
    ['2^32 regions, binary', withUint32(BINARY, 48), /at byte 20: .*announces 4294967295 regions/],
    ['2^32 targets, binary', withUint32(BINARY, 36), /at byte 20: .*announces 4294967295 targets/],
    ['2^32 regions, text', LINE.replace('=1 ', '=4294967295 '), /at byte 0: .*4294967295 regions/],
    [
      'a line without end',
      `${LINE.replace('=1 ', '=2 ')}${'x'.repeat(50 << 20)}`,
      /at byte \d+: a single value is longer/,
    ],
    ['lists in lists', '['.repeat(50 << 20), /at byte 2: a list of something else/],
    ['bad UTF-8', Buffer.from('[{"target_id":"\xff\xfe"', 'latin1'), /at byte 15: .*not UTF-8/],
  ])('%s', async (name, content, message) => {
    const path = join(dir, name);
    writeFileSync(path, content);
    await expectRefused(path, message);
  });
});

/** 2^32 - 1 in the four bytes there. */
function withUint32(content: Buffer, at: number): Buffer {
  const bytes = Buffer.from(content);
  bytes.writeUInt32LE(0xffff_ffff, at);
  return bytes;
}

/** At most one warning before the error, no output, and little memory. */
async function expectRefused(path: string, message: RegExp): Promise<void> {
  const outcome = await runWatched('report', 'raw', '-i', path);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.stderr).toMatch(/^(?:damon-exporter: warning: .*\n)?damon-exporter: .*\n$/);
  expect(outcome.status).toBe(5);
  expect(outcome.peakMib).toBeLessThan(250);
}
