import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
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
