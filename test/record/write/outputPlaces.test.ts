import { execFile, execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { RecordError } from '../../../src/base/errors.ts';
import { createRecordWriter } from '../../../src/record/write/createWriter.ts';
import { WRITTEN_FORMATS } from '../../../src/record/write/formats.ts';
import type { WrittenFormat } from '../../../src/record/write/formats.ts';
import { checkReplaceable, replaceFile } from '../../../src/report/picture/replaceFile.ts';
import { generateSnapshots, writeSnapshots } from '../../support/generateRecord.ts';
import { createPreciousPlace } from '../../support/precious.ts';
import { readRecord } from '../../support/records.ts';

const { place, victim } = createPreciousPlace();
const path = join(place, 'out');

async function write(format: WrittenFormat, mode?: number): Promise<void> {
  const writer = await createRecordWriter({ path, format, mode, clockBase: undefined });
  await writeSnapshots(writer, generateSnapshots({ nrSnapshots: 3, nrRegions: 4 }));
}

/** A null device that can be lost; false where nobody may make one. */
function makeDevice(at: string): boolean {
  try {
    execFileSync('mknod', [at, 'c', '1', '3'], { stdio: 'ignore' });
    writeFileSync(at, 'x');
    return statSync(at).isCharacterDevice();
  } catch {
    return false;
  } finally {
    rmSync(at, { force: true });
  }
}
const canMakeDevices = makeDevice(join(place, '..', 'probe'));

/** What a reader of the pipe gets. */
async function readPipe(act: () => Promise<void>): Promise<Buffer> {
  execFileSync('mkfifo', [path]);
  const reader = promisify(execFile)('cat', [path], { encoding: 'buffer' });
  await act();
  return (await reader).stdout;
}

const TEXTS = WRITTEN_FORMATS.filter((format) => format !== 'damon-exporter');

describe.each(WRITTEN_FORMATS)('a record written as %s', (format) => {
  test.each<[string, RegExp, () => void]>([
    [
      'a symbolic link',
      /found a symbolic link to \S+victim/,
      () => {
        symlinkSync(victim, path);
      },
    ],
    [
      'a link to nothing',
      /found a symbolic link/,
      () => {
        symlinkSync('/nowhere/at/all', path);
      },
    ],
    [
      'a directory',
      /found a directory, which is not replaced/,
      () => {
        mkdirSync(path);
      },
    ],
  ])('replaces no %s', async (_title, message, plant) => {
    plant();
    const { ino } = lstatSync(path);
    const writing = write(format);
    await expect(writing).rejects.toThrow(RecordError);
    await expect(writing).rejects.toThrow(message);
    expect(lstatSync(path).ino).toBe(ino);
    expect(readdirSync(place).sort()).toEqual(['out', 'victim']);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  test('takes the name of a hard link, and leaves that file its content and permissions', async () => {
    linkSync(victim, path);
    await write(format);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(statSync(victim).mode & 0o777).toBe(0o644);
    expect((await readRecord(path).catch(() => undefined))?.snapshots.length).not.toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is not written through a link planted as its temporary file', async () => {
    symlinkSync(victim, join(place, `.out.${process.pid}.tmp`));
    await write(format);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(readdirSync(place).sort()).toEqual(['out', 'victim']);
  });

  test('tells of a directory planted as its temporary file', async () => {
    mkdirSync(join(place, `.out.${process.pid}.tmp`));
    await expect(write(format)).rejects.toThrow(RecordError);
  });

  test('has the permissions that were asked for, whatever the umask', async () => {
    const old = process.umask(0o077);
    try {
      await write(format, 0o644);
    } finally {
      process.umask(old);
    }
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });
});

test.each(TEXTS)('%s goes through a named pipe, which stays', async (format) => {
  const bytes = await readPipe(() => write(format));
  expect(lstatSync(path).isFIFO()).toBe(true);
  rmSync(path);
  await write(format);
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test('our own format is refused by a pipe, which stays', async () => {
  execFileSync('mkfifo', [path]);
  await expect(write('damon-exporter')).rejects.toThrow(
    /found a named pipe, which is not replaced/,
  );
  expect(lstatSync(path).isFIFO()).toBe(true);
});

test.runIf(canMakeDevices).each([...TEXTS, 'page'] as const)(
  '%s goes into a device, which stays',
  async (format) => {
    execFileSync('mknod', [path, 'c', '1', '3']);
    const { ino } = lstatSync(path);
    if (format === 'page') await replaceFile(path, 'a page');
    else await write(format);
    expect(lstatSync(path)).toMatchObject({ ino, size: 0 });
    expect(readdirSync(place).sort()).toEqual(['out', 'victim']);
  },
);

describe('a page or picture', () => {
  test('goes through a named pipe, which stays', async () => {
    const bytes = await readPipe(async () => {
      await checkReplaceable(path);
      await replaceFile(path, 'a page');
    });
    expect(bytes.toString()).toBe('a page');
    expect(lstatSync(path).isFIFO()).toBe(true);
  });

  test('replaces no symbolic link, as is told before there is anything to write', async () => {
    symlinkSync(victim, path);
    await expect(checkReplaceable(path)).rejects.toThrow(/found a symbolic link to \S+victim/);
    await expect(replaceFile(path, 'a page')).rejects.toThrow(RecordError);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(readdirSync(place).sort()).toEqual(['out', 'victim']);
  });

  test('takes the place of a file', async () => {
    linkSync(victim, path);
    await checkReplaceable(path);
    await replaceFile(path, 'a page');
    expect([readFileSync(path, 'utf8'), readFileSync(victim, 'utf8')]).toEqual([
      'a page',
      'precious',
    ]);
    expect(readdirSync(place).sort()).toEqual(['out', 'victim']);
  });
});
