import assert from 'node:assert/strict';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import {
  command,
  CONTEXT,
  eventually,
  read,
  readState,
  tryCommand,
  tryRead,
  tryWriteBlocking,
  write,
} from '../../../contract/damonFiles.ts';
import { stageKdamond } from '../../../contract/stage.ts';
import { KDAMONDS } from '../../../../src/kernel/kdamonds.ts';
import type { KernelPath } from '../../../../src/kernel/kernelFs.ts';
import { readKernelState, switchOffDamonStat } from '../kernelState.ts';
import { idleFor, makeConfig, startConfigured, type Configured } from './configured.ts';
import type { ConfigPart } from './configured.ts';

const MAX_NR_REGIONS: KernelPath = `${CONTEXT}/monitoring_attrs/nr_regions/max`;
const IN_FORCE = 'damon_exporter_config_kdamond_in_force';
const WAITING = 'damon_exporter_config_kdamond_waiting';
const DRIFT = 'damon_exporter_config_drift_settings';

/** Pages out whatever process of that name comes. */
function makeService(onDrift: string): ConfigPart {
  const pageout = {
    name: 'pageout-cold',
    action: 'pageout',
    access_pattern: idleFor('500 ms'),
    quotas: { sz_bytes: '4 MiB', reset_interval_ms: '1 s' },
  };
  const targets = [{ process: { name: 'hot' } }];
  const schemes = [pageout, { name: 'observe' }];
  return makeConfig({ ops: 'vaddr', targets, schemes }, { on_drift: onDrift });
}

function expectTold(
  kernel: ContractKernel,
  exporter: Configured,
  family: string,
  value: number,
): Promise<void> {
  return eventually(kernel, `${family} is ${value}`, async () => {
    return (await exporter.read(family)) === value;
  });
}

async function changeRegions(kernel: ContractKernel): Promise<void> {
  write(kernel, MAX_NR_REGIONS, 777);
  await command(kernel, 'commit');
}

async function assertDrift(kernel: ContractKernel, exporter: Configured): Promise<void> {
  await changeRegions(kernel);
  await expectTold(kernel, exporter, DRIFT, 1);
  assert.match(exporter.readStderr(), /somebody else.*maxNrRegions: 777 instead of 1000/);
  assert.deepEqual([await exporter.read(IN_FORCE), read(kernel, MAX_NR_REGIONS)], [0, '777']);
  await exporter.reload(makeService('correct'));
  await expectTold(kernel, exporter, DRIFT, 0);
  const { pid } = readState(kernel);
  await changeRegions(kernel);
  await eventually(kernel, 'put back', () => read(kernel, MAX_NR_REGIONS) === '1000');
  await expectTold(kernel, exporter, IN_FORCE, 1);
  assert.equal(readState(kernel).pid, pid, 'without a new start');
}

/** Another user of DAMON than ours, which the kernel lets run only alone. */
function findModule(kernel: ContractKernel): KernelPath {
  const name = kernel.fs.exists('sys/module/damon_stat/parameters/enabled')
    ? 'damon_stat'
    : 'damon_reclaim';
  return `sys/module/${name}/parameters/enabled`;
}

/** As fast as it can be done: ours is started again when it is found stopped. */
async function stopForModule(kernel: ContractKernel, module: KernelPath): Promise<void> {
  await eventually(kernel, 'somebody else took DAMON', async () => {
    await tryCommand(kernel, 'off');
    return (await tryWriteBlocking(kernel, module, 'Y')) === 'ok' && read(kernel, module) === 'Y';
  });
}

async function assertLoss(kernel: ContractKernel, exporter: Configured): Promise<void> {
  const first = readState(kernel).pid;
  await command(kernel, 'off');
  await eventually(kernel, 'a new start', () => {
    const pid = tryRead(kernel, `${KDAMONDS}/0/pid`);
    return /^\d+$/.test(pid) && pid !== first;
  });
  const module = findModule(kernel);
  await stopForModule(kernel, module);
  await expectTold(kernel, exporter, IN_FORCE, 0);
  await eventually(kernel, 'the log tells', () =>
    /do not do what is configured.*(DAMON_|damon_)/.test(exporter.readStderr()),
  );
  assert.equal(read(kernel, module), 'Y', 'it is left alone');
  assert.equal(await exporter.fetchStatus('/-/healthy'), 200);
  assert.equal(await tryWriteBlocking(kernel, module, 'N'), 'ok');
  await expectTold(kernel, exporter, IN_FORCE, 1);
}

async function assertTrouble(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  const process = await kernel.startProcess(8, 64);
  const exporter = await startConfigured(kernel, makeService('report'));
  await expectTold(kernel, exporter, IN_FORCE, 1);
  await assertDrift(kernel, exporter);
  await assertLoss(kernel, exporter);
  // In the middle of paging it out.
  await process.kill();
  await expectTold(kernel, exporter, WAITING, 1);
  await kernel.startProcess(8, 64);
  await expectTold(kernel, exporter, IN_FORCE, 1);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
  assert.doesNotMatch(exporter.readStderr(), /^ {4}at /m);
}

/** Without what the kernel counts. */
function listSettings(kernel: ContractKernel): string[] {
  return readKernelState(kernel).filter((line) => !/^instances:|\/stats\//.test(line));
}

async function assertForeign(kernel: ContractKernel): Promise<void> {
  await switchOffDamonStat(kernel);
  const exporter = await startConfigured(kernel, makeService('correct'));
  await expectTold(kernel, exporter, WAITING, 1);
  const other = await kernel.startProcess(0, 16);
  const theirs = { pids: [other.pid], minNrRegions: 20, maxNrRegions: 500 };
  stageKdamond(kernel, theirs);
  await command(kernel, 'on');
  const before = listSettings(kernel);
  await eventually(kernel, 'a problem is told', () =>
    exporter.readStderr().includes('kdamonds do not do what is configured'),
  );
  assert.equal(await exporter.read(IN_FORCE), 0);
  assert.equal(await exporter.fetchStatus('/-/healthy'), 200);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.doesNotMatch(exporter.readStderr(), /^ {4}at /m);
  assert.deepEqual(listSettings(kernel), before);
}

export const TROUBLE_CASES: readonly ContractCase[] = [
  {
    name: 'changes by others, a stopped kdamond, another user of DAMON and the end of a process are told and outlived',
    run: assertTrouble,
  },
  {
    name: 'a kdamond that somebody starts where ours waits is told, and is theirs for ever',
    run: assertForeign,
  },
];
