import { describe, expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { ContextSpec, FilterSpec, KdamondSpec, SchemeSpec } from '../../src/damon/spec.ts';
import type { OwnedKdamonds } from '../../src/reconcile/ownedSet.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import {
  createOwnershipDeps,
  createOwnershipKernel,
  startOwn,
  type TestOwnershipDeps,
} from '../support/ownership.ts';
import { fuzzRuns } from '../support/fuzzRuns.ts';
import { read } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';

/** Everything the kernel has a file for, so that every write there is comes once. */
function makeRich(version: string, change: Partial<ContextSpec> = {}): KdamondSpec {
  const isNew = version === '7.2';
  const anon: FilterSpec = { type: 'anon', isMatching: true, isAllowing: false };
  const goal = {
    metric: isNew ? 'node_mem_free_bp' : 'user_input',
    ...(isNew && { nid: 0 }),
    targetValue: 1000n,
    currentValue: 0n,
  };
  const pageout: SchemeSpec = {
    ...CATCH_ALL_STAT,
    action: 'pageout',
    applyIntervalUs: 500_000,
    quotas: {
      ...CATCH_ALL_STAT.quotas,
      timeMs: 100n,
      sizeBytes: 1n << 20n,
      resetIntervalMs: 1000n,
      sizeWeightPermil: 1,
      accessesWeightPermil: 2,
      ageWeightPermil: 3,
      goals: [goal],
    },
    watermarks: {
      metric: 'free_mem_rate',
      intervalUs: 1_000_000n,
      highPermil: 900,
      midPermil: 800,
      lowPermil: 10,
    },
    filters: [
      anon,
      { type: 'addr', isMatching: true, addrRange: { startAddr: 0n, endAddr: 8192n } },
    ],
  };
  return {
    contexts: [
      {
        operations: 'paddr',
        intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
        minNrRegions: 10n,
        maxNrRegions: 100n,
        ...(isNew && { probes: [{ filters: [{ ...anon, isAllowing: true }] }] }),
        targets: [{ regions: [{ startAddr: 1n << 20n, endAddr: 1n << 26n }] }],
        schemes: [pageout, CATCH_ALL_STAT],
        ...change,
      },
    ],
  };
}

interface Attempt {
  readonly kernel: SimulatedKernel;
  readonly deps: TestOwnershipDeps;
  readonly owned: OwnedKdamonds | undefined;
  readonly before: ReadonlyMap<string, string>;
  readonly error: unknown;
  /** Of the step; the last one may have failed. */
  readonly writes: readonly string[];
}

interface Failure {
  readonly version: string;
  /** Which write of the step fails, once; -1: none. */
  readonly at: number;
  readonly errno: string;
}

type Step = (owned: OwnedKdamonds, kernel: SimulatedKernel) => Promise<unknown>;

/** Starts, and then does the step, in which one write fails. */
async function attempt({ version, at, errno }: Failure, step: 'start' | Step): Promise<Attempt> {
  let writes: string[] | undefined = undefined as string[] | undefined;
  const kernel = createOwnershipKernel({
    version,
    workloads: [createHotCold('small', 1, 1)],
    intercept: (operation, path) => {
      if (operation !== 'write' || writes === undefined) return undefined;
      return writes.push(path) === at + 1 ? { errno } : undefined;
    },
  });
  const deps = createOwnershipDeps(kernel);
  const start = (): Promise<OwnedKdamonds> => startOwn(kernel, deps, { spec: makeRich(version) });
  let owned = step === 'start' ? undefined : await start();
  const before = readDamonTree(kernel.fs);
  const seen: string[] = (writes = []);
  let error: unknown;
  try {
    if (step === 'start') owned = await start();
    else await step(owned!, kernel);
  } catch (thrown) {
    error = thrown;
  }
  writes = undefined;
  return { kernel, deps, owned, before, error, writes: seen };
}

/** EBUSY is no failure: the kernel says so when it is asked at the wrong moment. */
const ERRNOS = ['EINVAL', 'ENOMEM', 'EIO', 'EACCES', 'EPERM', 'ENOSPC', 'ECANCELED', 'EINTR'];

/** Every write with one of them, another one in each round; `npm run fuzz` has a round for each. */
const ROUNDS = Array.from(ERRNOS.keys()).slice(0, fuzzRuns(1));

/** Does the step over and over, and in each turn another write fails. */
async function failEach(
  { version, round }: { readonly version: string; readonly round: number },
  step: 'start' | Step,
  check: (one: Attempt, errno: string, where: string) => void,
): Promise<void> {
  const whole = await attempt({ version, at: -1, errno: '' }, step);
  expect([whole.error, whole.writes.length > 5]).toEqual([undefined, true]);
  for (const [at, path] of whole.writes.entries()) {
    const errno = ERRNOS[(at + round) % ERRNOS.length] ?? '';
    check(await attempt({ version, at, errno }, step), errno, `${errno} ${path}`);
  }
}

const PID = 'sys/kernel/mm/damon/admin/kdamonds/0/pid';

describe.each(['6.12', '7.2'].flatMap((version) => ROUNDS.map((round) => ({ version, round }))))(
  'whichever write fails on $version, round $round,',
  ({ version, round }) => {
    test('a start leaves nothing, and says what it was', async () => {
      await failEach(
        { version, round },
        'start',
        ({ kernel, deps, before, error }, errno, where) => {
          // To a value that older kernels do not know they answer EINVAL, too.
          expect(String(error), where).toMatch(errno === 'EINVAL' ? /EINVAL|lacks/ : errno);
          expect(readDamonTree(kernel.fs), where).toEqual(before);
          expect(deps.store.read(), where).toBeUndefined();
        },
      );
    }, 30_000);

    test('a commit leaves what was before, and says so', async () => {
      const spec = makeRich(version, { schemes: [CATCH_ALL_STAT], maxNrRegions: 50n });
      await failEach(
        { version, round },
        (owned) => owned.change([spec]),
        ({ kernel, before, error, owned }, errno, where) => {
          expect(String(error), where).toContain(errno);
          expect(String(error), where).toMatch(/it goes on with what it did before/);
          expect(readDamonTree(kernel.fs), where).toEqual(before);
          expect(owned?.list()[0]?.pid, where).toBe(Number(read(kernel, 'pid')));
        },
      );
    }, 30_000);

    test('a new start for other addresses leaves what was before, or runs that again', async () => {
      const step: Step = (owned, kernel) => {
        const targets = [...kernel.processes.keys()].map((pid) => ({ pid, regions: [] }));
        return owned.change([makeRich(version, { operations: 'vaddr', targets, schemes: [] })]);
      };
      await failEach({ version, round }, step, ({ kernel, before, error, owned }, errno, where) => {
        expect(String(error), where).toMatch(errno === 'EINVAL' ? /EINVAL|lacks/ : errno);
        expect(String(error), where).toMatch(
          /it goes on with what it did before|it was started again with what it did before/,
        );
        const after = new Map(readDamonTree(kernel.fs));
        expect(after.set(PID, ''), where).toEqual(new Map(before).set(PID, ''));
        expect(owned?.list()[0]?.pid, where).toBe(Number(read(kernel, 'pid')));
      });
    }, 30_000);
  },
);
