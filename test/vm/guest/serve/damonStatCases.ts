import assert from 'node:assert/strict';
import type { ContractCase } from '../../../contract/contractKernel.ts';
import { command, eventually } from '../../../contract/damonFiles.ts';
import { stageKdamond } from '../../../contract/stage.ts';
import { runCommand } from '../program.ts';
import { startExporter } from './exporter.ts';
import { readKernelState, switchOffDamonStat } from '../kernelState.ts';
import { selectValues } from './metricsText.ts';

const STAT = { kdamond: 'damon_stat' };

export const DAMON_STAT_CASES: readonly ContractCase[] = [
  {
    name: "a stock kernel's DAMON_STAT gives regions of the whole machine without any option",
    needs: ['damon_stat', 'damon_stat:kdamond_pid'],
    isAtBoot: true,
    run: async (kernel) => {
      const before = readKernelState(kernel);
      await kernel.startProcess(32, 128);
      const exporter = await startExporter([]);
      await eventually(kernel, 'a working set', async () =>
        selectValues(await exporter.scrape(), 'damon_wss_bytes', STAT).some((value) => value > 0),
      );
      // On a busy machine the kernel may be too late with regions for one scrape.
      await eventually(kernel, 'all memory is monitored', async () => {
        const [monitored = 0] = selectValues(
          await exporter.scrape(),
          'damon_monitored_bytes',
          STAT,
        );
        return monitored > 1.8 * 2 ** 30 && monitored <= 2 ** 31;
      });
      const samples = await exporter.scrape();
      assert.ok(Number(selectValues(samples, 'damon_regions', STAT)) >= 10);
      assert.deepEqual(selectValues(samples, 'damon_kdamond_running', STAT), [1]);
      assert.deepEqual(selectValues(samples, 'damon_stat_enabled'), [1]);
      assert.equal(await exporter.stop('SIGTERM'), 0);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'without tracing DAMON_STAT still gives idle times and bandwidth',
    needs: ['damon_stat', 'damon_stat:aggr_interval_us'],
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const exporter = await startExporter(['--source', 'damon_stat']);
      await eventually(
        kernel,
        'percentiles',
        async () => selectValues(await exporter.scrape(), 'damon_stat_idle_seconds').length >= 5,
      );
      const samples = await exporter.scrape();
      assert.equal(selectValues(samples, 'damon_stat_memory_bandwidth_bytes_per_second').length, 1);
      assert.deepEqual(selectValues(samples, 'damon_wss_bytes'), []);
      assert.equal(await exporter.stop('SIGTERM'), 0);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'DAMON_STAT is not switched off without being told to',
    needs: ['damon_stat'],
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      const outcome = await runCommand([
        'serve',
        String(pid),
        '--web.listen-address',
        '127.0.0.1:0',
      ]);
      assert.equal(outcome.status, 4, outcome.stderr);
      assert.match(outcome.stderr, /--takeover damon_stat/);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'where nothing runs the exporter stays up and follows what is started, stopped and started again',
    run: async (kernel) => {
      await switchOffDamonStat(kernel);
      const exporter = await startExporter([]);
      assert.deepEqual(selectValues(await exporter.scrape(), 'damon_wss_bytes'), []);
      assert.equal(await exporter.fetchStatus('/-/healthy'), 200);
      const { pid } = await kernel.startProcess(1, 16);
      stageKdamond(kernel, { pids: [pid] });
      const hasSeries = async (): Promise<boolean> =>
        selectValues(await exporter.scrape(), 'damon_wss_bytes').length === 1;
      await command(kernel, 'on');
      await eventually(kernel, 'a working set', hasSeries);
      await command(kernel, 'off');
      await eventually(kernel, 'no working set', async () => !(await hasSeries()));
      await command(kernel, 'on');
      await eventually(kernel, 'a working set again', hasSeries);
      assert.equal(await exporter.stop('SIGTERM'), 0);
    },
  },
];
