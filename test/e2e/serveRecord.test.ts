import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { openRollingRecord } from '../../src/record/rolling/openRollingRecord.ts';
import { readAllSnapshots } from '../support/recordBuilders.ts';
import { runProgram, startServeUnder, until } from './program.ts';
import type { RunningProgram } from './program.ts';
import { canMountDisks, createSmallDisk } from './smallDisk.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-serve-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const SIMULATOR = ['--source', 'simulator', '--simulator.speed', '20'];

/** The value of one of the families about the record. */
async function readMetric(url: string, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const line = new RegExp(`^damon_exporter_record_${name} (\\S+)$`, 'm').exec(text);
  return Number(line?.[1]);
}

/** So that no program outlives a test that failed. */
const running: RunningProgram[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.stop('SIGKILL')));
});

async function start(...args: Parameters<typeof startServeUnder>): Promise<RunningProgram> {
  const program = await startServeUnder(...args);
  running.push(program);
  return program;
}

async function readRolling(base: string) {
  const reader = await openRollingRecord(base);
  if (reader === undefined) return { snapshots: [], damages: [] };
  const snapshots = await readAllSnapshots(reader);
  return { snapshots, damages: reader.damages };
}

test('serve records while others read, says how it fares, and goes on after a kill', async () => {
  const base = join(dir, 'rolling', 'damon.data');
  const record = ['--record.path', base, '--record.flush-interval', '100ms'];
  const first = await start([], ...SIMULATOR, ...record);
  const seen = await until(async () => {
    const { snapshots, damages } = await readRolling(base);
    expect(damages).toEqual([]);
    return snapshots.length > 200 ? snapshots : undefined;
  }, 'snapshots in the record while it is written');
  for (const { mode } of readdirSync(join(dir, 'rolling')).map((name) =>
    statSync(join(dir, 'rolling', name)),
  )) {
    expect(mode & 0o777).toBe(0o600);
  }
  const value = (name: string) => readMetric(first.url, name);
  expect(await value('active')).toBe(1);
  expect(await value('segments')).toBe(1);
  expect(await value('dropped_snapshots_total')).toBe(0);
  expect(await value('size_bytes')).toBeGreaterThan(1000);
  expect(await value('flush_age_seconds')).toBeLessThan(60);

  const second = runProgram(
    'serve',
    ...SIMULATOR,
    '--web.listen-address',
    '127.0.0.1:0',
    ...record,
  );
  expect(second.status).toBe(5);
  expect(second.stderr).toContain(`process ${String(first.child.pid)} records here`);

  await first.stop('SIGKILL');
  const left = (await readRolling(base)).snapshots.length;
  expect(left).toBeGreaterThanOrEqual(seen.length);
  const third = await start([], ...SIMULATOR, ...record);
  await until(
    async () => (await readRolling(base)).snapshots.length > left + 200 || undefined,
    'more snapshots',
  );
  expect(await third.stop()).toBe(0);
  expect(readdirSync(join(dir, 'rolling')).sort()).toEqual([
    'damon.data.000001',
    'damon.data.000002',
  ]);
  const { snapshots } = await readRolling(base);
  const names = new Set(snapshots.map(({ stream }) => stream.targetName));
  expect(names).toContain('batch');
  expect(snapshots.every(({ stream }) => stream.intervals?.aggrIntervalUs === 100_000)).toBe(true);
}, 60_000);

test('a symbolic link where the record would be is not followed', () => {
  const victim = join(dir, 'victim');
  writeFileSync(victim, 'precious');
  mkdirSync(join(dir, 'trap'));
  spawnSync('ln', ['-s', victim, join(dir, 'trap', 'damon.data.lock')]);
  const outcome = runProgram(
    'serve',
    ...SIMULATOR,
    '--web.listen-address',
    '127.0.0.1:0',
    '--record.path',
    join(dir, 'trap'),
  );
  expect(outcome.status).toBe(5);
  expect(outcome.stderr).toMatch(/found something else than a lock file/);
  expect(statSync(victim).size).toBe(8);
});

test.skipIf(!canMountDisks(dir))(
  'a disk that gets full stops the recording, not the serving; room lets it go on',
  async () => {
    const disk = createSmallDisk(dir, 148_576);
    const base = join(disk.path, 'damon.data');
    const program = await start(
      disk.wrapper,
      ...SIMULATOR,
      ...['--record.path', base, '--record.flush-interval', '100ms'],
    );
    const seen = (path: string) => disk.seenFrom(program.child.pid, path);
    const active = () => readMetric(program.url, 'active');
    await until(async () => ((await active()) === 0 ? true : undefined), 'a full disk');
    const before = await readRolling(seen(base));
    expect(before.damages).toEqual([]);
    expect(before.snapshots.length).toBeGreaterThan(50);
    rmSync(seen(disk.ballast));
    await until(async () => ((await active()) === 1 ? true : undefined), 'recording again');
    const after = await readRolling(seen(base));
    expect(after.snapshots.length).toBeGreaterThan(before.snapshots.length);
    expect(after.damages).toEqual([]);
    expect(await program.stop()).toBe(0);
    const messages = [
      ...program.readStderr().matchAll(/msg="?(recording stopped|recording again)/g),
    ].map(([, message]) => message);
    expect(messages).toEqual(['recording stopped', 'recording again']);
    expect(program.readStderr()).toMatch(/ENOSPC: the disk is full/);
  },
  90_000,
);
