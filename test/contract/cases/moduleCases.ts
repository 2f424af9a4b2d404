import assert from 'node:assert/strict';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import {
  command,
  eventually,
  read,
  readState,
  tryCommand,
  tryWriteBlocking,
  hasCapability,
} from '../damonFiles.ts';
import { monitorProcess, stageKdamond } from '../stage.ts';

function parameter(module: string, name: string): KernelPath {
  return `sys/module/${module}/parameters/${name}`;
}

/** The modules this kernel has. */
function listModules(kernel: ContractKernel): string[] {
  return ['damon_reclaim', 'damon_lru_sort', 'damon_stat'].filter((id) =>
    hasCapability(kernel, id),
  );
}

function readStatParameter(kernel: ContractKernel, name: string): string {
  return read(kernel, parameter('damon_stat', name));
}

export const MODULE_CASES: readonly ContractCase[] = [
  {
    name: 'DAMON_STAT runs from the start and keeps sysfs out until it is switched off',
    needs: ['damon_stat', 'damon_stat:kdamond_pid'],
    isAtBoot: true,
    run: async (kernel) => {
      assert.equal(readStatParameter(kernel, 'enabled'), 'Y');
      const pid = readStatParameter(kernel, 'kdamond_pid');
      assert.equal(read(kernel, `proc/${Number(pid)}/comm`), 'kdamond.0');
      const { pid: target } = await kernel.startProcess(1, 2);
      stageKdamond(kernel, { pids: [target] });
      assert.equal(await tryCommand(kernel, 'on'), 'EBUSY');
      assert.equal(readState(kernel).state, 'off');
      assert.equal(await tryWriteBlocking(kernel, parameter('damon_stat', 'enabled'), 'N'), 'ok');
      assert.equal(readStatParameter(kernel, 'kdamond_pid'), '-1');
      await command(kernel, 'on');
    },
  },
  {
    name: 'DAMON_STAT shows its results after some seconds and keeps them when switched off',
    needs: ['damon_stat', 'damon_stat:aggr_interval_us'],
    run: async (kernel) => {
      const enabled = parameter('damon_stat', 'enabled');
      assert.equal(await tryWriteBlocking(kernel, enabled, 'Y'), 'ok');
      await kernel.startProcess(16, 64);
      await eventually(
        kernel,
        'a bandwidth',
        () => BigInt(readStatParameter(kernel, 'estimated_memory_bandwidth')) > 0n,
      );
      const percentiles = readStatParameter(kernel, 'memory_idle_ms_percentiles')
        .split(',')
        .map(Number);
      assert.equal(percentiles.length, 101);
      assert.deepEqual(
        percentiles,
        percentiles.toSorted((a, b) => a - b),
      );
      assert.ok(Number(readStatParameter(kernel, 'aggr_interval_us')) > 0);
      assert.equal(await tryWriteBlocking(kernel, enabled, 'N'), 'ok');
      const after = readStatParameter(kernel, 'memory_idle_ms_percentiles').split(',').map(Number);
      assert.equal(after.length, 101);
      assert.equal(readStatParameter(kernel, 'enabled'), 'N');
    },
  },
  {
    name: 'a module and a sysfs kdamond exclude each other',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 2);
      for (const module of listModules(kernel)) {
        const enabled = parameter(module, 'enabled');
        stageKdamond(kernel, { pids: [pid] });
        await command(kernel, 'on');
        assert.equal(await tryWriteBlocking(kernel, enabled, 'Y'), 'EBUSY', module);
        assert.equal(read(kernel, enabled), 'N', module);
        await command(kernel, 'off');
        assert.equal(await tryWriteBlocking(kernel, enabled, 'Y'), 'ok', module);
        assert.equal(await tryCommand(kernel, 'on'), 'EBUSY', module);
        assert.equal(await tryWriteBlocking(kernel, enabled, 'N'), 'ok', module);
        await command(kernel, 'on');
        await command(kernel, 'off');
      }
    },
  },
  {
    name: 'modules exclude each other',
    run: async (kernel) => {
      const modules = listModules(kernel);
      for (const module of modules) {
        assert.equal(
          await tryWriteBlocking(kernel, parameter(module, 'enabled'), 'Y'),
          'ok',
          module,
        );
        for (const other of modules.filter((name) => name !== module)) {
          const outcome = await tryWriteBlocking(kernel, parameter(other, 'enabled'), 'Y');
          assert.equal(outcome, 'EBUSY', `${other} beside ${module}`);
          assert.equal(read(kernel, parameter(other, 'enabled')), 'N');
        }
        assert.equal(
          await tryWriteBlocking(kernel, parameter(module, 'enabled'), 'N'),
          'ok',
          module,
        );
      }
    },
  },
  {
    name: 'the thread of a module has the same name as that of a sysfs kdamond',
    run: async (kernel) => {
      const path = parameter('damon_reclaim', 'kdamond_pid');
      assert.equal(read(kernel, path), '-1');
      assert.equal(
        await tryWriteBlocking(kernel, parameter('damon_reclaim', 'enabled'), 'Y'),
        'ok',
      );
      assert.equal(read(kernel, `proc/${Number(read(kernel, path))}/comm`), 'kdamond.0');
      assert.equal(
        await tryWriteBlocking(kernel, parameter('damon_reclaim', 'enabled'), 'N'),
        'ok',
      );
      await eventually(kernel, 'no pid', () => read(kernel, path) === '-1');
      await monitorProcess(kernel);
      assert.equal(read(kernel, `proc/${Number(readState(kernel).pid)}/comm`), 'kdamond.0');
    },
  },
];
