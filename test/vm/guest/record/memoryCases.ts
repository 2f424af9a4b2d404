import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { kill } from 'node:process';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { command, hasCapability, readState } from '../../../contract/damonFiles.ts';
import { stageKdamond } from '../../../contract/stage.ts';
import { readKernelState, switchOffDamonStat } from '../kernelState.ts';
import { runCommand, stopProgram } from '../program.ts';
import { getRecordPath, keepFile, startRecorder } from './recorder.ts';
import { REGIONS } from './truth.ts';

/** A process whose parent never asks how it ended: it stays a zombie. */
async function startNeglected(): Promise<{ pid: number; stop: () => void }> {
  const parent = spawn('sh', ['-c', '/workloads/hot 1 16 >/dev/null & echo $!; exec sleep 600']);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { pid: Number(line.toString()), stop: () => parent.kill('SIGKILL') };
}

async function startForeignKdamond(kernel: ContractKernel): Promise<void> {
  await switchOffDamonStat(kernel);
  const processes = [await kernel.startProcess(1, 16), await kernel.startProcess(2, 16)];
  stageKdamond(kernel, { pids: processes.map(({ pid }) => pid), aggrIntervalUs: 200_000 });
  await command(kernel, 'on');
}

const REFUSED: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['99999999'], /there is no such process/],
  [['2'], /kthreadd is a kernel thread/],
  [['ongoing'], /no kdamond runs/],
];

export const MEMORY_CASES: readonly ContractCase[] = [
  {
    name: 'processes are recorded until the last of them has ended, a zombie too',
    run: async (kernel) => {
      const first = await kernel.startProcess(1, 16);
      const neglected = await startNeglected();
      try {
        const recorder = startRecorder(kernel, 'pids', [`${first.pid},${neglected.pid}`]);
        await recorder.waitForRecord();
        await first.kill();
        await kernel.sleep(1500);
        kill(neglected.pid, 'SIGKILL');
        const { stderr } = await recorder.finish();
        assert.match(stderr, /: the monitored processes have ended\n$/);
      } finally {
        neglected.stop();
      }
    },
  },
  {
    name: 'of a process just the addresses are recorded that were asked for',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 16);
      const regions = `${REGIONS.startAddr}-${REGIONS.endAddr}`;
      const recorder = startRecorder(kernel, 'fvaddr', ['fvaddr', String(pid), '-r', regions]);
      await recorder.waitForRecord();
      recorder.child.kill('SIGINT');
      await recorder.finish();
    },
  },
  {
    name: 'physical memory is recorded until SIGINT',
    run: async (kernel) => {
      await kernel.startProcess(32, 128);
      const recorder = startRecorder(kernel, 'paddr', ['paddr']);
      await recorder.waitForRecord();
      await kernel.sleep(4000);
      recorder.child.kill('SIGINT');
      const { stderr } = await recorder.finish();
      assert.match(stderr, /^recorded [\d,]+ snapshots in .*: SIGINT\n$/);
      keepFile('iomem.txt', readFileSync('/proc/iomem'));
    },
  },
  {
    name: 'a part of physical memory is recorded until SIGTERM, also when its whole group gets that',
    run: async (kernel) => {
      const regions = `${REGIONS.startAddr}-${REGIONS.endAddr}`;
      const goal = ['--monitoring_intervals_goal', '4%', '3', '5ms', '10s'];
      const isTuned = hasCapability(kernel, 'intervals_goal');
      const args = ['paddr', '--regions', regions, ...(isTuned ? goal : [])];
      const recorder = startRecorder(kernel, REGIONS.record, args, { isDetached: true });
      await recorder.waitForRecord();
      // As timeout(1) does.
      recorder.child.kill('SIGTERM');
      kill(-(recorder.child.pid ?? NaN), 'SIGTERM');
      const { stderr } = await recorder.finish();
      assert.match(stderr, /: SIGTERM\n$/);
    },
  },
  {
    name: 'what runs already is recorded until SIGHUP, and goes on',
    run: async (kernel) => {
      await startForeignKdamond(kernel);
      const recorder = startRecorder(kernel, 'ongoing', ['ongoing']);
      await recorder.waitForRecord();
      await kernel.sleep(1500);
      recorder.child.kill('SIGHUP');
      const { stderr } = await recorder.finish();
      assert.match(stderr, /: SIGHUP\n$/);
      assert.equal(readState(kernel).state, 'on');
    },
  },
  {
    name: 'DAMON_STAT is recorded as what runs already',
    needs: ['damon_stat', 'damon_stat:kdamond_pid'],
    run: async (kernel) => {
      const args = ['ongoing', '--timeout', '8'];
      const { stderr } = await startRecorder(kernel, 'damon_stat', args).finish();
      assert.match(stderr, /: the time is over\n$/);
    },
  },
  {
    name: 'a killed recorder leaves a record, and what else it leaves the next one removes',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const recorder = startRecorder(kernel, 'killed', ['paddr']);
      await recorder.waitForRecord();
      await kernel.sleep(1500);
      await stopProgram(recorder.child, 'SIGKILL');
      assert.equal(readState(kernel).state, 'on', 'nobody was there to stop it');
      keepFile('killed', readFileSync(getRecordPath('killed')));
      const args = ['record', 'paddr', '--takeover', 'damon_stat', '--timeout', '1'];
      const { status, stderr } = await runCommand([...args, '-o', '/tmp/next']);
      assert.equal(status, 0, stderr);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'what cannot be recorded is refused in one sentence',
    run: async (kernel) => {
      const goal = ['paddr', '--monitoring_intervals_goal', '4%', '3', '5ms', '10s'];
      const lacking = hasCapability(kernel, 'intervals_goal') ? [] : [[goal, /lacks/] as const];
      await switchOffDamonStat(kernel);
      for (const [args, message] of [...REFUSED, ...lacking]) {
        const { status, stderr } = await startRecorder(kernel, 'refused', args).refused();
        assert.equal(status, 4, stderr);
        assert.match(stderr, message);
      }
    },
  },
];
