import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { computeCrc32c } from '../../../src/record/own/crc32c.ts';
import { createMemoryRecordFs } from '../../support/memoryRecordFs.ts';
import { openOwnRecord } from '../../../src/record/own/openOwnRecord.ts';
import { createRecordFileWriter } from '../../../src/record/own/recordFileWriter.ts';
import {
  generateSnapshots,
  makeRecorded,
  makeStream,
  readAllLent,
  readAllSnapshots,
  toComparable,
} from '../../support/recordBuilders.ts';
import { CLOCK, GROUPS, groupsOf, readRecord, writeBlocks } from '../../support/recordFiles.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-record-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

let nrFiles = 0;
function newPath(): string {
  nrFiles += 1;
  return join(dir, `record-${nrFiles}`);
}

describe('a record', () => {
  test.each([[true], [false]])('gives back what was written (closed: %s)', async (isClosed) => {
    const stream = makeStream();
    const groups = GROUPS.map((group) => group.map((snapshot) => ({ ...snapshot, stream })));
    const fs = createMemoryRecordFs();
    await writeBlocks('/record', groups, { isClosed, fs });
    const reader = await openOwnRecord('/record', { fs });
    expect(reader).toMatchObject({ format: 'damon-exporter', ...CLOCK });
    const snapshots = await readAllSnapshots(reader);
    expect(snapshots.map(toComparable)).toEqual(groups.flat().map(toComparable));
    expect(new Set(snapshots.map((snapshot) => snapshot.stream)).size).toBe(1);
    expect(await readAllSnapshots(reader)).toEqual(snapshots);
    expect(reader.damages).toEqual([]);
    await reader.close();
  });

  test('is readable by its owner only, from its first byte', async () => {
    const path = newPath();
    const writer = await createRecordFileWriter(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await writer.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('gets other permissions where they are asked for', async () => {
    const path = newPath();
    await writeBlocks(path, GROUPS, { mode: 0o644 });
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test('takes no name that is taken, by a symbolic link neither', async () => {
    const path = newPath();
    const victim = newPath();
    writeFileSync(victim, 'precious');
    symlinkSync(victim, path);
    await expect(createRecordFileWriter(path)).rejects.toThrow(/EEXIST: it exists already/);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  test('can be read while it is written, up to the last block', async () => {
    const path = newPath();
    const writer = await createRecordFileWriter(path, { flushIntervalMs: 60_000 });
    const reader = await openOwnRecord(path, { isBeingWritten: true });
    for (const [index, group] of GROUPS.entries()) {
      for (const snapshot of group) await writer.write(snapshot);
      expect(groupsOf(await readAllSnapshots(reader))).toEqual([0, 1, 2, 3].slice(0, index));
      await writer.flush();
      expect(groupsOf(await readAllSnapshots(reader))).toEqual([0, 1, 2, 3].slice(0, index + 1));
    }
    await writer.close();
    expect(groupsOf(await readAllSnapshots(reader))).toEqual([0, 1, 2, 3]);
    expect(reader.damages).toEqual([]);
    await reader.close();
  });

  test('has what came after the flush interval, without anybody asking', async () => {
    const path = newPath();
    const writer = await createRecordFileWriter(path, { flushIntervalMs: 1 });
    await writer.write(makeRecorded(makeStream()));
    while (writer.nrWritten === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect((await readRecord(path)).snapshots).toHaveLength(1);
    await writer.close();
  });

  test('has a block before it gets large, without anybody asking', async () => {
    const path = newPath();
    const writer = await createRecordFileWriter(path, { flushIntervalMs: 60_000 });
    const shape = { nrSnapshots: 700, nrRegions: 100, restlessness: 0.5 };
    for (const snapshot of generateSnapshots(makeStream(), shape)) await writer.write(snapshot);
    expect(writer.nrWritten).toBeGreaterThan(600);
    await writer.close();
    expect((await readRecord(path)).snapshots).toHaveLength(700);
  });
});

describe('both ends of a record', () => {
  test.each([
    ['a closed one', GROUPS, true, [0, 3]],
    ['one of two blocks', GROUPS.slice(0, 2), true, [0, 1]],
    ['one of one block', GROUPS.slice(0, 1), true, [0]],
    ['an empty one', [], true, []],
    ['one that was not closed, as they are not known', GROUPS, false, []],
  ])('of %s', async (_, groups, isClosed, expected) => {
    const fs = createMemoryRecordFs();
    await writeBlocks('/record', groups, { isClosed, fs });
    const reader = await openOwnRecord('/record', { fs });
    const starts: bigint[] = [];
    for await (const batch of reader.lendEnds?.({ withAges: true }) ?? []) {
      for (const { startNs } of batch) starts.push(startNs);
    }
    const whole = GROUPS.flat().map(({ startNs }) => startNs);
    expect(starts).toEqual(whole.filter((startNs) => expected.includes(Number(startNs / 10n))));
    await reader.close();
  });

  test('a block of them that is damaged is left out, and reported by who reads all', async () => {
    const fs = createMemoryRecordFs();
    await writeBlocks('/record', GROUPS, { fs });
    const { bytes } = fs.files.get('/record')!;
    bytes[200]! ^= 1;
    const reader = await openOwnRecord('/record', { fs });
    let nrBatches = 0;
    for await (const batch of reader.lendEnds?.({ withAges: true }) ?? []) {
      nrBatches += [...batch].length;
    }
    expect(nrBatches).toBe(3);
    expect(reader.damages).toEqual([]);
    expect(groupsOf(await readAllSnapshots(reader))).toEqual([1, 2, 3]);
    expect(reader.damages).toHaveLength(1);
    await reader.close();
  });
});

describe('a time range', () => {
  test.each([
    ['nothing', undefined, 0n, []],
    ['up to the middle of a group', undefined, 12n, [0n, 1n, 2n, 10n, 11n]],
    ['one snapshot', 11n, 12n, [11n]],
    ['from the middle of a snapshot on', 31n, undefined, [31n, 32n]],
    ['everything', 0n, 100n, GROUPS.flat().map(({ startNs }) => startNs)],
  ])('gives %s', async (_, startNs, endNs, expected) => {
    for (const isClosed of [true, false]) {
      const fs = createMemoryRecordFs();
      await writeBlocks('/record', GROUPS, { isClosed, fs });
      const reader = await openOwnRecord('/record', { fs });
      const snapshots = await readAllSnapshots(reader, { startNs, endNs });
      expect(snapshots.map((snapshot) => snapshot.startNs)).toEqual(expected);
      const lent = await readAllLent(reader, { startNs, endNs });
      expect(lent).toEqual(snapshots.map(toComparable));
      await reader.close();
    }
  });
});

describe('what is no record', () => {
  test.each([
    ['text', Buffer.from('x'.repeat(100))],
    ['half of another magic', Buffer.from('\u0089PNG')],
  ])('%s is refused', async (_, bytes) => {
    const path = newPath();
    writeFileSync(path, bytes);
    await expect(openOwnRecord(path)).rejects.toThrow(/found no record of damon-exporter/);
  });

  test('a directory or a missing file is refused with a sentence', async () => {
    await expect(openOwnRecord(dir)).rejects.toThrow(/no regular file/);
    await expect(openOwnRecord(join(dir, 'missing'))).rejects.toThrow(
      /ENOENT: there is no such file/,
    );
  });

  test('a later major version is named', async () => {
    const path = newPath();
    await writeBlocks(path, GROUPS);
    const bytes = readFileSync(path);
    bytes.writeUInt16LE(2, 8);
    bytes.writeUInt32LE(computeCrc32c(bytes, 0, 60), 60);
    writeFileSync(path, bytes);
    await expect(openOwnRecord(path)).rejects.toThrow(/found version 2 .*expected 1/);
  });

  test('an empty file is a record whose head was not written', async () => {
    const path = newPath();
    await writeBlocks(path, GROUPS);
    truncateSync(path, 0);
    const { snapshots, damages } = await readRecord(path);
    expect(snapshots).toEqual([]);
    expect(damages).toMatchObject([{ byteOffset: 0 }]);
  });
});
