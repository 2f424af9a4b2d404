import assert from 'node:assert/strict';
import { rmdirSync } from 'node:fs';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { eventually } from '../../../contract/damonFiles.ts';
import { readKernelState } from '../kernelState.ts';
import { selectValues } from '../serve/metricsText.ts';
import { makeConfig, startConfigured } from './configured.ts';
import type { ConfigPart, Configured } from './configured.ts';
import { inCgroup, readMemoryStat } from './machine.ts';

const MIB = 2 ** 20;
const SIZE_MIB = 96;

function makeProbe(name: string, path: string): ConfigPart {
  const filter = { filter_type: 'memcg', path, matching: true, allow: true };
  return { name, filters: [filter] };
}

const ANON_PROBE: ConfigPart = {
  name: 'anon',
  filters: [{ filter_type: 'anon', matching: true, allow: true }],
};

/** Mean over two seconds: single samples are coarse. */
async function readMib(
  kernel: ContractKernel,
  exporter: Configured,
  family: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    await kernel.sleep(200);
    const bytes = await exporter.read(family, labels);
    if (bytes !== undefined) found.push(bytes / MIB);
  }
  assert.ok(found.length >= 8, `${family}: ${found.length} of 10 looks found it`);
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

function assertNear(what: string, found: number, expected: number, share: number): void {
  assert.ok(
    Math.abs(found - expected) <= share * expected,
    `${what}: found ${found}, expected ${expected} MiB`,
  );
}

/** What probes tell that is far from what there is, a line for each. */
async function findMisfits(
  read: (family: string, labels: Readonly<Record<string, string>>) => Promise<number>,
): Promise<string[]> {
  const misfits: string[] = [];
  for (const probe of ['idle', 'used']) {
    const charged = readMemoryStat(`/${probe}`, 'anon') / MIB;
    const monitored = await read('monitored', { probe });
    if (Math.abs(monitored - charged) > 0.2 * charged) {
      misfits.push(`${probe}: found ${monitored}, expected ${charged} MiB`);
    }
  }
  const used = await read('wss', { probe: 'used' });
  if (used < 0.5 * SIZE_MIB) misfits.push(`accessed of used: ${used} MiB`);
  const idle = await read('wss', { probe: 'idle' });
  if (idle > 0.3 * SIZE_MIB) misfits.push(`accessed of idle: ${idle} MiB`);
  return misfits;
}

async function assertProbes(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  await inCgroup('/idle', () => kernel.startProcess(0, SIZE_MIB));
  await inCgroup('/used', () => kernel.startProcess(SIZE_MIB, SIZE_MIB));
  const config = makeConfig({
    ops: 'paddr',
    targets: [],
    nr_regions: { min: 300, max: 1000 },
    probes: [makeProbe('none', '/none'), makeProbe('idle', '/idle'), makeProbe('used', '/used')],
    schemes: [{ name: 'observe' }],
  });
  const exporter = await startConfigured(kernel, config);
  const read = (family: string, labels: Readonly<Record<string, string>>): Promise<number> =>
    readMib(kernel, exporter, `damon_probe_${family}_bytes`, labels);
  await kernel.sleep(4000);
  let misfits = await findMisfits(read);
  // On a machine with other things to do it takes longer until regions fit what is used.
  for (let left = 3; left > 0 && misfits.length > 0; left -= 1) misfits = await findMisfits(read);
  assert.deepEqual(misfits, []);
  // The place of a probe in the kernel moves, its name stays: one is waited for.
  assert.equal(await exporter.read('damon_probe_monitored_bytes', { probe: 'none' }), undefined);
  const changed = {
    ...config,
    kdamonds: withProbes(config, [makeProbe('idle', '/idle'), ANON_PROBE]),
  };
  await exporter.reload(changed);
  await kernel.sleep(2000);
  const anon = readMemoryStat('', 'anon') / MIB;
  assertNear('anonymous', await read('monitored', { probe: 'anon' }), anon, 0.2);
  assert.equal(await exporter.read('damon_probe_monitored_bytes', { probe: 'used' }), undefined);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

function withProbes(config: ConfigPart, probes: readonly ConfigPart[]): unknown {
  const { kdamonds } = config as { kdamonds: readonly { contexts: readonly object[] }[] };
  return kdamonds.map((kdamond) => ({
    ...kdamond,
    contexts: kdamond.contexts.map((context) => ({ ...context, probes })),
  }));
}

/** Waits until so much passes in one walk: the first ones may still be about the group before. */
async function waitForPassed(
  kernel: ContractKernel,
  exporter: Configured,
  expectedMib: number,
): Promise<void> {
  let first: readonly [bytes: number, walks: number] | undefined;
  let mib = NaN;
  await eventually(kernel, 'bytes of the control group', async () => {
    const samples = await exporter.scrape();
    const read = (what: string): number[] =>
      selectValues(samples, `damon_scheme_${what}_total`, { scheme: 'later' });
    const [[bytes], [walks]] = [read('ops_filter_passed_bytes'), read('snapshots')];
    if (bytes === undefined || walks === undefined) return false;
    first ??= [bytes, walks];
    if (walks - first[1] < 4) return false;
    mib = (bytes - first[0]) / (walks - first[1]) / MIB;
    first = undefined;
    return mib >= 0.8 * expectedMib;
  });
  assertNear('the group', mib, expectedMib, 0.2);
}

async function assertRenewed(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  const exporter = await startConfigured(
    kernel,
    makeConfig({
      ops: 'paddr',
      targets: [],
      schemes: [
        {
          name: 'later',
          action: 'stat',
          apply_interval_us: '500 ms',
          filters: [{ filter_type: 'memcg', memcg_path: '/later', matching: false }],
        },
        { name: 'observe' },
      ],
    }),
  );
  await eventually(kernel, 'the group is missed', () =>
    exporter.readStderr().includes('control group /later'),
  );
  assert.equal(await exporter.read('damon_scheme_info', { scheme: 'later' }), undefined);
  for (const sizeMib of [SIZE_MIB, SIZE_MIB / 2]) {
    await inCgroup('/later', () => kernel.startProcess(0, sizeMib));
    await waitForPassed(kernel, exporter, sizeMib);
    await kernel.killAll();
    rmdirSync('/sys/fs/cgroup/later');
  }
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

export const CGROUP_CASES: readonly ContractCase[] = [
  {
    name: 'probes tell how much memory of a control group there is, and what of it is hot',
    needs: ['probes'],
    run: assertProbes,
  },
  {
    name: 'a control group that is not there is waited for, and found again when made anew',
    needs: ['ops_filter_passed', 'max_nr_snapshots'],
    run: assertRenewed,
  },
];
