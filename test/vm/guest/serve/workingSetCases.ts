import assert from 'node:assert/strict';
import { kill } from 'node:process';
import type {
  ContractCase,
  ContractKernel,
  ContractProcess,
} from '../../../contract/contractKernel.ts';
import { eventually } from '../../../contract/damonFiles.ts';
import { startExporter, type Exporter } from './exporter.ts';
import { readKernelState } from '../kernelState.ts';
import { computeMedian, selectValues } from './metricsText.ts';

/** How far the working set of a process may be from the truth: 6.12 keeps coarser regions. */
const TOLERANCES = [
  { release: /^6\.12\./, ratio: 0.12 },
  { release: /^7\./, ratio: 0.05 },
];

const HOT_MIB = 32;
const TOTAL_MIB = 128;
const MIB = 2 ** 20;

type Source = 'trace' | 'sysfs';

/** An own kdamond and its exporter, started while the process stands still: it slows others down. */
async function startBeside(
  { pid }: ContractProcess,
  target: string,
  source: Source,
): Promise<Exporter> {
  kill(pid, 'SIGSTOP');
  const exporter = await startExporter([
    ...[target, '--takeover', 'damon_stat', '--source', source],
    ...['--collect.sysfs-interval', '200ms'],
  ]);
  kill(pid, 'SIGCONT');
  return exporter;
}

/** The median working set over a time, from when there is one, in MiB. */
async function measureWss(
  kernel: ContractKernel,
  exporter: Exporter,
  seconds: number,
): Promise<number> {
  const select = async (): Promise<number[]> =>
    selectValues(await exporter.scrape(), 'damon_wss_bytes', { kdamond: '0', target: '0' });
  await eventually(kernel, 'a working set', async () => (await select()).length === 1);
  // Regions have to find the edges of what is used first.
  await kernel.sleep(2000);
  const values: number[] = [];
  const endNs = kernel.clock.monotonicNs() + BigInt(seconds) * 1_000_000_000n;
  while (kernel.clock.monotonicNs() < endNs) {
    values.push(...(await select()));
    await kernel.sleep(200);
  }
  return computeMedian(values) / MIB;
}

async function assertSource(exporter: Exporter, source: Source): Promise<void> {
  const samples = await exporter.scrape();
  assert.deepEqual(selectValues(samples, 'damon_exporter_source_active', { source }), [1]);
  assert.deepEqual(selectValues(samples, 'damon_exporter_lost_events_total'), [0]);
  assert.deepEqual(selectValues(samples, 'damon_exporter_spoiled_snapshots_total'), [0]);
  const tried = selectValues(samples, 'damon_scheme_tried_bytes_total', { kdamond: '0' });
  assert.ok(tried.length === 1 && Number(tried) > 0, `tried ${tried.join()}`);
}

/** The process ends: everything about its memory goes, and everything else goes on. */
async function assertVanishes(
  kernel: ContractKernel,
  process: ContractProcess,
  exporter: Exporter,
): Promise<void> {
  await process.kill();
  const count = async (family: string): Promise<number> =>
    selectValues(await exporter.scrape(), family).length;
  for (const family of ['damon_wss_bytes', 'damon_regions', 'damon_access_ratio_sum']) {
    await eventually(kernel, `no ${family}`, async () => (await count(family)) === 0);
  }
  // The kernel empties a target before it stops the kdamond, and a scrape may come in between.
  await eventually(kernel, 'a kdamond that stopped', async () => {
    const samples = await exporter.scrape();
    const [running] = selectValues(samples, 'damon_kdamond_running', { kdamond: '0' });
    return running === 0;
  });
  assert.equal(await exporter.fetchStatus('/-/healthy'), 200);
}

function measureProcess(source: Source): ContractCase {
  return {
    name: `${source} tells the hot part of a process, and its end ends the series`,
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const process = await kernel.startProcess(HOT_MIB, TOTAL_MIB);
      const exporter = await startBeside(process, String(process.pid), source);
      const tolerance = TOLERANCES.find(({ release }) => release.test(kernel.release))?.ratio ?? 0;
      const isNear = (mib: number): boolean => Math.abs(mib / HOT_MIB - 1) <= tolerance;
      let wssMib = await measureWss(kernel, exporter, 10);
      // A program that has to wait for its processor for long does not access what it would.
      for (let left = 2; left > 0 && !isNear(wssMib); left -= 1) {
        wssMib = await measureWss(kernel, exporter, 10);
      }
      assert.ok(isNear(wssMib), `working set ${wssMib} MiB, in truth ${HOT_MIB} of ${TOTAL_MIB}`);
      const [monitored = 0] = selectValues(await exporter.scrape(), 'damon_monitored_bytes');
      assert.ok(monitored >= TOTAL_MIB * MIB, `monitored ${monitored}`);
      await assertSource(exporter, source);
      await assertVanishes(kernel, process, exporter);
      assert.equal(await exporter.stop('SIGTERM'), 0);
      assert.deepEqual(readKernelState(kernel), before);
    },
  };
}

/** Whether all memory's working set may be this, in MiB. */
function isLikely(wssMib: number): boolean {
  return wssMib > HOT_MIB / 2 && wssMib < HOT_MIB * 3;
}

function measureMachine(source: Source, signal: NodeJS.Signals): ContractCase {
  return {
    name: `${source} tells the working set of physical memory, and ${signal} leaves nothing behind`,
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const process = await kernel.startProcess(HOT_MIB, TOTAL_MIB);
      const exporter = await startBeside(process, 'paddr', source);
      let wssMib = 0;
      // Others have hot pages, too, and those of the process lie in many places: with a machine that
      // has other things to do it takes a while until regions fit them.
      for (let left = 6; left > 0 && !isLikely(wssMib); left -= 1) {
        wssMib = await measureWss(kernel, exporter, 5);
      }
      assert.ok(isLikely(wssMib), `working set ${wssMib} MiB`);
      // On a busy machine the kernel may be too late with regions for one scrape.
      await eventually(kernel, 'all memory is monitored', async () => {
        const [monitored = 0] = selectValues(await exporter.scrape(), 'damon_monitored_bytes');
        return monitored > 1800 * MIB && monitored <= 2048 * MIB;
      });
      await assertSource(exporter, source);
      assert.equal(await exporter.stop(signal), 0, exporter.readStderr());
      assert.deepEqual(readKernelState(kernel), before);
    },
  };
}

export const WORKING_SET_CASES: readonly ContractCase[] = [
  measureProcess('trace'),
  measureProcess('sysfs'),
  measureMachine('trace', 'SIGTERM'),
  measureMachine('sysfs', 'SIGINT'),
];
