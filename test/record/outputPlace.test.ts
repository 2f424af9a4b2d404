import { execFileSync } from 'node:child_process';
import { chownSync, linkSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findObstacle, isStreamPlace, isTaken } from '../../src/record/outputPlace.ts';
import { createTestDir } from '../support/records.ts';

const dir = createTestDir();
const at = (name: string): string => join(dir, name);
const isRoot = process.geteuid?.() === 0;

writeFileSync(at('file'), 'precious');
linkSync(at('file'), at('hard'));
mkdirSync(at('directory'));
symlinkSync(at('file'), at('link'));
symlinkSync(at('nothing'), at('dangling'));
symlinkSync('/dev/null', at('null'));
execFileSync('mkfifo', [at('pipe')]);
symlinkSync(at('pipe'), at('to-pipe'));

const server = createServer().listen(at('socket'));
afterAll(() => {
  server.close();
});

describe('what may be replaced by a file', () => {
  test.each([
    ['nothing', undefined],
    ['file', undefined],
    ['hard', undefined],
    ['missing/file', undefined],
    ['file/below', undefined],
    ['directory', 'found a directory, which is not replaced; name a file'],
    ['pipe', 'found a named pipe, which is not replaced; name a file'],
    ['socket', 'found a socket, which is not replaced; name a file'],
    ['/dev/null', 'found a device, which is not replaced; name a file'],
    ['link', `found a symbolic link to ${at('file')}, which is neither followed nor replaced`],
    ['dangling', `found a symbolic link to ${at('nothing')}, which is neither followed`],
    ['null', 'found a symbolic link to /dev/null, which is neither followed nor replaced'],
  ])('%s: %s', (name, obstacle) => {
    const found = findObstacle(name.startsWith('/') ? name : at(name));
    if (obstacle === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(obstacle);
  });
});

describe('what is written to instead of being replaced', () => {
  test.each([
    ['/dev/null', true],
    ['/dev/stdout', true],
    ['/dev/fd/2', true],
    ['/proc/self/fd/1', true],
    ['/dev/fd/987654', false],
    ['pipe', true],
    ['null', true],
    ['to-pipe', true],
    ['file', false],
    ['link', false],
    ['dangling', false],
    ['directory', false],
    ['socket', false],
    ['nothing', false],
  ])('%s: %s', (name, isStream) => {
    expect(isStreamPlace(name.startsWith('/') ? name : at(name))).toBe(isStream);
  });

  test.runIf(isRoot)('a pipe or a link that another user planted is no such place', () => {
    execFileSync('mkfifo', [at('planted')]);
    chownSync(at('planted'), 65_534, 65_534);
    symlinkSync('/dev/null', at('planted-link'));
    execFileSync('chown', ['-h', '65534', at('planted-link')]);
    expect(lstatSync(at('planted-link')).uid).toBe(65_534);
    expect(isStreamPlace(at('planted'))).toBe(false);
    expect(isStreamPlace(at('planted-link'))).toBe(false);
  });
});

test('a link that leads nowhere takes its name all the same', () => {
  expect(isTaken(at('dangling'))).toBe(true);
  expect(isTaken(at('nothing'))).toBe(false);
});
