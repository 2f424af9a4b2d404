import { describe, expect, test } from 'vitest';
import type { DamonConfig } from '../../src/config/config.ts';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import {
  DATABASE,
  createTestKeeper as create,
  makeKeptConfig as makeConfig,
  makeKeptKdamond as makeKdamond,
  spawnNamed as spawn,
} from '../support/keeper.ts';
import { createOwnershipKernel } from '../support/ownership.ts';
import type { Keeper } from '../../src/reconcile/keeper.ts';
import { read, startVaddr, write } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';

const NR_KDAMONDS = 'sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds';

function listTargets(kernel: SimulatedKernel): string[] {
  const count = Number(read(kernel, 'contexts/0/targets/nr_targets'));
  return Array.from({ length: count }, (_, index) =>
    read(kernel, `contexts/0/targets/${String(index)}/pid_target`),
  );
}

describe('processes that come and go', () => {
  test('are waited for, and monitored as soon as they are there', async () => {
    const { kernel, keeper, deps } = create(makeConfig());
    await keeper.start();
    expect(keeper.list()).toMatchObject([
      { name: 'services', pid: undefined, missing: ['a process with the name "database"'] },
    ]);
    expect(deps.logger.messages.join()).toMatch(/waiting for something to monitor/);
    const pid = spawn(kernel);
    await keeper.look();
    expect(listTargets(kernel)).toEqual([String(pid)]);
    expect(keeper.list()).toMatchObject([{ missing: [], problem: undefined }]);
    expect(keeper.list()[0]?.pid).toBe(Number(read(kernel, 'pid')));
  });

  test('are added and taken away without a restart, each in its place', async () => {
    const { kernel, keeper } = create(makeConfig());
    const pids = [spawn(kernel), spawn(kernel)];
    await keeper.start();
    const kdamond = keeper.list()[0]?.pid;
    pids.push(spawn(kernel));
    await keeper.look();
    expect(listTargets(kernel)).toEqual(pids.map(String));
    kernel.kill(pids[1]!);
    await keeper.look();
    expect(listTargets(kernel)).toEqual([pids[0], pids[2]].map(String));
    expect(keeper.list()[0]?.pid).toBe(kdamond);
  });

  test('may all go: the kdamond ends, and starts again with the next one', async () => {
    const { kernel, keeper, before } = create(makeConfig());
    const first = spawn(kernel);
    await keeper.start();
    kernel.kill(first);
    kernel.advance(2_000_000_000n);
    await keeper.look();
    expect([read(kernel, 'state'), keeper.list()[0]?.pid]).toEqual(['off', undefined]);
    const next = spawn(kernel);
    await keeper.look();
    expect([read(kernel, 'state'), listTargets(kernel)]).toEqual(['on', [String(next)]]);
    await keeper.end();
    expect(readDamonTree(kernel.fs)).toEqual(before);
  });
});

describe('another configuration', () => {
  test('is committed to what runs', async () => {
    const { kernel, keeper } = create(makeConfig());
    spawn(kernel);
    await keeper.start();
    const config = makeConfig({ kdamonds: [makeKdamond([DATABASE], 500n)] });
    expect(await keeper.reload(config)).toEqual(['committed']);
    expect(read(kernel, 'contexts/0/monitoring_attrs/nr_regions/max')).toBe('500');
  });

  test('that the kernel refuses leaves the old one, which is kept up', async () => {
    const { kernel, keeper } = create(makeConfig());
    spawn(kernel);
    await keeper.start();
    const tree = readDamonTree(kernel.fs);
    const bad = makeConfig({ kdamonds: [makeKdamond([DATABASE], 3n)] });
    await expect(keeper.reload(bad)).rejects.toThrow(/goes on with what it did before/);
    expect(readDamonTree(kernel.fs)).toEqual(tree);
    await keeper.look();
    expect(readDamonTree(kernel.fs)).toEqual(tree);
    expect(keeper.list()).toMatchObject([{ problem: undefined, drift: [] }]);
  });
});

test('what already runs with the new schemes has their names, while others still wait', async () => {
  const seen: (string | undefined)[] = [];
  const list: (() => void)[] = [];
  const kernel = createOwnershipKernel({
    workloads: [],
    intercept: (operation, path) => {
      if (operation === 'write' && path.includes('/kdamonds/1/')) list[0]?.();
      return undefined;
    },
  });
  const name = (scheme: string): DamonConfig =>
    makeConfig({
      kdamonds: ['first', 'second'].map((kdamond) => ({
        ...makeKdamond([DATABASE]),
        name: kdamond,
        schemes: [{ ...CATCH_ALL_STAT, name: scheme }],
      })),
    });
  const { keeper } = create(name('before'), kernel);
  spawn(kernel);
  await keeper.start();
  list.push(() => seen.push(keeper.list()[0]?.schemes[0]?.name));
  await keeper.reload(name('after'));
  expect(seen.length).toBeGreaterThan(0);
  expect(new Set(seen)).toEqual(new Set(['after']));
});

test('what is told something else says so as long as its files are written', async () => {
  const seen: boolean[] = [];
  const keepers: Keeper[] = [];
  const kernel = createOwnershipKernel({
    workloads: [],
    intercept: (operation, path) => {
      const [keeper] = keepers;
      const isSeen = operation === 'write' && path.includes('/kdamonds/0/');
      if (isSeen && keeper) seen.push(keeper.list()[0]?.isChanging === true);
      return undefined;
    },
  });
  const order = (...schemes: readonly string[]): DamonConfig =>
    makeConfig({
      kdamonds: [
        {
          ...makeKdamond([DATABASE]),
          schemes: schemes.map((name) => ({ ...CATCH_ALL_STAT, name })),
        },
      ],
    });
  const { keeper } = create(order('hot', 'cold'), kernel);
  spawn(kernel);
  await keeper.start();
  keepers.push(keeper);
  expect(await keeper.reload(order('cold', 'hot'))).toEqual(['committed']);
  expect(seen.length).toBeGreaterThan(2);
  expect(new Set(seen)).toEqual(new Set([true]));
  expect(keeper.list()[0]).toMatchObject({ isChanging: false, nrClears: 1 });
});

describe('what somebody else changes in our kdamond', () => {
  const MAX = 'contexts/0/monitoring_attrs/nr_regions/max';

  test('is told, and left as it is, also when processes come', async () => {
    const { kernel, keeper, deps } = create(makeConfig());
    spawn(kernel);
    await keeper.start();
    write(kernel, { [MAX]: '77' });
    spawn(kernel);
    await keeper.look();
    expect(keeper.list()[0]?.drift).toEqual([
      { place: 'contexts/0/maxNrRegions', found: '77', wanted: '1000' },
    ]);
    expect(deps.logger.fields.map(({ reason }) => reason).join()).toMatch(
      /maxNrRegions: 77 instead of 1000/,
    );
    expect([read(kernel, MAX), listTargets(kernel).length]).toEqual(['77', 1]);
    write(kernel, { [MAX]: '1000' });
    await keeper.look();
    expect([keeper.list()[0]?.drift, listTargets(kernel).length]).toEqual([[], 2]);
  });

  test('is put back, if that is asked for', async () => {
    const { kernel, keeper } = create(makeConfig({ onDrift: 'correct' }));
    spawn(kernel);
    await keeper.start();
    write(kernel, { [MAX]: '77', state: 'commit' });
    await keeper.look();
    expect(read(kernel, MAX)).toBe('1000');
    await keeper.look();
    expect(keeper.list()[0]?.drift).toEqual([]);
  });

  test('is a problem when they took its place, and nothing of theirs is touched', async () => {
    const { kernel, keeper, deps } = create(makeConfig({ onDrift: 'correct' }));
    spawn(kernel);
    await keeper.start();
    write(kernel, { state: 'off' });
    startVaddr(kernel);
    const theirs = readDamonTree(kernel.fs);
    await keeper.look();
    expect(readDamonTree(kernel.fs)).toEqual(theirs);
    expect(keeper.list()[0]?.problem).toMatch(/somebody else|runs/);
    await keeper.end();
    expect(readDamonTree(kernel.fs)).toEqual(theirs);
    expect(deps.store.read()).toBeUndefined();
  });

  test('is made good when they took it away', async () => {
    const { kernel, keeper } = create(makeConfig());
    spawn(kernel);
    await keeper.start();
    write(kernel, { state: 'off' });
    kernel.fs.writeText(NR_KDAMONDS, '0');
    await keeper.look();
    expect(read(kernel, 'state')).toBe('on');
  });
});

test('at the end it runs on, if that is asked for', async () => {
  const { kernel, keeper, deps } = create(makeConfig({ onExit: 'keep' }));
  spawn(kernel);
  await keeper.start();
  await keeper.end();
  expect(read(kernel, 'state')).toBe('on');
  expect(deps.store.read()?.isKept).toBe(true);
});

describe('kdamonds that an exporter has left running', () => {
  test('are taken over without a new start, and are gone with who took them', async () => {
    const first = create(makeConfig({ onExit: 'keep' }));
    spawn(first.kernel);
    await first.keeper.start();
    await first.keeper.end();
    const pid = read(first.kernel, 'pid');
    const kept = first.deps.store.read();
    expect(kept).toMatchObject({ isKept: true });
    const next = create(makeConfig({ kdamonds: [makeKdamond([DATABASE], 500n)] }), first.kernel);
    if (kept !== undefined) next.deps.store.write(kept);
    await next.keeper.start(kept);
    expect(next.keeper.list()[0]?.pid).toBe(Number(pid));
    expect(read(first.kernel, 'contexts/0/monitoring_attrs/nr_regions/max')).toBe('500');
    await next.keeper.end();
    expect(readDamonTree(first.kernel.fs)).toEqual(first.before);
  });

  test('stay as they are where what is wanted is refused', async () => {
    const first = create(
      makeConfig({ onExit: 'keep' }),
      createOwnershipKernel({ workloads: [], version: '6.12' }),
    );
    spawn(first.kernel);
    await first.keeper.start();
    await first.keeper.end();
    const before = readDamonTree(first.kernel.fs);
    const kept = first.deps.store.read();
    const { context, ...rest } = makeKdamond([DATABASE]);
    const paused = { ...rest, context: { ...context, isPaused: true } };
    const next = create(makeConfig({ kdamonds: [paused] }), first.kernel);
    if (kept !== undefined) next.deps.store.write(kept);
    await expect(next.keeper.start(kept)).rejects.toThrow(/lacks/);
    expect(readDamonTree(first.kernel.fs)).toEqual(before);
    expect(next.deps.store.read()).toMatchObject({ isKept: true });
  });
});
