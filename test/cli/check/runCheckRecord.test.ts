import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExporterError } from '../../../src/base/errors.ts';
import { runCheckRecord } from '../../../src/cli/check/runCheckRecord.ts';
import { GROUPS, writeBlocks } from '../../support/recordFiles.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'check-record-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

interface Checked {
  readonly said: string;
  readonly warned: string;
  /** Exit status and message; undefined where all is well. */
  readonly error: string | undefined;
}

async function check(...paths: readonly string[]): Promise<Checked> {
  const [said, warned] = [[], []] as string[][];
  const output = {
    say: (line: string) => said!.push(line),
    warn: (line: string) => warned!.push(line),
  };
  const error = await runCheckRecord(paths, output).then(
    () => undefined,
    (reason: unknown) => {
      if (reason instanceof ExporterError) return `${reason.code}: ${reason.message}`;
      throw reason;
    },
  );
  const join = (lines: readonly string[]): string => lines.join('\n').replaceAll(`${dir}/`, '');
  return { said: join(said!), warned: join(warned!), error: error?.replaceAll(`${dir}/`, '') };
}

async function writeRecord(name: string, change = (bytes: Buffer): Buffer => bytes) {
  const path = join(dir, name);
  await writeBlocks(path, GROUPS);
  writeFileSync(path, change(readFileSync(path)));
  return path;
}

/** The first byte of what a block holds, after the head of the file and its own. */
const IN_FIRST_BLOCK = 64 + 64;

test('a whole record is told to be whole, with what it holds', async () => {
  const { said, warned, error } = await check(await writeRecord('good'));
  expect(said).toMatch(
    /^good is whole: damon-exporter, 4 blocks, 12 snapshots of 4 targets, 48 regions, from 2027-01-15T08:00:00\.\d{3}Z, over \d+ ns$/,
  );
  expect([warned, error]).toEqual(['', undefined]);
});

test('a changed bit is told with its block, the rest is counted, and the status is that of records', async () => {
  const path = await writeRecord('bad', (bytes) => {
    bytes[IN_FIRST_BLOCK]! ^= 1;
    return bytes;
  });
  const { said, warned, error } = await check(path);
  expect(said).toMatch(/^bad is damaged in 1 place; what can be read: .*3 blocks, 9 snapshots/);
  expect(warned).toMatch(/^bad at byte 64: a block is damaged: /);
  expect(error).toBe('record: check bad: it is damaged');
});

test('a record that was cut off is damaged at its end', async () => {
  const path = await writeRecord('cut', (bytes) => bytes.subarray(0, IN_FIRST_BLOCK + 10));
  const { warned, error } = await check(path);
  expect(warned).toMatch(/^cut at byte 64: the file ends \d+ bytes before the end of this block/);
  expect(error).toMatch(/^record: /);
});

test('all of several are looked at, also those that are no records', async () => {
  const text = join(dir, 'text');
  writeFileSync(text, 'hello\n');
  const paths = [text, join(dir, 'none'), await writeRecord('good')];
  const { said, warned, error } = await check(...paths);
  expect(said).toMatch(/^good is whole/);
  expect(warned).toMatch(/open text: expected a record, but .*\nopen none: ENOENT/);
  expect(error).toBe('record: check 3 records: 2 of them are damaged or cannot be read');
});

test("a record of damo's is checked, too", async () => {
  const path = join(dir, 'damo.json');
  writeFileSync(path, '[{"kdamond_idx": 0');
  const { error } = await check(path);
  expect(error).toMatch(/^record: /);
});
