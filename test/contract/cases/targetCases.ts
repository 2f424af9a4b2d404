import assert from 'node:assert/strict';
import { KDAMONDS } from '../../../src/kernel/kdamonds.ts';
import type { ContractCase } from '../contractKernel.ts';
import {
  command,
  CONTEXT,
  eventually,
  hasCapability,
  read,
  readState,
  tryCommand,
  write,
} from '../damonFiles.ts';
import {
  readStats,
  readTriedRegions,
  updateCounter,
  updateTriedRegions,
} from '../schemeResults.ts';
import { monitorProcess, stageKdamond } from '../stage.ts';

export const TARGET_CASES: readonly ContractCase[] = [
  {
    name: 'the end of its only process ends a vaddr kdamond and leaves its files',
    run: async (kernel) => {
      const process = await monitorProcess(kernel);
      await command(kernel, 'update_schemes_stats');
      await command(kernel, 'update_schemes_tried_regions');
      const [stats, regions] = [readStats(kernel), readTriedRegions(kernel)];
      await process.kill();
      await eventually(kernel, 'state off', () => readState(kernel).state === 'off');
      assert.equal(readState(kernel).pid, '-1');
      assert.equal(read(kernel, `${CONTEXT}/targets/0/pid_target`), String(process.pid));
      assert.deepEqual([readStats(kernel), readTriedRegions(kernel)], [stats, regions]);
      assert.equal(await tryCommand(kernel, 'on'), 'EINVAL');
      write(kernel, `${KDAMONDS}/nr_kdamonds`, 0);
    },
  },
  {
    name: 'both of two processes are monitored, and the kdamond outlives one of them',
    run: async (kernel) => {
      const first = await kernel.startProcess(4, 16);
      const second = await kernel.startProcess(4, 16);
      stageKdamond(kernel, { pids: [first.pid, second.pid], minNrRegions: 30 });
      await command(kernel, 'on');
      await eventually(kernel, 'regions of both, one after the other', async () => {
        const regions = await updateTriedRegions(kernel);
        const descents = regions.filter(({ start }, row) => start < (regions[row - 1]?.end ?? 0n));
        return descents.length === 1;
      });
      await first.kill();
      await kernel.sleep(300);
      const before = await updateCounter(kernel, 'nr_tried');
      await eventually(
        kernel,
        'going on',
        async () => (await updateCounter(kernel, 'nr_tried')) > before,
      );
      assert.equal(readState(kernel).state, 'on');
      await second.kill();
      await eventually(kernel, 'state off', () => readState(kernel).state === 'off');
    },
  },
  {
    name: 'a region update ends when the process does',
    run: async (kernel) => {
      const process = await monitorProcess(kernel, { schemes: [{ applyIntervalUs: 60_000_000 }] });
      const pending = tryCommand(kernel, 'update_schemes_tried_regions');
      await kernel.sleep(300);
      await process.kill();
      const outcome = await pending;
      assert.equal(outcome, hasCapability(kernel, 'canceled_request') ? 'ECANCELED' : 'ok');
      await eventually(kernel, 'state off', () => readState(kernel).state === 'off');
    },
  },
];
