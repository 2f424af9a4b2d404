import { describe, expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { KdamondSpec, SchemeSpec } from '../../src/damon/spec.ts';
import { adoptKdamonds } from '../../src/reconcile/adoptKdamonds.ts';
import type { OwnershipStore } from '../../src/reconcile/ownership.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createMemoryStore } from '../support/memoryStore.ts';
import {
  createOwnershipDeps as createDeps,
  createOwnershipKernel as createKernel,
  makeOwnSpec,
  startOwn,
} from '../support/ownership.ts';
import { read, startVaddr } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';

const VERSIONS = ['6.12', '7.2'];
const [ONE, TWO] = ['one', 'two'].map((name): SchemeSpec => ({ ...CATCH_ALL_STAT, name }));

function withSchemes(spec: KdamondSpec, ...schemes: readonly SchemeSpec[]): KdamondSpec {
  return { contexts: spec.contexts.map((context) => ({ ...context, schemes })) };
}

/** Starts and leaves running, as a program does that ends then. */
async function leave(kernel: SimulatedKernel, spec: KdamondSpec): Promise<OwnershipStore> {
  const store = createMemoryStore();
  const owned = await startOwn(kernel, createDeps(kernel, store), { spec });
  owned.keep();
  // As it comes back from a file.
  store.write(JSON.parse(JSON.stringify(store.read())) as never);
  return store;
}

describe.each(VERSIONS)('a kdamond that was left running on %s', (version) => {
  test('is known again, with the names of its schemes', async () => {
    const kernel = createKernel({ version });
    const spec = withSchemes(makeOwnSpec(kernel), ONE!, TWO!);
    const store = await leave(kernel, spec);
    const owned = await adoptKdamonds(createDeps(kernel, store), store.read()!);
    expect(owned.list()[0]).toMatchObject({ index: 0, pid: Number(read(kernel, 'pid')) });
    expect(owned.list()[0]?.spec.contexts[0]?.schemes.map(({ name }) => name)).toEqual([
      'one',
      'two',
    ]);
    expect(await owned.change([spec])).toEqual(['unchanged']);
  });

  test('takes a change by a commit, and is still nobody’s afterwards', async () => {
    const kernel = createKernel({ version });
    const spec = withSchemes(makeOwnSpec(kernel), ONE!, TWO!);
    const store = await leave(kernel, spec);
    const pid = read(kernel, 'pid');
    const owned = await adoptKdamonds(createDeps(kernel, store), store.read()!);
    expect(await owned.change([withSchemes(spec, TWO!)])).toEqual(['committed']);
    expect(owned.list()[0]?.nrClears).toBe(1);
    expect(read(kernel, 'pid')).toBe(pid);
    expect(store.read()).toMatchObject({ isKept: true });
  });

  test('belongs to an exporter that takes it over, and is gone with it', async () => {
    const kernel = createKernel({ version });
    const before = readDamonTree(kernel.fs);
    const store = await leave(kernel, makeOwnSpec(kernel));
    const exporter = { pid: 99, startTimeTicks: 1 };
    const owned = await adoptKdamonds(createDeps(kernel, store), store.read()!, exporter);
    expect(store.read()).toMatchObject({ isKept: false, exporter });
    await owned.release();
    expect(readDamonTree(kernel.fs)).toEqual(before);
    expect(store.read()).toBeUndefined();
  });

  test('is started again by a change where its process has ended meanwhile', async () => {
    const kernel = createKernel({ version });
    const store = await leave(kernel, makeOwnSpec(kernel));
    for (const pid of kernel.processes.keys()) kernel.kill(pid);
    kernel.advance(3_000_000_000n);
    const owned = await adoptKdamonds(createDeps(kernel, store), store.read()!);
    expect(owned.list()).toEqual([undefined]);
    const context = makeOwnSpec(kernel).contexts[0]!;
    const ram = { regions: [{ startAddr: 0n, endAddr: 1n << 30n }] };
    const physical = { ...context, operations: 'paddr' as const, targets: [ram] };
    expect(await owned.change([{ contexts: [physical] }])).toEqual(['started']);
  });

  test('is left alone where somebody else has one in its place', async () => {
    const kernel = createKernel({ version });
    const store = await leave(kernel, makeOwnSpec(kernel));
    kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/0/state', 'off');
    kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '0');
    startVaddr(kernel);
    const before = readDamonTree(kernel.fs);
    await expect(adoptKdamonds(createDeps(kernel, store), store.read()!)).rejects.toThrow(
      /not there any more: somebody else keeps 1 in their place/,
    );
    expect(readDamonTree(kernel.fs)).toEqual(before);
  });
});

test('intervals the kernel has tuned meanwhile stay as they are', async () => {
  const kernel = createKernel({ version: '7.2' });
  const goal = {
    accessBp: 400,
    aggrs: 3,
    minSampleIntervalUs: 5000,
    maxSampleIntervalUs: 10_000_000,
  };
  const plain = makeOwnSpec(kernel);
  const spec = {
    contexts: plain.contexts.map((one) => ({ ...one, intervals: { ...one.intervals, goal } })),
  };
  const store = await leave(kernel, spec);
  const path = 'contexts/0/monitoring_attrs/intervals/aggr_us';
  kernel.fs.writeText(`sys/kernel/mm/damon/admin/kdamonds/0/${path}`, '400000');
  const owned = await adoptKdamonds(createDeps(kernel, store), store.read()!);
  expect(owned.list()[0]?.spec.contexts[0]?.intervals).toMatchObject({ aggrIntervalUs: 100_000 });
  const tuned = { contexts: spec.contexts.map((one) => ({ ...one, maxNrRegions: 500n })) };
  expect(await owned.change([tuned])).toEqual(['committed']);
  expect(read(kernel, path)).toBe('400000');
});
