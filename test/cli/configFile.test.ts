import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readConfigFile } from '../../src/cli/configFile.ts';
import { lookUpUser } from '../../src/cli/lookUpUser.ts';
import { makeTestRoot } from '../support/fixtureTree.ts';

const TEXT = 'kdamonds: [{ contexts: [{ ops: paddr, targets: [] }] }]\n';
let directory: string;
let path: string;
beforeEach(() => {
  directory = join(makeTestRoot(), 'etc');
  path = join(directory, 'damon.yaml');
  mkdirSync(directory, { mode: 0o755 });
  writeFileSync(path, TEXT, { mode: 0o644 });
});

describe('a configuration file', () => {
  test('that only its owner can write is read', async () => {
    expect((await readConfigFile(path, false)).kdamonds).toHaveLength(1);
  });

  test.each([0o664, 0o646])('of mode %o is refused, but for being trusted', async (mode) => {
    chmodSync(path, mode);
    await expect(readConfigFile(path, false)).rejects.toThrow(
      /damon\.yaml: the file can be written by others.*chmod go-w.*--config\.trusted/,
    );
    expect((await readConfigFile(path, true)).kdamonds).toHaveLength(1);
  });

  test('in a directory that others can write to is refused', async () => {
    chmodSync(directory, 0o777);
    await expect(readConfigFile(path, false)).rejects.toThrow(/its directory .* can be written/);
  });

  test.skipIf(process.geteuid?.() !== 0)('of somebody else is refused', async () => {
    chownSync(path, 65_534, 65_534);
    await expect(readConfigFile(path, false)).rejects.toThrow(/belongs to user 65534/);
  });

  test('that is not there, or is a directory, is told in one sentence', async () => {
    await expect(readConfigFile(join(directory, 'no'), false)).rejects.toThrow(
      /^read the configuration .*no: ENOENT/,
    );
    await expect(readConfigFile(directory, false)).rejects.toThrow(/it is not a file/);
  });

  test('with problems tells where in it they are', async () => {
    writeFileSync(path, 'kdamonds: 5\n');
    await expect(readConfigFile(path, false)).rejects.toThrow(
      /damon\.yaml:1:11: kdamonds: found 5/,
    );
  });
});

describe('a user', () => {
  test.each([
    ['root', 0],
    ['www-data', 33],
    ['1234', 1234],
    ['ww', undefined],
    ['broken', undefined],
  ])('%s is number %s', (name, uid) => {
    const passwd = join(directory, 'passwd');
    writeFileSync(passwd, 'root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\nbroken:x\n');
    expect(lookUpUser(name, passwd)).toBe(uid);
  });
});
