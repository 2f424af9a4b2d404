import { describe, expect, test } from 'vitest';
import { readDamonStat } from '../../src/kernel/modules.ts';
import type { OwnershipStore } from '../../src/reconcile/ownership.ts';
import type { Interception, KernelOperation } from '../../src/simulator/simulatedFs.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createMemoryStore } from '../support/memoryStore.ts';
import {
  EXPORTER,
  createOwnershipDeps as createDeps,
  createOwnershipKernel as createKernel,
  makeOwnSpec,
  startOwn as start,
} from '../support/ownership.ts';
import { read, stage, startVaddr, write } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';

const DAMON_STAT_ENABLED = 'sys/module/damon_stat/parameters/enabled';
const VERSIONS = ['6.12', '7.2'];

describe.each(VERSIONS)('an own kdamond on %s', (version) => {
  test('runs what was asked for and is written down before and after', async () => {
    const kernel = createKernel({ version });
    const store = createMemoryStore();
    const [running] = (await start(kernel, createDeps(kernel, store))).list();
    expect(running?.index).toBe(0);
    expect(read(kernel, 'state')).toBe('on');
    expect(read(kernel, 'pid')).toBe(String(running?.pid));
    expect(read(kernel, 'contexts/0/monitoring_attrs/nr_regions/min')).toBe('100');
    expect(store.written.map(({ kdamonds }) => kdamonds[0]?.pid)).toEqual([
      undefined,
      running?.pid,
    ]);
    expect(store.read()).toMatchObject({ bootId: 'boot-1', exporter: EXPORTER });
  });

  test('is gone after its release, and a second release does nothing', async () => {
    const kernel = createKernel({ version });
    const before = readDamonTree(kernel.fs);
    const store = createMemoryStore();
    const kdamond = await start(kernel, createDeps(kernel, store));
    await kdamond.release();
    expect(readDamonTree(kernel.fs)).toEqual(before);
    expect(store.read()).toBeUndefined();
    startVaddr(kernel);
    await kdamond.release();
    expect(read(kernel, 'state')).toBe('on');
  });

  test('that ended with its process is removed at the release', async () => {
    const kernel = createKernel({ version });
    const before = readDamonTree(kernel.fs);
    const kdamond = await start(kernel, createDeps(kernel));
    for (const pid of kernel.processes.keys()) kernel.kill(pid);
    kernel.advance(3_000_000_000n);
    expect(read(kernel, 'state')).toBe('off');
    await kdamond.release();
    expect(readDamonTree(kernel.fs)).toEqual(before);
  });
});

describe('starting is refused, and nothing is changed or written down,', () => {
  async function expectRefusal(
    kernel: SimulatedKernel,
    message: RegExp,
    deps = createDeps(kernel),
  ): Promise<void> {
    const before = readDamonTree(kernel.fs);
    const record = deps.store.read();
    await expect(start(kernel, deps)).rejects.toThrow(message);
    expect(readDamonTree(kernel.fs)).toEqual(before);
    expect(deps.store.read()).toEqual(record);
  }

  test.each(VERSIONS)('beside kdamonds of somebody else on %s, running', async (version) => {
    const kernel = createKernel({ version });
    startVaddr(kernel);
    await expectRefusal(kernel, /somebody else keeps 1 there/);
  });

  test('beside kdamonds of somebody else that only lie there', async () => {
    const kernel = createKernel();
    stage(kernel, {});
    await expectRefusal(kernel, /somebody else keeps 1 there/);
  });

  test('while DAMON_STAT runs and may not be switched off', async () => {
    await expectRefusal(createKernel({ isDamonStatOn: true }), /--takeover damon_stat/);
  });

  test.each(VERSIONS)('while DAMON_RECLAIM runs on %s', async (version) => {
    const kernel = createKernel({ version });
    kernel.fs.writeText('sys/module/damon_reclaim/parameters/enabled', 'Y');
    await expectRefusal(kernel, /damon_reclaim is running.*write N to .*damon_reclaim/);
  });

  test('for a process that does not exist', async () => {
    const kernel = createKernel();
    const spec = makeOwnSpec(kernel);
    for (const pid of kernel.processes.keys()) kernel.kill(pid);
    const deps = createDeps(kernel);
    await expect(start(kernel, deps, { spec })).rejects.toThrow(/there is no such process/);
    expect(deps.store.read()).toBeUndefined();
  });

  test('while another exporter has its own', async () => {
    const kernel = createKernel();
    const store = createMemoryStore();
    await start(kernel, createDeps(kernel, store));
    const second = createDeps(kernel, store);
    await expectRefusal(kernel, /process 4242 is an exporter.*state\.json/, second);
  });

  test('when it cannot be written down', async () => {
    const kernel = createKernel({ isDamonStatOn: true });
    const before = readDamonTree(kernel.fs);
    const store: OwnershipStore = {
      ...createMemoryStore(),
      create: () => {
        throw new Error('disk full');
      },
    };
    const started = start(kernel, createDeps(kernel, store), { isTakingOverDamonStat: true });
    await expect(started).rejects.toThrow('disk full');
    expect(readDamonTree(kernel.fs)).toEqual(before);
  });
});

describe('DAMON_STAT in the way', () => {
  test('is switched off for the time of the own kdamond, if that is allowed', async () => {
    const kernel = createKernel({ isDamonStatOn: true });
    const deps = createDeps(kernel);
    const kdamond = await start(kernel, deps, { isTakingOverDamonStat: true });
    expect(readDamonStat(kernel.fs)?.isEnabled).toBe(false);
    expect(deps.store.read()?.hasSwitchedOffDamonStat).toBe(true);
    await kdamond.release();
    expect(readDamonStat(kernel.fs)?.isEnabled).toBe(true);
  });

  test('that was off anyway stays off', async () => {
    const kernel = createKernel();
    const kdamond = await start(kernel, createDeps(kernel), { isTakingOverDamonStat: true });
    await kdamond.release();
    expect(readDamonStat(kernel.fs)?.isEnabled).toBe(false);
  });

  test('stays off when somebody else runs DAMON by then, and says so', async () => {
    const kernel = createKernel({ isDamonStatOn: true });
    const deps = createDeps(kernel);
    const kdamond = await start(kernel, deps, { isTakingOverDamonStat: true });
    write(kernel, { state: 'off' });
    startVaddr(kernel);
    const before = readDamonTree(kernel.fs);
    await kdamond.release();
    expect(readDamonTree(kernel.fs)).toEqual(before);
    expect(deps.logger.messages.join('\n')).toMatch(/somebody else.*\n.*DAMON_STAT stays off/);
    expect(deps.store.read()).toBeUndefined();
  });
});

describe('a release after somebody else changed the kdamonds touches nothing', () => {
  test.each<[string, (kernel: SimulatedKernel) => void]>([
    [
      'started another one in its place',
      (kernel) => {
        write(kernel, { state: 'off' });
        startVaddr(kernel);
      },
    ],
    [
      'staged another one in its place',
      (kernel) => {
        write(kernel, { state: 'off' });
        stage(kernel, { 'contexts/0/monitoring_attrs/nr_regions/min': '77' });
      },
    ],
    [
      'made more of them',
      (kernel) => {
        write(kernel, { state: 'off' });
        kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '2');
      },
    ],
    [
      'took all away',
      (kernel) => {
        write(kernel, { state: 'off' });
        kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '0');
      },
    ],
  ])('%s', async (_title, change) => {
    const kernel = createKernel();
    const deps = createDeps(kernel);
    const kdamond = await start(kernel, deps);
    change(kernel);
    const before = readDamonTree(kernel.fs);
    await kdamond.release();
    expect(readDamonTree(kernel.fs)).toEqual(before);
    expect(deps.store.read()).toBeUndefined();
  });
});

describe.each(VERSIONS)('when a step of starting fails on %s', (version) => {
  const isTakingOverDamonStat = version === '7.2';

  /** Every write a start does, in order. */
  async function listWrites(): Promise<string[]> {
    const writes: string[] = [];
    const kernel = createKernel({
      version,
      isDamonStatOn: true,
      intercept: (operation, path) => {
        if (operation === 'write') writes.push(path);
        return undefined;
      },
    });
    await start(kernel, createDeps(kernel), { isTakingOverDamonStat });
    return writes;
  }

  test('all that was done is undone, whichever write it was', async () => {
    const writes = await listWrites();
    // The switch, nr_kdamonds, the skeleton, the spec, and state.
    expect(writes.length).toBeGreaterThan(30);
    for (const failing of writes.keys()) {
      let nrWrites = 0;
      const intercept = (operation: KernelOperation): Interception | undefined => {
        if (operation !== 'write') return undefined;
        nrWrites += 1;
        return nrWrites === failing + 1 ? { errno: 'ENOMEM' } : undefined;
      };
      const kernel = createKernel({ version, isDamonStatOn: true, intercept });
      const deps = createDeps(kernel);
      const before = readDamonTree(kernel.fs);
      const started = start(kernel, deps, { isTakingOverDamonStat });
      await expect(started, writes[failing]).rejects.toMatchObject({ errno: 'ENOMEM' });
      const after = new Map(readDamonTree(kernel.fs));
      // A new thread of DAMON_STAT has a new pid.
      const pidFile = 'sys/module/damon_stat/parameters/kdamond_pid';
      if (before.has(pidFile)) after.set(pidFile, before.get(pidFile)!);
      expect(after, writes[failing]).toEqual(before);
      expect(deps.store.read(), writes[failing]).toBeUndefined();
    }
  });

  test('and undoing fails, too, the first failure is told and the record stays', async () => {
    let isBroken = false;
    const kernel = createKernel({
      version,
      intercept: (operation, path) => {
        if (operation === 'write' && path.endsWith('/state')) isBroken = true;
        return operation === 'write' && isBroken ? { errno: 'EIO' } : undefined;
      },
    });
    const deps = createDeps(kernel);
    await expect(start(kernel, deps)).rejects.toThrow(/write "on".*EIO/);
    expect(deps.store.read()?.kdamonds).toHaveLength(1);
    expect(deps.logger.messages.join()).toMatch(/could not undo/);
  });
});

test('directories that appear while it starts are left to their maker', async () => {
  const kernel: SimulatedKernel = createKernel({
    isDamonStatOn: true,
    intercept: (operation, path) => {
      // Between looking and making.
      if (operation === 'write' && path === DAMON_STAT_ENABLED && !isDone) {
        isDone = true;
        kernel.fs.writeText(path, 'N');
        stage(kernel, {});
      }
      return undefined;
    },
  });
  let isDone = false;
  const deps = createDeps(kernel);
  const started = start(kernel, deps, { isTakingOverDamonStat: true });
  await expect(started).rejects.toMatchObject({ errno: 'EBUSY' });
  expect(read(kernel, 'contexts/nr_contexts')).toBe('1');
  expect(deps.store.read()).toBeUndefined();
});
