import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeRecordFs } from '../../../src/record/own/recordFs.ts';
import { findBase, listSegments, resolveBase } from '../../../src/record/rolling/segments.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'damon-exporter-segments-')));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

mkdirSync(join(dir, 'real'));
symlinkSync('real', join(dir, 'link'));
symlinkSync('nothing', join(dir, 'dangling'));

describe('the base path', () => {
  test.each([
    ['real', 'real/damon.data', 'real/damon.data'],
    ['link', 'link/damon.data', 'real/damon.data'],
    ['link/other', 'link/other', 'real/other'],
    ['real/other', 'real/other', 'real/other'],
  ])('of %s is %s for readers, %s for the writer', async (path, forReaders, forWriter) => {
    expect(await findBase(nodeRecordFs, join(dir, path))).toBe(join(dir, forReaders));
    expect(await resolveBase(nodeRecordFs, join(dir, path))).toBe(join(dir, forWriter));
  });

  test('cannot be found behind a link that leads nowhere', async () => {
    await expect(findBase(nodeRecordFs, join(dir, 'dangling'))).rejects.toThrow(/ENOENT/);
  });
});

test('segments are files with a number of six digits or more, in the order of the numbers', async () => {
  const base = join(dir, 'real', 'damon.data');
  const files = ['.000002', '.1000000', '.000010', '.lock', '.old', '.00003', '.000004x', ''];
  for (const suffix of files) writeFileSync(`${base}${suffix}`, suffix);
  mkdirSync(`${base}.000005`);
  symlinkSync(`${base}.000002`, `${base}.000006`);
  const segments = await listSegments(nodeRecordFs, base);
  expect(segments.map(({ path, sizeBytes }) => [path.slice(base.length), sizeBytes])).toEqual([
    ['.000002', 7],
    ['.000010', 7],
    ['.1000000', 8],
  ]);
});
