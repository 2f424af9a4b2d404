import assert from 'node:assert/strict';
import { KDAMONDS } from '../../../src/kernel/kdamonds.ts';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import type { ContractCase } from '../contractKernel.ts';
import { command, eventually, read, SCHEME, write } from '../damonFiles.ts';
import { readStats, readTotalBytes, updateCounter } from '../schemeResults.ts';
import { monitorProcess } from '../stage.ts';

export const STATS_CASES: readonly ContractCase[] = [
  {
    name: 'counters stand still until they are asked for, and grow from one asking to the next',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await kernel.sleep(500);
      assert.ok(Object.values(readStats(kernel)).every((value) => value === 0n));
      let before = 0n;
      for (const round of [1, 2, 3]) {
        await eventually(
          kernel,
          `growth ${round}`,
          async () => (await updateCounter(kernel, 'nr_tried')) > before,
        );
        const stats = readStats(kernel);
        before = stats['nr_tried'] ?? 0n;
        assert.ok((stats['sz_tried'] ?? 0n) >= before * 4096n, 'regions have one page at least');
        assert.equal(stats['qt_exceeds'], 0n);
      }
    },
  },
  {
    name: 'snapshots are counted',
    needs: ['nr_snapshots'],
    run: async (kernel) => {
      await monitorProcess(kernel);
      await eventually(
        kernel,
        '3 snapshots',
        async () => (await updateCounter(kernel, 'nr_snapshots')) >= 3n,
      );
      const stats = readStats(kernel);
      assert.ok((stats['nr_snapshots'] ?? 0n) <= (stats['nr_tried'] ?? 0n));
    },
  },
  {
    name: 'counters keep their last values after off and begin at 0 after on',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await eventually(
        kernel,
        'counting',
        async () => (await updateCounter(kernel, 'nr_tried')) > 200n,
      );
      const before = readStats(kernel);
      await command(kernel, 'off');
      assert.deepEqual(readStats(kernel), before);
      await command(kernel, 'on');
      assert.deepEqual(readStats(kernel), before);
      assert.ok((await updateCounter(kernel, 'nr_tried')) < (before['nr_tried'] ?? 0n));
    },
  },
  {
    name: 'the quota in force is shown when asked for',
    needs: ['effective_quota'],
    run: async (kernel) => {
      await monitorProcess(kernel, { schemes: [{ quotaBytes: 2 ** 20 }] });
      await eventually(kernel, 'effective_bytes', async () => {
        await command(kernel, 'update_schemes_effective_quotas');
        return read(kernel, `${SCHEME}/quotas/effective_bytes`) === '1048576';
      });
    },
  },
  {
    name: 'refresh_ms shows counters without any asking, from when it is written until it is 0',
    needs: ['refresh_ms'],
    run: async (kernel) => {
      await monitorProcess(kernel);
      await kernel.sleep(500);
      assert.equal(readStats(kernel)['nr_tried'], 0n);
      write(kernel, `${KDAMONDS}/0/refresh_ms`, 200);
      for (const round of [1, 2]) {
        const before = readStats(kernel)['nr_tried'] ?? 0n;
        await eventually(
          kernel,
          `refresh ${round}`,
          () => (readStats(kernel)['nr_tried'] ?? 0n) > before,
        );
      }
      assert.equal(readTotalBytes(kernel), 0n, 'regions are not refreshed');
      write(kernel, `${KDAMONDS}/0/refresh_ms`, 0);
      await kernel.sleep(500);
      const last = readStats(kernel);
      await kernel.sleep(500);
      assert.deepEqual(readStats(kernel), last);
    },
  },
  {
    name: 'stat counts what filters by page leave of the memory of a process',
    // The kernels that do it have this, too.
    needs: ['obsolete_target'],
    run: async (kernel) => {
      const { startAddr, endAddr } = await monitorProcess(kernel, { minNrRegions: 50 });
      const filters: KernelPath = `${SCHEME}/ops_filters`;
      write(kernel, `${filters}/nr_filters`, 1);
      write(kernel, `${filters}/0/type`, 'anon');
      write(kernel, `${filters}/0/matching`, 'N');
      await command(kernel, 'commit');
      await eventually(kernel, 'bytes that pass, walk by walk', async () => {
        const walks = await updateCounter(kernel, 'nr_snapshots');
        const { sz_ops_filter_passed: passed = 0n } = readStats(kernel);
        return walks > 20n && passed > 10n * (endAddr - startAddr);
      });
    },
  },
];
