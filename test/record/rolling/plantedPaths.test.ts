import { execFileSync } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeRecordFs } from '../../../src/record/own/recordFs.ts';
import type { RollingWriter } from '../../../src/record/rolling/rolling.ts';
import { createTestDir } from '../../support/records.ts';
import { createRollingStage, makeRestless } from '../../support/rollingRecord.ts';

const dir = createTestDir();
const PRECIOUS = 'precious';
let nrPlaces = 0;

/** A directory of its own for each test, and a file that nobody may touch. */
function makePlace(): { readonly place: string; readonly victim: string } {
  const place = join(dir, `place-${(nrPlaces += 1)}`);
  const victim = `${place}-victim`;
  mkdirSync(place);
  writeFileSync(victim, PRECIOUS, { mode: 0o644 });
  utimesSync(victim, 1000, 1000);
  return { place, victim };
}

function begin(path: string): Promise<RollingWriter> {
  return createRollingStage().begin({ fs: nodeRecordFs }, path);
}

function expectUntouched(victim: string): void {
  const { mode, mtimeMs } = statSync(victim);
  expect([readFileSync(victim, 'utf8'), mode & 0o777, mtimeMs]).toEqual([
    PRECIOUS,
    0o644,
    1_000_000,
  ]);
}

async function record(path: string): Promise<void> {
  const writer = await begin(path);
  for (const snapshot of makeRestless(2)) await writer.write(snapshot);
  await writer.close();
}

describe('a symbolic link planted', () => {
  test.each(['lock', 'lock.10', 'lock.takeover', '000001'])(
    'as damon.data.%s leaves what it leads to as it is',
    async (suffix) => {
      const { place, victim } = makePlace();
      symlinkSync(victim, join(place, `damon.data.${suffix}`));
      const recording = record(place);
      if (suffix === 'lock') {
        await expect(recording).rejects.toThrow(/something else than a lock file; remove it, or/);
      } else await recording;
      expectUntouched(victim);
    },
  );

  test('in place of the lock while it is held gets no new time', async () => {
    const { place, victim } = makePlace();
    symlinkSync(victim, join(place, 'link'));
    await nodeRecordFs.touch(join(place, 'link'), 5_000_000);
    expectUntouched(victim);
    expect(lstatSync(join(place, 'link')).mtimeMs).toBe(5_000_000);
  });

  test.runIf(process.geteuid?.() === 0)(
    'by another user as the directory is refused, an own one is followed',
    async () => {
      const { place } = makePlace();
      const link = `${place}-link`;
      symlinkSync(place, link);
      await record(link);
      const names = readdirSync(place);
      expect(names).toEqual(['damon.data.000001']);
      execFileSync('chown', ['-h', '65534', link]);
      await expect(begin(link)).rejects.toThrow(
        /found a symbolic link of another user to \S+; name/,
      );
      expect(readdirSync(place)).toEqual(names);
    },
  );
});

describe('a place that is none', () => {
  test.each(['pipe', 'to-null'])('%s is refused, and nothing is made beside it', async (name) => {
    const { place } = makePlace();
    execFileSync('mkfifo', [join(place, 'pipe')]);
    symlinkSync('/dev/null', join(place, 'to-null'));
    await expect(begin(join(place, name))).rejects.toThrow(
      /^record to \S+: found neither a directory nor a file; name a directory/,
    );
    expect(readdirSync(place).sort()).toEqual(['pipe', 'to-null']);
  });
});

test('in a directory where all may write, segments are for their owner only', async () => {
  const { place, victim } = makePlace();
  execFileSync('chmod', ['1777', place]);
  if (process.geteuid?.() === 0) chownSync(place, 65_534, 65_534);
  const old = process.umask(0);
  await record(place);
  process.umask(old);
  expect(statSync(join(place, 'damon.data.000001')).mode & 0o777).toBe(0o600);
  expectUntouched(victim);
});

test('a planted segment with the last number is told, and no name is given that nobody finds', async () => {
  const { place } = makePlace();
  writeFileSync(join(place, 'damon.data.999999999999999'), '');
  const stage = createRollingStage();
  const writer = await stage.begin({ fs: nodeRecordFs }, place);
  for (const snapshot of makeRestless(2)) await writer.write(snapshot);
  await writer.close();
  expect(JSON.stringify(stage.log.fields)).toMatch(/last number there is; remove it/);
  expect(writer.health()).toMatchObject({ isRecording: false, droppedSnapshots: 2 });
  expect(readdirSync(place)).toEqual(['damon.data.999999999999999']);
});
