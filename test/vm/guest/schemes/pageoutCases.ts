import assert from 'node:assert/strict';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { eventually, read, SCHEME, tryCommand } from '../../../contract/damonFiles.ts';
import { readKernelState } from '../kernelState.ts';
import { selectValues } from '../serve/metricsText.ts';
import {
  describeMapping,
  idleFor,
  makeConfig,
  startConfigured,
  type Configured,
} from './configured.ts';
import { inCgroup, readMemoryStat, readRssBytes } from './machine.ts';

const MIB = 2 ** 20;
const HOT_MIB = 16;
const TOTAL_MIB = 112;
const QUOTA = 32 * MIB;
const RESET_MS = 1000;

interface Reading {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly triedBytes: number;
}

function readStat(kernel: ContractKernel, name: string): number {
  return Number(read(kernel, `${SCHEME}/stats/${name}`));
}

/** Until it is so, what the scheme had tried by when. */
async function watchTried(
  kernel: ContractKernel,
  what: string,
  isSo: () => boolean,
): Promise<Reading[]> {
  const readings: Reading[] = [];
  await eventually(kernel, what, async () => {
    const beforeMs = performance.now();
    if ((await tryCommand(kernel, 'update_schemes_stats')) === 'ok') {
      const triedBytes = readStat(kernel, 'sz_tried');
      readings.push({ beforeMs, afterMs: performance.now(), triedBytes });
    }
    return isSo();
  });
  return readings;
}

/** However two moments lie: a quota for each reset interval that can have begun between them. */
function assertQuota(readings: readonly Reading[]): void {
  for (const [index, from] of readings.entries()) {
    for (const to of readings.slice(index + 1)) {
      const nrIntervals = Math.floor((to.afterMs - from.beforeMs) / RESET_MS) + 2;
      const tried = to.triedBytes - from.triedBytes;
      assert.ok(tried <= nrIntervals * QUOTA, `${tried} bytes in ${nrIntervals} intervals`);
    }
  }
}

const COUNTERS = {
  sz_tried: 'damon_scheme_tried_bytes_total',
  nr_tried: 'damon_scheme_tried_regions_total',
  sz_applied: 'damon_scheme_applied_bytes_total',
  nr_applied: 'damon_scheme_applied_regions_total',
  qt_exceeds: 'damon_scheme_quota_exceeded_total',
};

/** What is told is what the kernel told before: it may have renewed its statistics since. */
async function assertSameCounters(kernel: ContractKernel, exporter: Configured): Promise<void> {
  const readAll = (): string =>
    Object.keys(COUNTERS)
      .map((name) => readStat(kernel, name))
      .join();
  const seen = new Set<string>();
  await eventually(kernel, 'the counters of the kernel', async () => {
    const before = readAll();
    // Not in the middle of a renewal.
    if (before === readAll()) seen.add(before);
    const samples = await exporter.scrape();
    const told = Object.values(COUNTERS).flatMap((family) =>
      selectValues(samples, family, { scheme: 'pageout-cold' }),
    );
    return seen.has(told.join());
  });
}

async function assertPageout(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  const process = await kernel.startProcess(HOT_MIB, TOTAL_MIB);
  const pageout = {
    name: 'pageout-cold',
    action: 'pageout',
    access_pattern: idleFor('1 s'),
    quotas: { sz_bytes: QUOTA, reset_interval_ms: RESET_MS },
  };
  const exporter = await startConfigured(
    kernel,
    makeConfig({ ...describeMapping(process), schemes: [pageout, { name: 'observe' }] }),
  );
  // The rest of the program has pages, too.
  const isFreed = (): boolean => readRssBytes(process.pid) < (HOT_MIB + 12) * MIB;
  assertQuota(await watchTried(kernel, 'the cold part is paged out', isFreed));
  const least = (TOTAL_MIB - HOT_MIB - 12) * MIB;
  await eventually(kernel, 'all of it is counted', () => readStat(kernel, 'sz_applied') >= least);
  await kernel.sleep(1000);
  const rss = readRssBytes(process.pid);
  assert.ok(rss >= HOT_MIB * MIB, `the hot part is not there: ${rss}`);
  await assertSameCounters(kernel, exporter);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

/** Memory that belongs to anybody else is rejected: said so, it means the same to all kernels. */
async function assertFilter(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  await inCgroup('/one', () => kernel.startProcess(0, 64));
  await inCgroup('/other', () => kernel.startProcess(0, 64));
  const exporter = await startConfigured(
    kernel,
    makeConfig({
      ops: 'paddr',
      targets: [],
      schemes: [
        {
          name: 'pageout-one',
          action: 'pageout',
          access_pattern: idleFor('1 s'),
          apply_interval_us: '500 ms',
          quotas: { sz_bytes: '4 GiB', reset_interval_ms: 1000 },
          filters: [{ filter_type: 'memcg', memcg_path: '/one', matching: false }],
        },
      ],
    }),
  );
  const readAnonMib = (path: string): number => readMemoryStat(path, 'anon') / MIB;
  await eventually(kernel, 'the memory of the cgroup is paged out', () => readAnonMib('/one') < 16);
  const other = readAnonMib('/other');
  assert.ok(other >= 64, `of the other cgroup only ${other} MiB are left`);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

export const PAGEOUT_CASES: readonly ContractCase[] = [
  {
    name: 'pageout frees the cold part of a process and leaves the hot one, within its quota',
    run: assertPageout,
  },
  { name: 'a filter by cgroup leaves the memory of all others alone', run: assertFilter },
];
