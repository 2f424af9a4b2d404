import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { RecordingArguments } from '../../../src/cli/record/recordingArguments.ts';
import { parseRecordingSettings } from '../../../src/cli/record/recordingSettings.ts';
import { runRecording } from '../../../src/cli/record/runRecording.ts';
import type { RecordingOptions } from '../../../src/cli/record/runRecording.ts';
import { createTraceReader } from '../../../src/kernel/trace/traceReader.ts';
import { openRecord } from '../../../src/record/openRecord.ts';
import { createDemoKernel } from '../../../src/simulator/demoScene.ts';
import type { DemoSceneName } from '../../../src/simulator/demoSceneNames.ts';
import type { SimulatedKernel } from '../../../src/simulator/simulatedKernel.ts';
import { createMemoryLogger } from '../../support/memoryLogger.ts';
import { readAllSnapshots } from '../../support/recordBuilders.ts';
import { RECORDING_ARGUMENTS } from '../../support/recordingArguments.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-record-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function createKernel(scene: DemoSceneName): SimulatedKernel {
  return createDemoKernel({ version: '7.2', seed: 1, speed: 10, scene });
}

const never = new Promise<NodeJS.Signals>(() => undefined);

/** Records on a simulated kernel, in this process. */
function record(
  kernel: SimulatedKernel,
  change: Partial<RecordingArguments>,
  {
    stopped = never,
    startCommand,
  }: Partial<Pick<RecordingOptions, 'stopped' | 'startCommand'>> = {},
) {
  const args = { ...RECORDING_ARGUMENTS, ...change };
  return runRecording({
    args,
    settings: parseRecordingSettings(args),
    kernel,
    logger: createMemoryLogger(),
    statusLine: { show: () => undefined, clear: () => undefined, write: () => undefined },
    startCommand,
    isOngoing: args.target?.[0] === 'ongoing',
    stopped,
  });
}

function readNrKdamonds({ fs }: SimulatedKernel): string {
  return fs.readText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds').trim();
}

async function readSnapshots(path: string) {
  const reader = await openRecord(path);
  const snapshots = await readAllSnapshots(reader);
  expect(reader.damages).toEqual([]);
  await reader.close();
  return snapshots;
}

describe('a recording on the simulated kernel', () => {
  test('holds what the kernel reported, every aggregation of it', async () => {
    const kernel = createKernel('idle');
    // Another reader of the same kernel, with an instance of its own.
    const peer = createTraceReader({ ...kernel, pid: 1, bufferSizeKb: 8192 });
    const out = join(dir, 'whole.data');
    const [pid = 0] = kernel.processes.keys();
    const outcome = await record(kernel, { target: [String(pid)], out, timeout: '5' });
    const reported = peer.poll().snapshots.map(({ endNs, regions }) => ({ endNs, regions }));
    peer.close();
    expect(outcome).toMatchObject({ end: { reason: 'timeout' }, lostEvents: 0 });

    const snapshots = await readSnapshots(out);
    expect(snapshots.length).toBeGreaterThan(40);
    expect(outcome.nrSnapshots).toBe(snapshots.length);
    const from = reported.findIndex(({ endNs }) => endNs === snapshots[0]?.endNs);
    const list = ({
      count,
      startAddr,
      endAddr,
      nrAccesses,
      ageIntervals,
    }: (typeof reported)[0]['regions']) =>
      [startAddr, endAddr, nrAccesses, ageIntervals].map((column) => [
        ...column.subarray(0, count),
      ]);
    expect(snapshots.map(({ endNs, regions }) => [endNs, list(regions)])).toEqual(
      reported
        .slice(from, from + snapshots.length)
        .map(({ endNs, regions }) => [endNs, list(regions)]),
    );
    expect(snapshots[0]?.stream).toMatchObject({
      targetName: kernel.processes.get(pid)?.workload.comm,
      intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
    });
    expect(new Set(snapshots.map(({ stream }) => stream)).size).toBe(1);
    expect(readNrKdamonds(kernel)).toBe('0');
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  test('of what already runs changes nothing, and ends when it ends', async () => {
    const kernel = createKernel('operator');
    const out = join(dir, 'ongoing.data');
    const recording = record(kernel, { target: ['ongoing'], out });
    setTimeout(() => {
      for (const index of [0, 1]) {
        kernel.fs.writeText(`sys/kernel/mm/damon/admin/kdamonds/${index}/state`, 'off');
      }
    }, 1500);
    expect(await recording).toMatchObject({ end: { reason: 'kdamonds' } });
    const streams = (await readSnapshots(out)).map(({ stream }) => stream);
    expect(new Set(streams.map(({ kdamond }) => kdamond))).toEqual(new Set(['0', '1']));
    expect(new Set(streams.map(({ targetName }) => targetName))).toContain('scanner');
    expect(readNrKdamonds(kernel)).toBe('2');
  });

  test('ends when the last of its processes ends', async () => {
    const kernel = createKernel('idle');
    const pids = [...kernel.processes.keys()].slice(0, 2);
    const out = join(dir, 'ended.data');
    const recording = record(kernel, { target: [pids.join()], out });
    let firstEndNs = 0n;
    setTimeout(() => {
      kernel.kill(pids[0] ?? 0);
      firstEndNs = kernel.clock.monotonicNs();
      setTimeout(() => {
        kernel.kill(pids[1] ?? 0);
      }, 500);
    }, 200);
    expect(await recording).toMatchObject({ end: { reason: 'targets' } });
    const last = (await readSnapshots(out)).findLast(({ stream }) => stream.targetId === '1');
    expect((last?.endNs ?? 0n) - firstEndNs).toBeGreaterThan(2_000_000_000n);
    expect(readNrKdamonds(kernel)).toBe('0');
  });

  test('keeps what had its name as .old, once there is something new', async () => {
    const kernel = createKernel('idle');
    const out = join(dir, 'kept.data');
    writeFileSync(out, 'before');
    const atOnce = Promise.resolve<NodeJS.Signals>('SIGTERM');
    const nothing = await record(
      kernel,
      { target: ['paddr'], out, aggr: '10s' },
      { stopped: atOnce },
    );
    expect(nothing).toMatchObject({ nrSnapshots: 0, end: { reason: 'signal' } });
    expect(readFileSync(out, 'utf8')).toBe('before');
    expect(existsSync(`${out}.old`)).toBe(false);

    await record(kernel, { target: ['paddr'], out, timeout: '2', output_permission: '640' });
    expect(readFileSync(`${out}.old`, 'utf8')).toBe('before');
    expect(statSync(out).mode & 0o777).toBe(0o640);
    expect((await readSnapshots(out)).length).toBeGreaterThan(10);
  });
});

describe('refused, with the kernel as it was found', () => {
  test.each<[string, DemoSceneName, Partial<RecordingArguments>, RegExp, string]>([
    ['a kdamond of somebody else', 'operator', { target: ['paddr'] }, /somebody else keeps 2/, '2'],
    ['DAMON_STAT', 'damon_stat', { target: ['paddr'] }, /--takeover damon_stat/, '0'],
    ['nothing ongoing', 'idle', { target: ['ongoing'] }, /no kdamond runs/, '0'],
    ['no such process', 'idle', { target: ['999999'] }, /there is no such process/, '0'],
    ['no such directory', 'idle', { target: ['paddr'], out: '/nowhere/f' }, /ENOENT/, '0'],
    [
      'a directory',
      'idle',
      { target: ['paddr'], out: tmpdir() },
      /found a directory, which is not replaced/,
      '0',
    ],
  ])('%s', async (_name, scene, change, message, nrKdamonds) => {
    const kernel = createKernel(scene);
    const out = join(dir, 'refused.data');
    await expect(record(kernel, { out, ...change })).rejects.toThrow(message);
    expect(readNrKdamonds(kernel)).toBe(nrKdamonds);
    expect(existsSync(out)).toBe(false);
  });
});

test.each<[string, DemoSceneName, Partial<RecordingArguments>, RegExp]>([
  ['a kdamond of somebody else', 'operator', {}, /somebody else keeps 2/],
  ['DAMON_STAT', 'damon_stat', {}, /--takeover damon_stat/],
  ['no such directory', 'idle', { out: '/nowhere/f' }, /ENOENT/],
  ['intervals that do not fit', 'idle', { aggr: '1ms', sample: '5ms' }, /aggregation interval/],
  ['a goal that does not fit', 'idle', { monitoring_intervals_goal: ['0', '1', '1', '1'] }, /goal/],
])('a command is not even started because of %s', async (_name, scene, change, message) => {
  const startCommand = vi.fn();
  const before = readdirSync(dir);
  const out = join(dir, 'command.data');
  const args = { out, target: ['rm something'], ...change };
  await expect(record(createKernel(scene), args, { startCommand })).rejects.toThrow(message);
  expect(startCommand).not.toHaveBeenCalled();
  expect(readdirSync(dir)).toEqual(before);
});
