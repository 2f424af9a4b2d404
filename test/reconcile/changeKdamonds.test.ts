import { describe, expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { ContextSpec, KdamondSpec, SchemeSpec } from '../../src/damon/spec.ts';
import { readSystemRam } from '../../src/kernel/memory.ts';
import type { Interception, KernelOperation } from '../../src/simulator/simulatedFs.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { createMemoryStore } from '../support/memoryStore.ts';
import {
  createOwnershipDeps as createDeps,
  createOwnershipKernel,
  makeOwnSpec,
  startOwn,
} from '../support/ownership.ts';
import { command, read, stage } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';

const VERSIONS = ['6.12', '7.2'];

function changeContext(spec: KdamondSpec, change: Partial<ContextSpec>): KdamondSpec {
  return { ...spec, contexts: spec.contexts.map((context) => ({ ...context, ...change })) };
}

const PAGEOUT: SchemeSpec = {
  ...CATCH_ALL_STAT,
  action: 'pageout',
  quotas: { ...CATCH_ALL_STAT.quotas, sizeBytes: 1n << 20n, resetIntervalMs: 1000n },
};

async function readTriedBytes(kernel: SimulatedKernel, scheme: number): Promise<bigint> {
  await command(kernel, 'update_schemes_stats');
  return BigInt(read(kernel, `contexts/0/schemes/${String(scheme)}/stats/sz_tried`));
}

describe.each(VERSIONS)('a running kdamond on %s', (version) => {
  test('is left in peace when nothing changes', async () => {
    const writes: string[] = [];
    const kernel = createOwnershipKernel({
      version,
      intercept: (operation, path) => {
        if (operation === 'write') writes.push(path);
        return undefined;
      },
    });
    const owned = await startOwn(kernel, createDeps(kernel));
    writes.length = 0;
    expect(await owned.change([makeOwnSpec(kernel)])).toEqual(['unchanged']);
    expect(writes).toEqual([]);
  });

  test('takes another scheme and other intervals by a commit and keeps its counters', async () => {
    const kernel = createOwnershipKernel({ version });
    const owned = await startOwn(kernel, createDeps(kernel));
    const [before] = owned.list();
    kernel.advance(2_000_000_000n);
    const tried = await readTriedBytes(kernel, 0);
    const spec = changeContext(makeOwnSpec(kernel), {
      schemes: [CATCH_ALL_STAT, PAGEOUT],
      intervals: { sampleIntervalUs: 10_000, aggrIntervalUs: 200_000, updateIntervalUs: 1_000_000 },
    });
    expect(await owned.change([spec])).toEqual(['committed']);
    expect(read(kernel, 'contexts/0/schemes/1/action')).toBe('pageout');
    expect(read(kernel, 'pid')).toBe(String(before?.pid));
    kernel.advance(2_000_000_000n);
    expect(await readTriedBytes(kernel, 0)).toBeGreaterThan(tried);
    expect(await readTriedBytes(kernel, 1)).toBeGreaterThan(0n);
  });

  test('goes back to the kernel’s defaults in what a new spec leaves open', async () => {
    const kernel = createOwnershipKernel({ version });
    const filters = [{ type: 'target', isMatching: true, targetIndex: 0 }];
    const full = changeContext(makeOwnSpec(kernel), {
      schemes: [{ ...CATCH_ALL_STAT, applyIntervalUs: 500_000, filters }],
    });
    const owned = await startOwn(kernel, createDeps(kernel), { spec: full });
    const reference = createOwnershipKernel({ version });
    await startOwn(reference, createDeps(reference));
    expect(await owned.change([makeOwnSpec(kernel)])).toEqual(['committed']);
    expect(readDamonTree(kernel.fs)).toEqual(readDamonTree(reference.fs));
  });

  test('is started anew for another kind of addresses', async () => {
    const kernel = createOwnershipKernel({ version });
    const before = readDamonTree(kernel.fs);
    const owned = await startOwn(kernel, createDeps(kernel));
    const targets = [{ regions: readSystemRam(kernel.fs) }];
    const spec = changeContext(makeOwnSpec(kernel), { operations: 'paddr', targets });
    expect(await owned.change([spec])).toEqual(['restarted']);
    expect([read(kernel, 'state'), read(kernel, 'contexts/0/operations')]).toEqual(['on', 'paddr']);
    expect(read(kernel, 'pid')).toBe(String(owned.list()[0]?.pid));
    await owned.release();
    expect(readDamonTree(kernel.fs)).toEqual(before);
  });

  test('is stopped when there is nothing to monitor, and started when there is again', async () => {
    const kernel = createOwnershipKernel({ version });
    const owned = await startOwn(kernel, createDeps(kernel), { specs: [undefined] });
    expect(owned.list()).toEqual([undefined]);
    expect(await owned.change([makeOwnSpec(kernel)])).toEqual(['started']);
    expect(await owned.change([undefined])).toEqual(['stopped']);
    expect(read(kernel, 'state')).toBe('off');
    expect(await owned.change([makeOwnSpec(kernel)])).toEqual(['started']);
    expect(read(kernel, 'state')).toBe('on');
  });

  test('that ended with its process is started again for another', async () => {
    const workloads = [createHotCold('one', 8, 24), createHotCold('two', 8, 24)];
    const kernel = createOwnershipKernel({ version, workloads });
    const [one = 0, two = 0] = [...kernel.processes.keys()];
    const make = (pid: number): KdamondSpec =>
      changeContext(makeOwnSpec(kernel), { targets: [{ pid, regions: [] }] });
    const owned = await startOwn(kernel, createDeps(kernel), { spec: make(one) });
    kernel.kill(one);
    kernel.advance(1_000_000_000n);
    await owned.refresh();
    expect(owned.list()).toEqual([undefined]);
    await expect(owned.change([make(one)])).rejects.toThrow(/no such process/);
    expect(await owned.change([make(two)])).toEqual(['started']);
    expect(read(kernel, 'contexts/0/targets/0/pid_target')).toBe(String(two));
  });
});

test('more or fewer kdamonds are made anew, all of them', async () => {
  const workloads = [createHotCold('one', 8, 24), createHotCold('two', 8, 24)];
  const kernel = createOwnershipKernel({ workloads });
  const before = readDamonTree(kernel.fs);
  const [one = 0, two = 0] = [...kernel.processes.keys()];
  const make = (pid: number): KdamondSpec =>
    changeContext(makeOwnSpec(kernel), { targets: [{ pid, regions: [] }] });
  const owned = await startOwn(kernel, createDeps(kernel), { spec: make(one) });
  expect(await owned.change([make(one), make(two)])).toEqual(['started', 'started']);
  expect(owned.list().map((kdamond) => kdamond?.index)).toEqual([0, 1]);
  expect(await owned.change([make(two)])).toEqual(['started']);
  await owned.release();
  expect(readDamonTree(kernel.fs)).toEqual(before);
});

test('what lies there stopped is put aside, if that is allowed, and put back at the end', async () => {
  const kernel = createOwnershipKernel();
  stage(kernel, {
    'contexts/0/schemes/0/filters/nr_filters': '1',
    'contexts/0/schemes/0/filters/0/type': 'memcg',
    'contexts/0/schemes/0/filters/0/memcg_path': '/a/b',
    'contexts/0/schemes/0/stats/max_nr_snapshots': '7',
    'contexts/0/targets/nr_targets': '1',
    'contexts/0/targets/0/regions/nr_regions': '1',
    'contexts/0/targets/0/regions/0/end': '4096',
  });
  const before = readDamonTree(kernel.fs);
  const deps = createDeps(kernel);
  await expect(startOwn(kernel, deps)).rejects.toThrow(/--takeover stopped_kdamonds/);
  const owned = await startOwn(kernel, deps, { isTakingOverStopped: true });
  expect(read(kernel, 'contexts/0/schemes/0/filters/nr_filters')).toBe('0');
  await owned.release();
  expect(readDamonTree(kernel.fs)).toEqual(before);
});

test('what is kept runs on, and is neither touched by a release nor cleaned up', async () => {
  const kernel = createOwnershipKernel();
  const deps = createDeps(kernel);
  const owned = await startOwn(kernel, deps);
  owned.keep();
  await owned.release();
  expect(read(kernel, 'state')).toBe('on');
  expect(deps.store.read()?.isKept).toBe(true);
  await expect(startOwn(kernel, deps)).rejects.toThrow(/of an earlier start is kept there/);
});

describe.each(VERSIONS)('when one write of a change fails on %s', (version) => {
  /** A change with a commit: another list of schemes, other values, other intervals. */
  async function change(failing: number, errno: string) {
    let nrWrites = -Infinity;
    const intercept = (operation: KernelOperation): Interception | undefined => {
      if (operation !== 'write') return undefined;
      nrWrites += 1;
      return nrWrites === failing + 1 ? { errno } : undefined;
    };
    const workloads = [createHotCold('small', 1, 1)];
    const kernel = createOwnershipKernel({ version, intercept, workloads });
    const store = createMemoryStore();
    const few = changeContext(makeOwnSpec(kernel), { minNrRegions: 10n });
    const owned = await startOwn(kernel, createDeps(kernel, store), { spec: few });
    const before = readDamonTree(kernel.fs);
    const spec = changeContext(few, {
      schemes: [CATCH_ALL_STAT, PAGEOUT],
      maxNrRegions: 500n,
    });
    nrWrites = 0;
    const error: unknown = await owned.change([spec]).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { kernel, owned, before, error, nrWrites, store };
  }

  test.each(['EINVAL', 'ENOMEM', 'EIO', 'EACCES'])(
    'with %s, it does what it did before and says so, whichever write it was',
    async (errno) => {
      const { nrWrites: total } = await change(-2, errno);
      expect(total).toBeGreaterThan(10);
      for (let failing = 0; failing < total; failing += 1) {
        const { kernel, owned, before, error } = await change(failing, errno);
        expect(error, String(failing)).toMatchObject({ errno: undefined });
        expect(String(error)).toMatch(/it goes on with what it did before/);
        expect(String(error)).toContain(errno);
        expect(readDamonTree(kernel.fs), String(failing)).toEqual(before);
        expect(read(kernel, 'state')).toBe('on');
        expect(owned.list()[0]?.pid).toBe(Number(read(kernel, 'pid')));
      }
    },
    30_000,
  );
});

test('a commit that ends the kdamond, as 6.12 does, is answered by starting it as it was', async () => {
  const kernel = createOwnershipKernel({ version: '6.12' });
  const owned = await startOwn(kernel, createDeps(kernel));
  const before = readDamonTree(kernel.fs);
  const bad = changeContext(makeOwnSpec(kernel), { minNrRegions: 2n });
  await expect(owned.change([bad])).rejects.toThrow(/started again with what it did before/);
  const after = new Map(readDamonTree(kernel.fs));
  const pidFile = 'sys/kernel/mm/damon/admin/kdamonds/0/pid';
  expect(after.get(pidFile)).toBe(`${String(owned.list()[0]?.pid)}\n`);
  expect(new Map([...after, [pidFile, before.get(pidFile)!]])).toEqual(before);
});

test('a commit that never comes back, as on 6.12 at rest, ends in a new start', async () => {
  const watermarks = {
    metric: 'free_mem_rate',
    intervalUs: 1_000_000n,
    ...{ highPermil: 10, midPermil: 5, lowPermil: 1 },
  };
  const kernel = createOwnershipKernel({ version: '6.12' });
  const resting = changeContext(makeOwnSpec(kernel), { schemes: [{ ...PAGEOUT, watermarks }] });
  const owned = await startOwn(kernel, createDeps(kernel), { spec: resting });
  const pid = owned.list()[0]?.pid;
  kernel.advance(3_000_000_000n);
  expect(await owned.change([makeOwnSpec(kernel)])).toEqual(['restarted']);
  expect(owned.list()[0]?.pid).not.toBe(pid);
  expect([read(kernel, 'state'), read(kernel, 'contexts/0/schemes/0/action')]).toEqual([
    'on',
    'stat',
  ]);
});

describe('schemes with names', () => {
  const named = (name: string, scheme: SchemeSpec = CATCH_ALL_STAT): SchemeSpec => ({
    ...scheme,
    name,
  });

  test.each(VERSIONS)('on %s start counting anew when they move, and not else', async (version) => {
    const kernel = createOwnershipKernel({ version });
    const spec = (...schemes: SchemeSpec[]): KdamondSpec =>
      changeContext(makeOwnSpec(kernel), { schemes });
    const owned = await startOwn(kernel, createDeps(kernel), { spec: spec(named('all')) });
    const pid = owned.list()[0]?.pid;
    kernel.advance(20_000_000_000n);
    const tried = await readTriedBytes(kernel, 0);
    expect(await owned.change([spec(named('all'), named('none', PAGEOUT))])).toEqual(['committed']);
    expect(await readTriedBytes(kernel, 0)).toBeGreaterThanOrEqual(tried);
    expect(owned.list()[0]).toMatchObject({ pid, nrClears: 0 });
    expect(await owned.change([spec(named('none', PAGEOUT), named('all'))])).toEqual(['committed']);
    expect(await readTriedBytes(kernel, 1)).toBeLessThan(tried / 2n);
    expect(owned.list()[0]).toMatchObject({ pid, nrClears: 1 });
  });

  test('do what they did when moving them fails', async () => {
    let isRefusing = false;
    const kernel = createOwnershipKernel({
      intercept: (operation, path) =>
        isRefusing && operation === 'write' && path.endsWith('schemes/1/action')
          ? { errno: 'ENOMEM' }
          : undefined,
    });
    const first = changeContext(makeOwnSpec(kernel), {
      schemes: [named('a'), named('b', PAGEOUT)],
    });
    const owned = await startOwn(kernel, createDeps(kernel), { spec: first });
    isRefusing = true;
    const moved = changeContext(first, { schemes: [named('b', PAGEOUT), named('a')] });
    const error: unknown = await owned.change([moved]).catch((thrown: unknown) => thrown);
    isRefusing = false;
    expect(String(error)).toMatch(/ENOMEM.*does not run|ENOMEM.*what it did before/);
    expect(await owned.change([first])).toEqual([expect.stringMatching(/unchanged|started/)]);
    expect(read(kernel, 'contexts/0/schemes/1/action')).toBe('pageout');
    kernel.advance(3_000_000_000n);
    expect(await readTriedBytes(kernel, 0)).toBeGreaterThan(0n);
  });
});
