import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import type { DamonConfig } from '../../src/config/config.ts';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { Takeover } from '../../src/reconcile/freeDamon.ts';
import { createKeeper } from '../../src/reconcile/keeper.ts';
import type { Keeper } from '../../src/reconcile/keeper.ts';
import type { OwnershipStore } from '../../src/reconcile/ownership.ts';
import type { OwnershipDeps } from '../../src/reconcile/ownershipDeps.ts';
import { cleanUpAfterCrash } from '../../src/reconcile/undoOwnership.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { createCrashPoint } from '../support/crashPoint.ts';
import type { CrashPoint } from '../support/crashPoint.ts';
import { fuzzRuns } from '../support/fuzzRuns.ts';
import { DATABASE, makeKeptConfig, makeKeptKdamond, spawnNamed } from '../support/keeper.ts';
import { createMemoryLogger } from '../support/memoryLogger.ts';
import { createMemoryStore } from '../support/memoryStore.ts';
import { BOOT_ID, EXPORTER, createOwnershipKernel } from '../support/ownership.ts';
import { stage } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';
import { createTestRetry } from '../support/testRetry.ts';

const SECOND = makeKeptKdamond([{ kind: 'process', name: 'cache' }]);
const BUSY = makeKeptConfig({
  kdamonds: [
    {
      ...makeKeptKdamond([DATABASE], 500n),
      schemes: [{ ...CATCH_ALL_STAT, name: 'observe' }, CATCH_ALL_STAT],
    },
  ],
});
const TWO = makeKeptConfig({ kdamonds: [makeKeptKdamond([DATABASE]), SECOND] });
/** Else than the configuration of the start; gone over to one after the other. */
const LATER: readonly DamonConfig[] = [BUSY, TWO, makeKeptConfig()];

interface Machine {
  readonly kernel: SimulatedKernel;
  readonly store: OwnershipStore;
  readonly crash: CrashPoint;
  readonly takeover: Takeover;
}

interface Case {
  readonly version: string;
  /** What is in the way at the start. */
  readonly found: 'nothing' | 'damon_stat' | 'stopped_kdamonds';
  readonly onExit: DamonConfig['onExit'];
}

function createMachine({ version, found }: Case): Machine {
  const crash = createCrashPoint();
  crash.arm(Infinity);
  const kernel = createOwnershipKernel({
    version,
    workloads: [createHotCold('database', 1, 1), createHotCold('cache', 1, 1)],
    isDamonStatOn: found === 'damon_stat',
    intercept: (operation) => {
      if (operation === 'write') crash.change();
      else crash.touch();
      return undefined;
    },
  });
  if (found === 'stopped_kdamonds') stage(kernel, { 'contexts/0/schemes/0/action': 'cold' });
  const file = createMemoryStore();
  const store: OwnershipStore = {
    location: file.location,
    read: () => {
      crash.touch();
      return file.read();
    },
    create: (record) => {
      crash.change();
      return file.create(record);
    },
    write: (record) => {
      crash.change();
      file.write(record);
    },
    remove: () => {
      crash.change();
      file.remove();
    },
  };
  const takeover = {
    damonStat: found === 'damon_stat',
    stoppedKdamonds: found === 'stopped_kdamonds',
  };
  return { kernel, store, crash, takeover };
}

/** As `serve` starts: cleans up after whoever was there before, or goes on with what that has kept. */
async function startNext({ kernel, store, takeover }: Machine, config: DamonConfig) {
  const deps: OwnershipDeps = {
    fs: kernel.fs,
    retry: createTestRetry(),
    logger: createMemoryLogger(),
    store,
  };
  await cleanUpAfterCrash(deps, { bootId: BOOT_ID, isAlive: () => false });
  const getFindOptions = () => ({
    ownPid: 1,
    lookUpUser: () => undefined,
    commandPids: new Map<string, number>(),
  });
  const options = { bootId: BOOT_ID, exporter: EXPORTER, takeover, getFindOptions };
  const keeper = createKeeper(deps, options, config);
  await keeper.start(store.read());
  return keeper;
}

/** Everything an exporter does in its life. */
async function live(machine: Machine, onExit: DamonConfig['onExit']): Promise<void> {
  const { kernel } = machine;
  const keeper: Keeper = await startNext(machine, makeKeptConfig({ onExit }));
  spawnNamed(kernel);
  await keeper.look();
  for (const config of LATER) await keeper.reload({ ...config, onExit });
  await keeper.end();
}

/** Lives until it dies: the error of the last thing it did is lost with it. */
async function liveAndDie(machine: Machine, nrChanges: number, onExit: DamonConfig['onExit']) {
  machine.crash.arm(nrChanges);
  const error: unknown = await live(machine, onExit).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { isDead } = machine.crash;
  if (!isDead) expect(error).toBeUndefined();
  const done = machine.crash.nrChanges;
  machine.crash.arm(Infinity);
  return { isDead, nrChanges: done };
}

/** A thread that is started again gets another pid. */
function readState({ kernel }: Machine): ReadonlyMap<string, string> {
  return new Map([...readDamonTree(kernel.fs)].filter(([path]) => !path.endsWith('/kdamond_pid')));
}

const CASES: readonly Case[] = [
  { version: '6.12', found: 'nothing', onExit: 'restore' },
  { version: '6.12', found: 'stopped_kdamonds', onExit: 'keep' },
  { version: '7.2', found: 'damon_stat', onExit: 'restore' },
  { version: '7.2', found: 'damon_stat', onExit: 'keep' },
];
/** Some of the moments, every single one by `npm run fuzz`. */
const STEP: number = fuzzRuns(1) > 1 ? 1 : 13;

describe.each(CASES)('exporters that die on $version, found $found, exit $onExit:', (one) => {
  test('the next one makes what is configured, and its end leaves what was before all', async () => {
    const random = createRandom(7);
    let [nrDeaths, at] = [0, random.below(STEP)];
    for (; ; at += STEP) {
      const machine = createMachine(one);
      const before = readState(machine);
      const first = await liveAndDie(machine, at, one.onExit);
      if (!first.isDead) break;
      // The one that comes to clean up may die of it, too.
      await liveAndDie(machine, random.below(at + 60), one.onExit);
      const where = `after ${at} changes`;
      const last = await startNext(machine, makeKeptConfig());
      const [kept, ...others] = last.list();
      expect([kept?.pid === undefined, others], where).toEqual([false, []]);
      expect(machine.store.read()?.exporter, where).toEqual(EXPORTER);
      await last.end();
      expect(readState(machine), where).toEqual(before);
      expect(machine.store.read(), where).toBeUndefined();
      nrDeaths += 1;
    }
    expect(at).toBeGreaterThan(150);
    expect(nrDeaths).toBe(Math.floor(at / STEP));
  }, 600_000);
});

/** Somebody ends ours, which starts it again with all it was told. */
async function stopByHand({ kernel, crash }: Machine): Promise<void> {
  const state = 'sys/kernel/mm/damon/admin/kdamonds/0/state';
  if (!crash.isDead && kernel.fs.readText(state) === 'on\n') {
    await kernel.fs.writeTextBlocking(state, 'off');
  }
}

/** One life after the other on one machine, each with another configuration. */
async function liveInChain(
  machine: Machine,
  random: Random,
): Promise<'died' | 'kept' | 'restored'> {
  const onExit = random.below(3) === 0 ? 'keep' : 'restore';
  const change = { onExit } as const;
  machine.crash.arm(random.below(6) === 0 ? Infinity : random.below(160));
  try {
    const keeper = await startNext(machine, { ...pick(random), ...change });
    for (const pid of machine.kernel.processes.keys()) {
      if (random.below(4) === 0) machine.kernel.kill(pid);
    }
    for (const name of ['database', 'cache']) {
      if (random.below(2) === 0) spawnNamed(machine.kernel, name);
    }
    machine.kernel.advance(2_000_000_000n);
    if (random.below(2) === 0) await stopByHand(machine);
    await keeper.look();
    if (random.below(2) === 0) await keeper.reload({ ...pick(random), ...change });
    await keeper.end();
  } catch (error) {
    if (!machine.crash.isDead) throw error;
  }
  if (machine.crash.isDead) return 'died';
  return onExit === 'keep' ? 'kept' : 'restored';
}

function pick(random: Random): DamonConfig {
  return [makeKeptConfig(), ...LATER][random.below(4)]!;
}

const CHAINS = CASES.filter(({ onExit }) => onExit === 'restore').concat([
  { version: '6.12', found: 'stopped_kdamonds', onExit: 'restore' },
]);

test.each(CHAINS)(
  'in a chain of deaths on $version, found $found, nothing is lost',
  async (one) => {
    for (let seed = 0; seed < fuzzRuns(2); seed += 1) {
      const random = createRandom(seed);
      const machine = createMachine(one);
      const before = readState(machine);
      for (let nth = 0; nth < 25; nth += 1) {
        const end = await liveInChain(machine, random);
        machine.crash.arm(Infinity);
        if (end !== 'restored') continue;
        expect(readState(machine), `seed ${seed}, life ${nth}`).toEqual(before);
        expect(machine.store.read()).toBeUndefined();
      }
    }
  },
  600_000,
);
