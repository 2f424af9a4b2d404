import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordError } from '../../../src/base/errors.ts';
import { createRecordOutput } from '../../../src/cli/record/createRecordOutput.ts';
import { generateSnapshots, writeSnapshots } from '../../support/generateRecord.ts';
import { createPreciousPlace } from '../../support/precious.ts';
import { readRecord } from '../../support/records.ts';

const { place, victim } = createPreciousPlace();
const path = join(place, 'damon.data');

async function record(begun: () => void = () => undefined): Promise<void> {
  const clockBase = { recordNs: 0n, wallMs: 0 };
  const output = await createRecordOutput({
    path,
    mode: 0o600,
    clockBase,
    clockId: '0'.repeat(32),
  });
  begun();
  await writeSnapshots(output, generateSnapshots({ nrSnapshots: 3, nrRegions: 4 }));
}

const PLANTED: [string, RegExp, (at: string) => void][] = [
  [
    'a symbolic link',
    /found a symbolic link to \S+victim/,
    (at) => {
      symlinkSync(victim, at);
    },
  ],
  [
    'a link to nothing',
    /found a symbolic link to \/nowhere/,
    (at) => {
      symlinkSync('/nowhere/f', at);
    },
  ],
  ['a pipe, as a device', /found a named pipe/, (at) => execFileSync('mkfifo', [at])],
  [
    'a directory',
    /found a directory/,
    (at) => {
      mkdirSync(at);
    },
  ],
];

test.each(PLANTED)('%s is not replaced', async (_title, message, plant) => {
  plant(path);
  const { ino } = lstatSync(path);
  await expect(record()).rejects.toThrow(message);
  expect(lstatSync(path).ino).toBe(ino);
  expect(readdirSync(place).sort()).toEqual(['damon.data', 'victim']);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

test.each(PLANTED)(
  '%s in place of the old record is not replaced',
  async (_title, message, plant) => {
    plant(`${path}.old`);
    const { ino } = lstatSync(`${path}.old`);
    await expect(record()).rejects.toThrow(message);
    expect(lstatSync(`${path}.old`).ino).toBe(ino);
  },
);

test.each(PLANTED)(
  '%s that comes while it is recorded is not replaced',
  async (_title, message, plant) => {
    let ino = 0;
    const recording = record(() => {
      plant(path);
      ({ ino } = lstatSync(path));
    });
    await expect(recording).rejects.toThrow(message);
    expect(lstatSync(path).ino).toBe(ino);
  },
);

test('a directory in place of the temporary file is told in a sentence', async () => {
  mkdirSync(join(place, `.damon.data.${process.pid}.tmp`));
  await expect(record()).rejects.toThrow(RecordError);
});

test('a hard link keeps its content and permissions, under the name of the old record', async () => {
  linkSync(victim, path);
  await record();
  expect((await readRecord(path)).snapshots).toHaveLength(3);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${path}.old`, 'utf8')).toBe('precious');
  expect(statSync(victim).mode & 0o777).toBe(0o644);
});
