import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RecordError } from '../../src/base/errors.ts';
import { openRecord } from '../../src/record/openRecord.ts';
import { buildBinaryRecord } from '../support/binaryRecord.ts';
import { createTestDir, readRecord } from '../support/records.ts';

const dir = createTestDir();

function put(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

const JSON_TEXT = readFileSync('test/fixtures/records/json/3.0.6.json');
const LINE =
  'kdamond.0  185 [001] 15.090524: damon:damon_aggregated: target_id=0 nr_regions=1 4096-655360: 0 1\n';
const SNAPSHOTS = [
  { seconds: 1, nanoseconds: 5, tasks: [{ targetId: 5n, regions: [[4096n, 8192n, 3]] }] },
  { seconds: 2, nanoseconds: 5, tasks: [{ targetId: 5n, regions: [[4096n, 8192n, 4]] }] },
] as const;

describe('the format is told by the content', () => {
  test.each([
    ['json', JSON_TEXT],
    ['json', Buffer.concat([Buffer.from('\ufeff \n\t'), JSON_TEXT])],
    ['json_compressed', deflateSync(JSON_TEXT)],
    ['json_compressed', deflateSync(JSON_TEXT, { level: 0 })],
    ['json_compressed', deflateSync(JSON_TEXT, { level: 9 })],
    ['perf_script', LINE],
    ['perf_script', LINE.replaceAll('\n', '\r\n')],
    ['perf_script', `# tracer: nop\n#\n${'# much more\n'.repeat(9000)}${LINE}`],
    ['binary', buildBinaryRecord(0, SNAPSHOTS)],
    ['binary', buildBinaryRecord(1, SNAPSHOTS)],
    ['binary', buildBinaryRecord(2, SNAPSHOTS)],
  ])('%s, and the same gzipped', async (format, content) => {
    const plain = await readRecord(put('some.data', content));
    expect(plain.format).toBe(format);
    expect(plain.snapshots).not.toEqual([]);
    expect(plain.damages).toEqual([]);
    const gzipped = await readRecord(put('some.data', gzipSync(content)));
    expect(gzipped).toEqual(plain);
  });
});

describe('what is no record is named', () => {
  test.each([
    ['an empty file', '', /the file is empty/],
    ['an empty gzip', gzipSync(''), /holds nothing once uncompressed/],
    ['zeroes', Buffer.alloc(5000), /nothing but zeroes/],
    [
      'perf.data',
      'PERFILE2 and more',
      /perf\.data file; convert it by: perf script --ns -i \S+ > \S+\.txt/,
    ],
    ['trace-cmd', '\x17\x08\x44tracing', /trace-cmd report/],
    [
      'zstd',
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]),
      /zstd -dc \S+some.data > \S+some.data.plain/,
    ],
    ['gzip twice', gzipSync(gzipSync(LINE)), /gzip twice/],
    ['a program', '\x7fELF\0\0\0\0', /looks like a program/],
    ['a web page', '\n<!DOCTYPE html><p>404', /looks like a web page/],
    ['text', 'Dear all,\nhello', /looks like text, beginning "Dear all,"/],
    ['bytes', Buffer.from([0xee, 1, 2, 0, 0]), /unknown binary data beginning with ee 01 02 00 00/],
    [
      'a binary record to come',
      Buffer.concat([Buffer.from('damon_recfmt_ver'), Buffer.from([9, 0, 0, 0])]),
      /found version 9/,
    ],
    ['a damaged gzip', gzipSync(LINE).fill(0xff, 3, 9), /gzip stream is damaged/],
  ])('%s', async (_what, content, message) => {
    const path = put('some.data', content);
    const error = await openRecord(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RecordError);
    expect((error as RecordError).message).toMatch(message);
    expect((error as RecordError).message).toContain(`open ${path}: `);
  });

  test('a name with blanks is quoted in the command', async () => {
    await expect(openRecord(put("it's perf.data", 'PERFILE2'))).rejects.toThrow(
      `perf script --ns -i '${dir}/it'\\''s perf.data' > '${dir}/it'\\''s perf.data.txt'`,
    );
  });

  test('a directory', async () => {
    const path = join(dir, 'directory');
    mkdirSync(path);
    await expect(openRecord(path)).rejects.toThrow(/it is a directory, expected a record/);
  });

  test('no file at all', async () => {
    const path = join(dir, 'missing');
    await expect(openRecord(path)).rejects.toThrow(`open ${path}: ENOENT: there is no such file`);
  });

  test('a device', async () => {
    await expect(openRecord('/dev/null')).rejects.toThrow(/no regular file/);
  });

  test('text without an event of DAMON, though it looks like a trace', async () => {
    const path = put('other.txt', 'bash-1 [000] ..... 1.000001: sched_switch: prev_comm=bash\n');
    await expect(readRecord(path)).rejects.toThrow(/without any damon_aggregated/);
  });
});
