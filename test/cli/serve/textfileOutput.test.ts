import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTextfileOutput } from '../../../src/cli/serve/textfileOutput.ts';
import { createMemoryLogger } from '../../support/memoryLogger.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'damon-exporter-textfile-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

test('the file is readable by all, current, and gone at the end', async () => {
  let nrWritten = 0;
  const path = join(dir, 'damon.prom');
  const output = startTextfileOutput({
    path,
    intervalMs: 1,
    expose: () => Promise.resolve(`a ${(nrWritten += 1)}\n`),
    logger: createMemoryLogger(),
  });
  await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8')).toMatch(/^a \d{2,}\n$/);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  await output.stop();
  expect(readdirSync(dir)).toEqual([]);
});

test('under the umask of a service it is readable by all the same', async () => {
  const path = join(dir, 'damon.prom');
  const old = process.umask(0o077);
  const output = startTextfileOutput({
    path,
    intervalMs: 1,
    expose: () => Promise.resolve('a 1\n'),
    logger: createMemoryLogger(),
  });
  await expect.poll(() => existsSync(path)).toBe(true);
  process.umask(old);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  await output.stop();
});

test.each<[string, string, (path: string) => void]>([
  [
    'a symbolic link',
    'found a symbolic link to',
    (path) => {
      symlinkSync(join(dir, 'victim'), path);
    },
  ],
  ['a pipe, as a device', 'found a named pipe', (path) => execFileSync('mkfifo', [path])],
])('%s is told, and neither replaced nor removed', async (_title, message, plant) => {
  const log = createMemoryLogger();
  const path = join(dir, 'damon.prom');
  writeFileSync(join(dir, 'victim'), 'precious');
  plant(path);
  const { ino } = lstatSync(path);
  let nrTries = 0;
  const output = startTextfileOutput({
    path,
    intervalMs: 1,
    expose: () => Promise.resolve(`a ${(nrTries += 1)}\n`),
    logger: log,
  });
  await expect.poll(() => nrTries).toBeGreaterThan(3);
  await output.stop();
  expect(JSON.stringify(log.fields)).toContain(message);
  expect(lstatSync(path).ino).toBe(ino);
  expect(readFileSync(join(dir, 'victim'), 'utf8')).toBe('precious');
  expect(readdirSync(dir).sort()).toEqual(['damon.prom', 'victim']);
});

test('a directory that is not there is told once, and tried again until it is', async () => {
  const log = createMemoryLogger();
  const path = join(dir, 'later', 'damon.prom');
  let nrTries = 0;
  const output = startTextfileOutput({
    path,
    intervalMs: 1,
    expose: () => Promise.resolve(`a ${(nrTries += 1)}\n`),
    logger: log,
  });
  await expect.poll(() => nrTries).toBeGreaterThan(3);
  expect(log.messages).toEqual(['warn could not write metrics to a file']);
  await output.stop();
});
