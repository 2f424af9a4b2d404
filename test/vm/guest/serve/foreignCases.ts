import assert from 'node:assert/strict';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { command, eventually } from '../../../contract/damonFiles.ts';
import { stageKdamond } from '../../../contract/stage.ts';
import { runCommand } from '../program.ts';
import { startExporter } from './exporter.ts';
import { readDamonState, readKernelState, switchOffDamonStat } from '../kernelState.ts';
import { selectValues } from './metricsText.ts';

/** Two schemes, results shown once, everything as no exporter would choose it. */
async function startForeignKdamond(kernel: ContractKernel): Promise<number> {
  await switchOffDamonStat(kernel);
  const { pid } = await kernel.startProcess(1, 16);
  stageKdamond(kernel, {
    pids: [pid],
    sampleIntervalUs: 10_000,
    aggrIntervalUs: 250_000,
    minNrRegions: 20,
    schemes: [{ minNrAccesses: 1, quotaBytes: 2 ** 24 }, {}],
  });
  await command(kernel, 'on');
  await command(kernel, 'update_schemes_stats');
  await command(kernel, 'update_schemes_tried_regions');
  return pid;
}

/** Lets an exporter look at it for some seconds, scraped all the time. */
async function observe(
  kernel: ContractKernel,
  args: readonly string[],
  signal: NodeJS.Signals,
): Promise<void> {
  const exporter = await startExporter(args);
  for (let round = 0; round < 5; round += 1) {
    await exporter.scrape();
    await kernel.sleep(250);
  }
  const samples = await exporter.scrape();
  assert.deepEqual(
    selectValues(samples, 'damon_kdamond_info', { kdamond: '0', owner: 'sysfs' }),
    [1],
  );
  if (!args.includes('sysfs')) {
    await eventually(kernel, 'a working set', async () => {
      const now = await exporter.scrape();
      return selectValues(now, 'damon_wss_bytes', { kdamond: '0' }).length === 1;
    });
    assert.deepEqual(selectValues(samples, 'damon_regions_limit', { bound: 'min' }), [20]);
    const [interval = 0] = selectValues(samples, 'damon_aggregation_interval_seconds');
    // As configured, or as measured where a busy machine stretches it.
    assert.ok(interval >= 0.25, `aggregation interval ${interval}`);
  }
  const status = await exporter.stop(signal);
  if (signal !== 'SIGKILL') assert.equal(status, 0);
}

export const FOREIGN_CASES: readonly ContractCase[] = [
  {
    name: "somebody else's kdamond is shown and nothing of it changed, however the exporter ends",
    run: async (kernel) => {
      await startForeignKdamond(kernel);
      const [before, damonBefore] = [readKernelState(kernel), readDamonState(kernel)];
      await observe(kernel, [], 'SIGTERM');
      assert.deepEqual(readKernelState(kernel), before, 'after SIGTERM');
      await observe(kernel, [], 'SIGKILL');
      assert.deepEqual(readDamonState(kernel), damonBefore, 'after SIGKILL');
      assert.notDeepEqual(readKernelState(kernel), before, 'a trace instance is left');
      await observe(kernel, [], 'SIGINT');
      assert.deepEqual(readKernelState(kernel), before, 'after SIGKILL and another run');
    },
  },
  {
    name: "the sysfs source leaves somebody else's kdamond alone",
    run: async (kernel) => {
      await startForeignKdamond(kernel);
      const before = readKernelState(kernel);
      await observe(kernel, ['--source', 'sysfs'], 'SIGTERM');
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'a kdamond of its own is refused beside one of somebody else',
    run: async (kernel) => {
      const pid = await startForeignKdamond(kernel);
      const before = readKernelState(kernel);
      const outcome = await runCommand([
        'serve',
        String(pid),
        '--web.listen-address',
        '127.0.0.1:0',
      ]);
      assert.equal(outcome.status, 4, outcome.stderr);
      assert.match(outcome.stderr, /^damon-exporter: .*somebody else/m);
      assert.doesNotMatch(outcome.stderr, /^ {4}at /m);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
];
