import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { ContractCase } from '../../../contract/contractKernel.ts';
import { getRecordPath, keepFile, startRecorder } from './recorder.ts';
import { HOT, STAIRCASE } from './truth.ts';

/** Says when it is interrupted, and goes on for some turns after that: a second time would be told. */
const STUBBORN =
  'left=60; trap "echo interrupted; left=3" INT; i=0; while [ $left -gt 0 ]; do i=$((i + 1)); left=$((left - 1)); echo "turn $i"; sleep 1.5; done; echo its own end';

function countInterruptions(output: string): number {
  return output.split('interrupted').length - 1;
}

/** Whether any process has this command line. */
function isRunning(kernel: Parameters<ContractCase['run']>[0], commandLine: string): boolean {
  return kernel.fs
    .list('proc/')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const path = `proc/${Number(pid)}/cmdline` as const;
      return (
        kernel.fs.exists(path) &&
        kernel.fs.readText(path).replaceAll('\0', ' ').trim() === commandLine
      );
    });
}

export const COMMAND_CASES: readonly ContractCase[] = [
  {
    name: 'a command is recorded to its end',
    run: async (kernel) => {
      const { nrSteps, stepMib, stepMs, rounds, leadMs } = STAIRCASE;
      const line = ['/workloads/staircase', nrSteps, stepMib, stepMs, rounds, leadMs].join(' ');
      const recorder = startRecorder(kernel, STAIRCASE.record, [line]);
      const { stdout, stderr } = await recorder.finish();
      // Its output is its own; the record's story goes to standard error.
      assert.match(stdout, /^ready [0-9a-f]+ [0-9a-f]+\nbegan \d+\n$/);
      assert.match(stderr, /^recorded [\d,]+ snapshots in .*: the command has ended\n$/);
      keepFile('staircase.txt', stdout);
    },
  },
  {
    name: '--timeout ends the command, too',
    run: async (kernel) => {
      const line = `/workloads/hot ${HOT.hotMib} ${HOT.totalMib}`;
      const recorder = startRecorder(kernel, HOT.record, [line, '--timeout', String(HOT.seconds)]);
      await recorder.waitForRecord();
      assert.ok(isRunning(kernel, line));
      const { stderr } = await recorder.finish();
      assert.match(stderr, /^recorded [\d,]+ snapshots in .*: the time is over\n$/);
      assert.ok(!isRunning(kernel, line));
    },
  },
  {
    name: 'the status of a command is told and is not that of its record',
    run: async (kernel) => {
      // What was there before is put aside when the first snapshot is written.
      const line = `until [ -e ${getRecordPath('failing')}.old ]; do sleep 0.2; done; exit 3`;
      const { stderr } = await startRecorder(kernel, 'failing', [line]).finish();
      assert.match(stderr, /: the command has ended \(with status 3\)\n$/);
    },
  },
  {
    name: 'SIGINT is passed to the command once, and its end waited for',
    run: async (kernel) => {
      const recorder = startRecorder(kernel, 'interrupted', [STUBBORN]);
      await recorder.waitForRecord();
      recorder.child.kill('SIGINT');
      const { stdout, stderr } = await recorder.finish();
      assert.equal(countInterruptions(stdout), 1, stdout);
      assert.match(stdout, /its own end\n$/);
      assert.match(stderr, /SIGINT; waiting for the command \(process \d+\) to end\n/);
    },
  },
  {
    name: 'a ^C at a terminal, which the command gets from there, is not passed to it again',
    run: async (kernel) => {
      const wrapper = ['/workloads/terminal', 'turn 5', 'interrupt'];
      const { stdout } = await startRecorder(kernel, 'control-c', [STUBBORN], { wrapper }).finish();
      assert.equal(countInterruptions(stdout), 1, stdout);
      // Two programs write to this terminal: how their lines lie between each other is by chance.
      assert.match(stdout, /recorded \d+ snapshots in .*: SIGINT\r\n/);
      assert.match(stdout, /its own end\r\n(?:.*\r\n)*status 0\n$/);
    },
  },
  {
    name: 'a terminal that goes away ends the recording and the command',
    run: async (kernel) => {
      const line = '/workloads/hot 1 16';
      const words = [`sleep 3; echo now; exec ${line}`];
      const wrapper = ['/workloads/terminal', 'now', 'hangup'];
      const { stdout } = await startRecorder(kernel, 'hangup', words, { wrapper }).finish();
      // As the shell tells a death by SIGHUP; Node itself would abort where its terminal is gone.
      assert.match(stdout, /status 129\n$/);
      assert.ok(!isRunning(kernel, line));
    },
  },
  {
    name: 'a command does not run when it cannot be recorded',
    run: async (kernel) => {
      const recorder = startRecorder(kernel, 'unprivileged', ['touch /tmp/has-run'], {
        isUnprivileged: true,
      });
      const { status, stderr } = await recorder.refused();
      assert.ok(status === 4 || status === 1, `${status ?? 'none'}: ${stderr}`);
      assert.match(stderr, /root/);
      assert.equal(existsSync('/tmp/has-run'), false);
    },
  },
];
