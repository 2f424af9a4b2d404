import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { eventually, write } from '../../../contract/damonFiles.ts';
import { KDAMONDS } from '../../../../src/kernel/kdamonds.ts';
import { TRACE_INSTANCES } from '../../../../src/kernel/trace/instanceNames.ts';
import { readKernelState, switchOffDamonStat } from '../kernelState.ts';
import { idleFor, makeConfig, startConfigured } from '../schemes/configured.ts';
import type { ConfigPart, Configured } from '../schemes/configured.ts';
import { startExporter } from './exporter.ts';
import { selectValues } from './metricsText.ts';

const SNAPSHOTS = 'damon_exporter_snapshots_total';
const TRACING = '/sys/kernel/tracing';

/** A scheme that its watermarks keep from doing anything, beside one that observes. */
const RESTING: ConfigPart = makeConfig({
  ops: 'vaddr',
  targets: [{ process: { name: 'hot' } }],
  schemes: [
    {
      name: 'resting',
      action: 'pageout',
      access_pattern: idleFor('1 h'),
      watermarks: {
        metric: 'free_mem_rate',
        interval_us: '1 s',
        high_permil: '2 %',
        mid_permil: '1 %',
        low_permil: '1 %',
      },
    },
    { name: 'observe' },
  ],
});

async function expectMore(kernel: ContractKernel, exporter: Configured): Promise<void> {
  const before = (await exporter.read(SNAPSHOTS)) ?? 0;
  await eventually(kernel, 'more snapshots', async () => {
    return ((await exporter.read(SNAPSHOTS)) ?? 0) > before;
  });
}

function runBusybox(...words: readonly string[]): void {
  execFileSync('/bin/busybox', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function assertTracingTaken(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  await kernel.startProcess(2, 16);
  const exporter = await startConfigured(kernel, RESTING);
  await expectMore(kernel, exporter);
  const [instance] = kernel.fs.list(TRACE_INSTANCES);
  assert.ok(instance !== undefined);
  // Whoever reads an instance keeps it.
  assert.throws(() => {
    kernel.fs.removeDir(`${TRACE_INSTANCES}/${instance}`);
  }, /EBUSY/);
  runBusybox('umount', '-l', TRACING);
  await expectMore(kernel, exporter);
  runBusybox('mount', '-t', 'tracefs', 'tracefs', TRACING);
  await expectMore(kernel, exporter);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

async function assertRestingRead(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  await kernel.startProcess(2, 16);
  const exporter = await startConfigured(kernel, RESTING, ['--source', 'sysfs']);
  await expectMore(kernel, exporter);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

async function assertManyKdamonds(kernel: ContractKernel): Promise<void> {
  await switchOffDamonStat(kernel);
  write(kernel, `${KDAMONDS}/nr_kdamonds`, 200);
  for (let index = 0; index < 200; index += 10) {
    write(kernel, `${KDAMONDS}/${index}/contexts/nr_contexts`, 1);
  }
  const exporter = await startExporter([]);
  const samples = await exporter.scrape();
  assert.equal(selectValues(samples, 'damon_kdamond_running').length, 200);
  const [seconds = NaN] = selectValues(samples, 'damon_exporter_part_duration_seconds', {
    part: 'sysfs',
  });
  // On an emulated processor; a real one takes a hundredth of that.
  assert.ok(seconds < 10, `reading 200 kdamonds took ${seconds} s`);
  assert.equal(await exporter.stop('SIGTERM'), 0);
}

export const FAULT_CASES: readonly ContractCase[] = [
  {
    name: 'tracefs that somebody unmounts goes on being read, and the own instance cannot be taken away',
    run: assertTracingTaken,
  },
  {
    name: 'the sysfs source reads on beside a scheme that its watermarks keep inactive',
    run: assertRestingRead,
  },
  {
    name: '200 kdamonds are all told, in time',
    run: assertManyKdamonds,
  },
];
