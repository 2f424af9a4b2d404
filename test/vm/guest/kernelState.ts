import assert from 'node:assert/strict';
import { DAMON_ADMIN, type KernelPath } from '../../../src/kernel/kernelFs.ts';
import { removeStaleInstances } from '../../../src/kernel/trace/instanceNames.ts';
import type { ContractKernel } from '../../contract/contractKernel.ts';
import {
  eventually,
  resetDamon,
  tryRead,
  tryReadFree,
  tryWriteBlocking,
} from '../../contract/damonFiles.ts';

const MODULES = ['damon_stat', 'damon_reclaim', 'damon_lru_sort'] as const;
const DAMON_STAT: KernelPath = 'sys/module/damon_stat/parameters/enabled';

function isDirectory(kernel: ContractKernel, path: KernelPath): boolean {
  try {
    kernel.fs.list(path);
    return true;
  } catch {
    return false;
  }
}

/** `path:value` of every file below. */
function dumpTree(kernel: ContractKernel, path: KernelPath): string[] {
  return kernel.fs
    .list(path)
    .sort()
    .flatMap((name): string[] => {
      const child: KernelPath = `${path}/${name}`;
      if (isDirectory(kernel, child)) return [`${child}/`, ...dumpTree(kernel, child)];
      return [`${child}:${tryReadFree(kernel, child)}`];
    });
}

/**
 * Everything an exporter could change: the whole DAMON sysfs tree, which modules run, tracefs
 * instances and events. Nothing in it changes by itself while nobody writes.
 */
export function readKernelState(kernel: ContractKernel): string[] {
  return [
    ...dumpTree(kernel, DAMON_ADMIN),
    ...MODULES.map((name) => `${name}:${tryRead(kernel, `sys/module/${name}/parameters/enabled`)}`),
    `instances:${kernel.fs.list('trace/instances').join()}`,
    `events:${tryRead(kernel, 'trace/events/damon/enable')}`,
  ];
}

/** The same without tracefs instances: a killed exporter leaves its own to the next one. */
export function readDamonState(kernel: ContractKernel): string[] {
  return readKernelState(kernel).filter((line) => !line.startsWith('instances:'));
}

/** As the distribution's kernel comes up: no kdamond in sysfs, DAMON_STAT on where it exists. */
export async function restoreStock(kernel: ContractKernel): Promise<void> {
  await resetDamon(kernel);
  removeStaleInstances(kernel.fs);
  if (!kernel.fs.exists(DAMON_STAT)) return;
  assert.equal(await tryWriteBlocking(kernel, DAMON_STAT, 'Y'), 'ok');
  await eventually(kernel, 'DAMON_STAT on', () => tryRead(kernel, DAMON_STAT) === 'Y');
}

/** Makes room for a kdamond that a case starts itself. */
export async function switchOffDamonStat(kernel: ContractKernel): Promise<void> {
  if (!kernel.fs.exists(DAMON_STAT)) return;
  assert.equal(await tryWriteBlocking(kernel, DAMON_STAT, 'N'), 'ok');
}
