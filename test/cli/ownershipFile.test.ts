import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExporterError } from '../../src/base/errors.ts';
import { createOwnershipFile } from '../../src/cli/ownershipFile.ts';
import type { OwnershipRecord } from '../../src/reconcile/ownership.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ownership-'));
  path = join(dir, 'run', 'state.json');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const RECORD: OwnershipRecord = {
  version: 1,
  bootId: 'b-1',
  exporter: { pid: 12, startTimeTicks: 345 },
  isKept: false,
  hasSwitchedOffDamonStat: true,
  kdamonds: [{ pid: 77, staged: [{ '0/operations': 'vaddr' }] }],
  found: [['sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '1']],
};

function plantLink(at: string): void {
  writeFileSync(join(dir, 'victim'), 'precious');
  symlinkSync(join(dir, 'victim'), at);
}

describe('a record', () => {
  test.each<[string, OwnershipRecord]>([
    ['of a running kdamond', RECORD],
    ['of the intention', { ...RECORD, kdamonds: [{ ...RECORD.kdamonds[0]!, pid: undefined }] }],
    ['without a kdamond', { ...RECORD, kdamonds: [] }],
    ['of what was left running', { ...RECORD, isKept: true }],
    [
      'of what is put back',
      {
        ...RECORD,
        kdamonds: [{ pid: undefined, staged: [{}], isPutBack: true }],
        foundStaged: [{ '0/operations': 'vaddr' }],
      },
    ],
    ['with goals', { ...RECORD, kdamonds: [{ ...RECORD.kdamonds[0]!, goalValues: ['0', '7'] }] }],
  ])('%s comes back as it was written', (_title, record) => {
    createOwnershipFile(path).write(record);
    expect(createOwnershipFile(path).read()).toEqual(record);
  });

  test('is for its owner only, and so is the directory made for it', () => {
    const old = process.umask(0);
    createOwnershipFile(path).write(RECORD);
    process.umask(old);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  test('replaces the one before in one step, and leaves nothing beside it', () => {
    const store = createOwnershipFile(path);
    store.write(RECORD);
    const inode = statSync(path).ino;
    store.write({ ...RECORD, bootId: 'b-2' });
    expect(statSync(path).ino).not.toBe(inode);
    expect(store.read()?.bootId).toBe('b-2');
    expect(readdirSync(dirname(path))).toEqual(['state.json']);
  });

  test('is made by one of those that do so at the same time', () => {
    const stores = [1, 2, 3].map(() => createOwnershipFile(path));
    expect(stores.map((store) => store.create(RECORD))).toEqual([true, false, false]);
    expect(stores[1]?.read()).toEqual(RECORD);
    expect(readdirSync(dirname(path))).toEqual(['state.json']);
  });

  test('takes what a process that died in writing has left with it when it goes', () => {
    const store = createOwnershipFile(path);
    store.write(RECORD);
    const living = `state.json.${process.pid}`;
    for (const name of ['state.json.new', 'state.json.99999999', living, 'state.json.bak']) {
      writeFileSync(join(dirname(path), name), '{');
    }
    store.remove();
    expect(readdirSync(dirname(path)).sort()).toEqual([living, 'state.json.bak'].sort());
  });

  test('is not written through what somebody put in its way', () => {
    const victim = join(dir, 'victim');
    writeFileSync(victim, 'precious');
    mkdirSync(dirname(path));
    symlinkSync(victim, `${path}.new`);
    createOwnershipFile(path).write(RECORD);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(createOwnershipFile(path).read()).toEqual(RECORD);
  });

  test('takes its name from a hard link, and leaves the other name of that file as it is', () => {
    const victim = join(dir, 'victim');
    writeFileSync(victim, 'precious', { mode: 0o644 });
    mkdirSync(dirname(path), { mode: 0o700 });
    linkSync(victim, path);
    createOwnershipFile(path).write(RECORD);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(statSync(path)).toMatchObject({ nlink: 1 });
  });

  test('that is not there reads as none, and removing it twice is fine', () => {
    const store = createOwnershipFile(path);
    expect(store.read()).toBeUndefined();
    store.write(RECORD);
    store.remove();
    store.remove();
    expect(existsSync(path)).toBe(false);
  });
});

describe('what is no record is refused with a sentence that names the file', () => {
  const [kdamond] = RECORD.kdamonds;
  test.each<[string, string, RegExp]>([
    ['nothing', '', /read the state file .*state\.json: found text that is not JSON \(0 bytes\)/],
    ['a torn file', JSON.stringify(RECORD).slice(0, 50), /not JSON \(50 bytes\).*then remove/],
    ['what has lines', 'se\ncret\u0007', /not JSON \(8 bytes\), expected what this program writes/],
    ['other JSON', '[]', /found something else \(2 bytes\), expected what this program writes/],
    [
      'a value of a goal that is no number',
      JSON.stringify({ ...RECORD, kdamonds: [{ ...kdamond, goalValues: ['x'] }] }),
      /found something else/,
    ],
    ['null', 'null', /found something else/],
    [
      'a newer version',
      JSON.stringify({ ...RECORD, version: 2 }),
      /a newer damon-exporter has written it \(version 2, this one knows 1\); end what it has started with that one/,
    ],
    ['another version', JSON.stringify({ ...RECORD, version: 0 }), /found something else/],
    ['no exporter', JSON.stringify({ ...RECORD, exporter: undefined }), /found something else/],
    [
      'a pid that is none',
      JSON.stringify({ ...RECORD, kdamonds: [{ ...kdamond, pid: '77' }] }),
      /found something else/,
    ],
    [
      'nothing staged',
      JSON.stringify({ ...RECORD, kdamonds: [{ ...kdamond, staged: undefined }] }),
      /found something else/,
    ],
    [
      'something staged that is no text',
      JSON.stringify({ ...RECORD, kdamonds: [{ ...kdamond, staged: [{ a: 1 }] }] }),
      /found something else/,
    ],
    ['a kdamond that is null', JSON.stringify({ ...RECORD, kdamonds: [null] }), /found something/],
  ])('%s', (_title, text, message) => {
    mkdirSync(dirname(path), { mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
    const read = () => createOwnershipFile(path).read();
    expect(read).toThrow(ExporterError);
    expect(read).toThrow(message);
    // One sentence: what was found is not repeated.
    expect(read).not.toThrow(/cret|\n/);
  });
});

describe('a place where somebody else may have had a hand in it', () => {
  const ERRORS = {
    read: /^read the state file \S+state\.json: .*choose another with --state\.file$/,
    write: /^write the state file .*nothing was changed in the kernel/,
  };
  const makePlace = (text: string): void => {
    mkdirSync(dirname(path), { mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  };

  test.each<[string, RegExp, () => void]>([
    [
      'a symbolic link',
      /found a symbolic link to \S+victim/,
      () => {
        plantLink(path);
      },
    ],
    ['a pipe', /found a named pipe/, () => execFileSync('mkfifo', [path])],
  ])('%s is neither read nor replaced nor removed', (_title, message, plant) => {
    mkdirSync(dirname(path), { mode: 0o700 });
    plant();
    const { ino } = lstatSync(path);
    const store = createOwnershipFile(path);
    for (const act of [
      () => store.read(),
      () => {
        store.write(RECORD);
      },
      () => {
        store.remove();
      },
    ]) {
      expect(act).toThrow(message);
    }
    expect(() => store.read()).toThrow(ERRORS.read);
    expect(() => {
      store.write(RECORD);
    }).toThrow(ERRORS.write);
    expect(lstatSync(path).ino).toBe(ino);
  });

  test('a file that others can write to is not believed', () => {
    makePlace(JSON.stringify(RECORD));
    chmodSync(path, 0o620);
    expect(() => createOwnershipFile(path).read()).toThrow(/the file can be written by others/);
  });

  test('in a directory that others can write to nothing is read or written', () => {
    makePlace(JSON.stringify(RECORD));
    chmodSync(dirname(path), 0o777);
    const store = createOwnershipFile(path);
    expect(() => store.read()).toThrow(/its directory \S+run can be written by others/);
    expect(() => {
      store.write(RECORD);
    }).toThrow(ERRORS.write);
    expect(readdirSync(dirname(path))).toEqual(['state.json']);
  });

  test.runIf(process.geteuid?.() === 0)('a file of another user is not believed by root', () => {
    makePlace(JSON.stringify(RECORD));
    chownSync(path, 65_534, 65_534);
    expect(() => createOwnershipFile(path).read()).toThrow(/the file belongs to user 65534/);
  });
});

describe('a place that cannot be used is told in a sentence', () => {
  test('a directory of that name', () => {
    mkdirSync(path, { recursive: true });
    const store = createOwnershipFile(path);
    expect(() => store.read()).toThrow(/read the state file .*--state\.file/);
    expect(() => {
      store.write(RECORD);
    }).toThrow(/write the state file .*nothing was changed in the kernel/);
    expect(() => {
      store.remove();
    }).toThrow(/remove the state file/);
    expect(() => {
      store.remove();
    }).toThrow(ExporterError);
  });

  test('a file where the directory should be', () => {
    writeFileSync(dirname(path), '');
    chmodSync(dirname(path), 0o600);
    expect(() => {
      createOwnershipFile(path).write(RECORD);
    }).toThrow(ExporterError);
  });
});
