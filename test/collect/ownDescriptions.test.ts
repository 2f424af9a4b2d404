import { expect, test } from 'vitest';
import { createOwnDescriber } from '../../src/collect/ownDescriptions.ts';
import type { OwnDescription } from '../../src/collect/ownDescriptions.ts';
import type { KdamondState } from '../../src/damon/kdamond.ts';
import { readKdamonds } from '../../src/kernel/kdamonds.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { createTestKernel, startVaddr, write } from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

const NAMED: OwnDescription = { schemes: [{ name: 'cold' }], probes: [], nrClears: 0 };

async function readState(kernel: SimulatedKernel): Promise<KdamondState> {
  const options = {
    retry: createTestRetry(),
    withTriedRegions: false,
    lastRunStates: new Map<number, KdamondState>(),
  };
  const [state] = (await readKdamonds(kernel.fs, options)).kdamonds;
  return state!;
}

function setUp() {
  const kernel = createTestKernel({ workloads: [createHotCold('first', 8, 24)] });
  startVaddr(kernel);
  let own: OwnDescription = NAMED;
  const describer = createOwnDescriber(
    () => new Set([0]),
    () => own,
  );
  return {
    kernel,
    describer,
    tell: (change: Partial<OwnDescription>) => {
      own = { ...own, ...change };
    },
    look: async (meanwhile: () => void = () => undefined) => {
      describer.begin();
      const state = await readState(kernel);
      meanwhile();
      const { isRunning, contexts, nrClears } = describer.describe(state);
      return { isRunning, nrClears, schemes: contexts[0]?.schemes.map(({ name }) => name) };
    },
  };
}

const BEFORE = { isRunning: true, nrClears: 0, schemes: ['cold'] };
const NO_SCHEME = { 'contexts/0/schemes/nr_schemes': '0' };

test('a kdamond that is told something else goes on as it was, until that is done', async () => {
  const { kernel, tell, look } = setUp();
  expect(await look()).toEqual(BEFORE);
  tell({ isChanging: true });
  write(kernel, NO_SCHEME);
  expect(await look()).toEqual(BEFORE);
  tell({ isChanging: false, schemes: [], nrClears: 1 });
  expect(await look()).toEqual({ isRunning: true, nrClears: 1, schemes: [] });
});

test('what was read while a change came to its end is not taken for what is', async () => {
  const { kernel, tell, look } = setUp();
  await look();
  tell({ isChanging: true });
  write(kernel, NO_SCHEME);
  const ended = (): void => {
    tell({ isChanging: false, schemes: [{ name: 'hot' }], nrClears: 1 });
  };
  expect(await look(ended)).toEqual(BEFORE);
});

test('one that stops meanwhile is told as it is', async () => {
  const { kernel, tell, look } = setUp();
  await look();
  tell({ isChanging: true });
  write(kernel, { state: 'off' });
  expect((await look()).isRunning).toBe(false);
});

test('one that is not ours is left as it is', async () => {
  const { kernel } = setUp();
  const describer = createOwnDescriber(
    () => new Set<number>(),
    () => NAMED,
  );
  describer.begin();
  const state = await readState(kernel);
  expect(describer.describe(state)).toBe(state);
});
