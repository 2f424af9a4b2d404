import assert from 'node:assert/strict';
import type { ContractCase } from '../../../contract/contractKernel.ts';
import { command, hasCapability } from '../../../contract/damonFiles.ts';
import { stageKdamond } from '../../../contract/stage.ts';
import { runCommand } from '../program.ts';
import { startExporter } from './exporter.ts';
import { readKernelState, switchOffDamonStat } from '../kernelState.ts';
import { selectValues } from './metricsText.ts';

export const COMMAND_CASES: readonly ContractCase[] = [
  {
    name: 'doctor finds a stock kernel usable and names its version',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { status, stdout, stderr } = await runCommand(['doctor']);
      assert.equal(status, 0, stdout + stderr);
      assert.ok(stdout.includes(`Linux ${kernel.release}`), stdout);
      assert.match(stdout, /^ {2}trace +can be used$/m);
      if (hasCapability(kernel, 'damon_stat')) {
        assert.match(stdout, /^note +DAMON_STAT .*\n +-> .*damon_stat\/parameters\/enabled/m);
      }
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'doctor without privileges says what is missing and that nothing can be used',
    run: async () => {
      const { status, stdout, stderr } = await runCommand(['doctor'], { isUnprivileged: true });
      assert.equal(status, 4, stdout + stderr);
      assert.match(stdout, /root|CAP_/);
      assert.equal(stderr, '');
    },
  },
  {
    name: 'status tells what runs and changes nothing',
    run: async (kernel) => {
      await switchOffDamonStat(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      stageKdamond(kernel, { pids: [pid] });
      await command(kernel, 'on');
      const before = readKernelState(kernel);
      const { status, stdout, stderr } = await runCommand(['status']);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^ *0 +sysfs +on +\d+ .*vaddr/m);
      assert.match(stdout, new RegExp(`^ *0 +0 +${pid} +hot`, 'm'));
      const json = await runCommand(['status', '--json']);
      assert.equal((JSON.parse(json.stdout) as { kdamonds: unknown[] }).kdamonds.length, 1);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'status without privileges fails in one sentence',
    run: async () => {
      const { status, stderr } = await runCommand(['status'], { isUnprivileged: true });
      assert.equal(status, 4, stderr);
      assert.match(stderr, /^damon-exporter: .*doctor/m);
      assert.doesNotMatch(stderr, /^ {4}at /m);
    },
  },
  {
    name: 'serve without privileges stays up, reports no source and changes nothing',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const exporter = await startExporter([], { isUnprivileged: true });
      const samples = await exporter.scrape();
      assert.deepEqual(selectValues(samples, 'damon_wss_bytes'), []);
      assert.ok(
        selectValues(samples, 'damon_exporter_source_active').every((value) => value === 0),
      );
      assert.equal(await exporter.fetchStatus('/-/healthy'), 200);
      assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'serve of a process without privileges is refused in one sentence',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      const args = ['serve', String(pid), '--web.listen-address', '127.0.0.1:0'];
      const { status, stderr } = await runCommand(args, { isUnprivileged: true });
      assert.ok(status === 4 || status === 1, `${status ?? 'none'}: ${stderr}`);
      assert.doesNotMatch(stderr, /^ {4}at /m);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
];
