import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { eventually, read as readFile, tryRead } from '../../../contract/damonFiles.ts';
import type { KernelPath } from '../../../../src/kernel/kernelFs.ts';
import { readDamonState } from '../kernelState.ts';
import { finishProgram, runCommand, startProgram } from '../program.ts';
import type { CommandOutcome } from '../program.ts';

const KDAMOND: KernelPath = 'sys/kernel/mm/damon/admin/kdamonds/0';

/** Beside DAMON_STAT, where it runs. */
const ROOM = ['--takeover', 'damon_stat'] as const;

function read(kernel: ContractKernel, path: string): string {
  return readFile(kernel, `${KDAMOND}/${path}`);
}

async function expectDone(args: readonly string[], message: RegExp): Promise<CommandOutcome> {
  const outcome = await runCommand(args);
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.match(outcome.stderr, message);
  return outcome;
}

/** Whether a mapping was advised to use huge pages: "hg" among its flags. */
function isAdvised(pid: number): boolean {
  return /^VmFlags:.*\bhg\b/m.test(readFileSync(`/proc/${pid}/smaps`, 'utf8'));
}

export const COMMAND_LINE_CASES: readonly ContractCase[] = [
  {
    name: "the example of damo's USAGE gives hot memory of a running process huge pages",
    run: async (kernel) => {
      const before = readDamonState(kernel);
      // So little that even an emulated processor comes by all of it between two samples.
      const { pid } = await kernel.startProcess(8, 64);
      assert.ok(!isAdvised(pid));
      const schemes = startProgram([
        ...['schemes', '--damos_sz_region', '2M', 'max', '--damos_access_rate', '90%', '100%'],
        ...['--damos_age', '100ms', 'max', '--damos_action', 'hugepage', String(pid), ...ROOM],
        // With few regions they may become as large as that in a process as small as this.
        ...['--monitoring_nr_regions_range', '10', '1000'],
      ]);
      await eventually(kernel, 'advised', () => isAdvised(pid));
      schemes.child.kill('SIGINT');
      const { status, stdout, stderr } = await finishProgram(schemes);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: '' }, stderr);
      assert.match(stderr, /^schemes ran for .*: SIGINT$/m);
      const [, tried, applied] = /hugepage +(\S+ \S+) +(\S+ \S+)/.exec(stderr) ?? [];
      assert.notEqual(tried, '0 B', stderr);
      assert.notEqual(applied, '0 B', stderr);
      assert.deepEqual(readDamonState(kernel), before);
    },
  },
  {
    name: 'schemes end with the command they are for, and with the processes',
    run: async (kernel) => {
      const before = readDamonState(kernel);
      const stat = ['--damos_action', 'stat', ...ROOM];
      await expectDone(['schemes', 'sleep 3', ...stat], /: the command has ended\nKDAMOND/);
      const target = await kernel.startProcess(1, 4);
      const schemes = startProgram(['schemes', String(target.pid), ...stat]);
      // While it starts, reading says that somebody else writes.
      await eventually(kernel, 'running', () => tryRead(kernel, `${KDAMOND}/state`) === 'on');
      // Long enough for the start to be seen through.
      await kernel.sleep(2000);
      await target.kill();
      const { status, stderr } = await finishProgram(schemes);
      assert.equal(status, 0, stderr);
      assert.match(stderr, /: the (?:monitored processes have ended|kdamonds do not run)/);
      assert.deepEqual(readDamonState(kernel), before);
    },
  },
  {
    name: 'what start leaves running is tuned by commits and ended by stop',
    run: async (kernel) => {
      const before = readDamonState(kernel);
      const stat = ['paddr', '--damos_action', 'stat', '--damos_access_rate', '0%', '0%'];
      const { stderr } = await expectDone(['start', ...stat, ...ROOM], /^kdamond 0: started, pid/);
      const pid = read(kernel, 'pid');
      assert.ok(stderr.includes(`pid ${pid}, paddr, 1 target, 1 scheme`), stderr);
      await kernel.sleep(2000);
      assert.equal(read(kernel, 'state'), 'on');
      const more = ['--damos_action', 'stat', '--damos_access_rate', '0%', '100%'];
      await expectDone(
        ['tune', ...stat, ...more],
        /^kdamond 0: committed, pid \d+, .*2 schemes\n$/,
      );
      assert.equal(read(kernel, 'pid'), pid);
      assert.equal(read(kernel, 'contexts/0/schemes/nr_schemes'), '2');
      await expectDone(['tune', ...stat, ...more], /^kdamond 0: unchanged, /);
      const again = await runCommand(['start', ...stat, ...ROOM]);
      assert.equal(again.status, 4);
      assert.match(again.stderr, /end it with the stop command, or change it with tune/);
      await expectDone(
        ['stop'],
        /^stopped kdamond 0 \(pid \d+\); the kernel is as it was found\n$/,
      );
      assert.deepEqual(readDamonState(kernel), before);
    },
  },
  {
    name: 'plan prints what start writes then, and changes nothing',
    run: async (kernel) => {
      const before = readDamonState(kernel);
      const options = ['--damos_action', 'stat', '--damos_age', '1s', 'max', 'paddr', ...ROOM];
      const { status, stdout, stderr } = await runCommand(['plan', ...options]);
      assert.equal(status, 0, stderr);
      assert.deepEqual(readDamonState(kernel), before);
      await expectDone(['start', ...options], /started/);
      const values = stdout.matchAll(/^ {2}0\/(contexts\/\S+) +(?:\S+ -> )?(\S+) +# /gm);
      const planned = Array.from(values, ([, path = '', value]) => [path, value]);
      assert.ok(planned.length > 8, stdout);
      assert.deepEqual(
        planned.map(([path = '']) => [path, read(kernel, path)]),
        planned,
      );
      await expectDone(['stop'], /^stopped/);
    },
  },
];
