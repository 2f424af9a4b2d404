import { describe, expect, test } from 'vitest';
import { readSystemRam } from '../../src/kernel/memory.ts';
import type { OwnershipDeps } from '../../src/reconcile/ownershipDeps.ts';
import { cleanUpAfterCrash } from '../../src/reconcile/undoOwnership.ts';
import type { CleanUpOptions } from '../../src/reconcile/undoOwnership.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createMemoryStore } from '../support/memoryStore.ts';
import {
  BOOT_ID,
  EXPORTER,
  createOwnershipDeps,
  createOwnershipKernel,
  makeOwnSpec,
  startOwn,
} from '../support/ownership.ts';
import { read, stage, startVaddr, targetFiles, write } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';

const NR_KDAMONDS = 'sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds';
const DEAD: CleanUpOptions = { bootId: BOOT_ID, isAlive: () => false };

/** An exporter that dies before its n-th write (from 0): nothing of it happens any more. */
async function crashBeforeWrite(version: string, nth: number) {
  let nrWrites = 0;
  let isDead = false;
  const kernel = createOwnershipKernel({
    version,
    isDamonStatOn: true,
    intercept: (operation) => {
      if (operation === 'write') nrWrites += 1;
      if (nrWrites > nth) isDead = true;
      if (isDead) throw new Error('killed');
      return undefined;
    },
  });
  const before = readDamonTree(kernel.fs);
  const store = createMemoryStore();
  const remove = (): void => {
    if (!isDead) store.remove();
  };
  const deps = createOwnershipDeps(kernel, { ...store, remove });
  const started = startOwn(kernel, deps, { isTakingOverDamonStat: true });
  const isStarted = await started.then(
    () => true,
    (error: unknown) => {
      expect(error).toMatchObject({ message: 'killed' });
      return false;
    },
  );
  isDead = false;
  nrWrites = -Infinity;
  return { kernel, before, store, isStarted };
}

/** A thread that is started again gets another pid. */
function withoutPids(tree: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...tree].filter(([path]) => !path.endsWith('/kdamond_pid')));
}

describe.each(['6.12', '7.2'])('after an exporter died on %s, all is as before it,', (version) => {
  test('before whichever write it died', async () => {
    let nth = 0;
    for (; nth < 200; nth += 1) {
      const { kernel, before, store, isStarted } = await crashBeforeWrite(version, nth);
      expect(store.read()?.hasSwitchedOffDamonStat).toBe(version === '7.2');
      expect(await cleanUpAfterCrash(createOwnershipDeps(kernel, store), DEAD)).toBe(true);
      const after = withoutPids(readDamonTree(kernel.fs));
      expect(after, `write ${String(nth)}`).toEqual(withoutPids(before));
      expect(store.read()).toBeUndefined();
      if (isStarted) break;
    }
    // The last round is the one without a crash: it ran on until its end.
    expect(nth).toBeGreaterThan(30);
    expect(nth).toBeLessThan(200);
  });

  test('when it died before the pid was written down', async () => {
    const { kernel, before, store } = await crashBeforeWrite(version, Infinity);
    const record = store.written[0]!;
    expect(record.kdamonds[0]?.pid).toBeUndefined();
    store.write(record);
    expect(read(kernel, 'state')).toBe('on');
    await cleanUpAfterCrash(createOwnershipDeps(kernel, store), DEAD);
    expect(withoutPids(readDamonTree(kernel.fs))).toEqual(withoutPids(before));
  });

  test('when its kdamond has ended with its process since', async () => {
    const { kernel, before, store } = await crashBeforeWrite(version, Infinity);
    for (const pid of kernel.processes.keys()) kernel.kill(pid);
    kernel.advance(3_000_000_000n);
    expect(read(kernel, 'state')).toBe('off');
    await cleanUpAfterCrash(createOwnershipDeps(kernel, store), DEAD);
    expect(withoutPids(readDamonTree(kernel.fs))).toEqual(withoutPids(before));
  });
});

test('a kdamond of physical memory is known again by its ranges', async () => {
  const kernel = createOwnershipKernel();
  const before = readDamonTree(kernel.fs);
  const store = createMemoryStore();
  const [context] = makeOwnSpec(kernel).contexts;
  const targets = [{ regions: readSystemRam(kernel.fs) }];
  const spec = { contexts: [{ ...context!, operations: 'paddr' as const, targets }] };
  await startOwn(kernel, createOwnershipDeps(kernel, store), { spec });
  expect(read(kernel, 'contexts/0/operations')).toBe('paddr');
  store.write(store.written[0]!);
  await cleanUpAfterCrash(createOwnershipDeps(kernel, store), DEAD);
  expect(readDamonTree(kernel.fs)).toEqual(before);
});

describe('nothing is written', () => {
  async function expectUntouched(
    kernel: SimulatedKernel,
    deps: OwnershipDeps,
    change: Partial<CleanUpOptions>,
  ): Promise<boolean> {
    const before = readDamonTree(kernel.fs);
    const outcome = await cleanUpAfterCrash(deps, { ...DEAD, ...change });
    expect(readDamonTree(kernel.fs)).toEqual(before);
    return outcome;
  }

  test('without a record', async () => {
    const kernel = createOwnershipKernel();
    startVaddr(kernel);
    expect(await expectUntouched(kernel, createOwnershipDeps(kernel), {})).toBe(false);
  });

  test('after another boot, and the record goes', async () => {
    const kernel = createOwnershipKernel();
    const deps = createOwnershipDeps(kernel);
    await startOwn(kernel, deps);
    expect(await expectUntouched(kernel, deps, { bootId: 'boot-2' })).toBe(false);
    expect(deps.store.read()).toBeUndefined();
  });

  test('while the exporter that wrote the record lives, and the record stays', async () => {
    const kernel = createOwnershipKernel();
    const deps = createOwnershipDeps(kernel);
    await startOwn(kernel, deps);
    const isAlive: CleanUpOptions['isAlive'] = ({ pid }) => pid === EXPORTER.pid;
    expect(await expectUntouched(kernel, deps, { isAlive })).toBe(false);
    expect(deps.store.read()?.exporter).toEqual(EXPORTER);
  });

  const foreign: [string, (kernel: SimulatedKernel) => void][] = [
    [
      'runs with another configuration',
      (kernel) => {
        startVaddr(kernel, { 'contexts/0/monitoring_attrs/nr_regions/min': '50' });
      },
    ],
    [
      'is staged for another process and not started yet',
      (kernel) => {
        stage(kernel, { ...targetFiles(kernel), 'contexts/0/targets/0/pid_target': '1' });
      },
    ],
    [
      'is staged with a scheme that does something',
      (kernel) => {
        stage(kernel, { 'contexts/0/schemes/0/action': 'pageout' });
      },
    ],
    [
      'is staged with one scheme more',
      (kernel) => {
        stage(kernel, {
          'contexts/0/schemes/nr_schemes': '2',
          'contexts/0/schemes/1/action': 'cold',
        });
      },
    ],
    [
      'is one of two',
      (kernel) => {
        kernel.fs.writeText(NR_KDAMONDS, '2');
      },
    ],
  ];
  const RECORDS = [
    ['only the intention was written down', 0],
    ['its pid was written down', 1],
  ] as const;
  describe.each(RECORDS)('to a foreign kdamond at the same place, when %s, that', (_, nth) => {
    test.each(foreign)('%s', async (_title, makeForeign) => {
      const kernel = createOwnershipKernel();
      const store = createMemoryStore();
      const kdamond = await startOwn(kernel, createOwnershipDeps(kernel, store));
      await kdamond.release();
      store.write(store.written[nth]!);
      makeForeign(kernel);
      const deps = createOwnershipDeps(kernel, store);
      expect(await expectUntouched(kernel, deps, {})).toBe(true);
      expect(store.read()).toBeUndefined();
      expect(deps.logger.messages.join()).toMatch(/leaving them alone/);
    });
  });

  test('to one that runs just what ours did, under another pid', async () => {
    const kernel = createOwnershipKernel();
    const store = createMemoryStore();
    await startOwn(kernel, createOwnershipDeps(kernel, store));
    write(kernel, { state: 'off' });
    write(kernel, { state: 'on' });
    await expectUntouched(kernel, createOwnershipDeps(kernel, store), {});
  });

  test('when the kdamond cannot be read, and the record stays for the next start', async () => {
    let isBusy = false;
    const kernel = createOwnershipKernel({
      intercept: (operation, path) =>
        isBusy && operation === 'read' && path.endsWith('/state') ? { errno: 'EBUSY' } : undefined,
    });
    const deps = createOwnershipDeps(kernel);
    await startOwn(kernel, deps);
    const before = readDamonTree(kernel.fs);
    isBusy = true;
    await expect(cleanUpAfterCrash(deps, DEAD)).rejects.toMatchObject({ errno: 'EBUSY' });
    isBusy = false;
    expect(readDamonTree(kernel.fs)).toEqual(before);
    expect(deps.store.read()).toBeDefined();
  });
});
