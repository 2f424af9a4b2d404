import { describe, expect, test } from 'vitest';
import type { MachineReading } from '../../src/collect/machine.ts';
import { createMachineReader } from '../../src/collect/readMachine.ts';
import type { KernelFs } from '../../src/kernel/kernelFs.ts';
import type { Interception } from '../../src/simulator/simulatedFs.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import {
  KDAMOND,
  command,
  createTestKernel,
  startVaddr,
  targetFiles,
  write,
} from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

const WORKLOADS = [createHotCold('first', 8, 24), createHotCold('second', 8, 24)];
const KDAMONDS = 'sys/kernel/mm/damon/admin/kdamonds';

function createReader(
  kernel: SimulatedKernel,
  change: { readonly fs?: KernelFs; readonly ownIndexes?: readonly number[] } = {},
) {
  const retry = createTestRetry();
  const read = createMachineReader({
    fs: change.fs ?? kernel.fs,
    hostClock: kernel.clock,
    retry,
    listOwnIndexes: () => new Set(change.ownIndexes),
  });
  return { read, retry };
}

function findPart({ parts }: MachineReading, name: string) {
  return parts.find(({ part }) => part === name);
}

describe('a reading', () => {
  test.each(['6.12', '7.2'])('of %s tells whose each kdamond is', async (version) => {
    const kernel = createTestKernel({ version, workloads: WORKLOADS });
    startVaddr(kernel);
    const own = await createReader(kernel, { ownIndexes: [0] }).read();
    expect(own.kdamonds.map(({ ref }) => ref.owner)).toEqual(['own']);
    const { kdamonds, parts, kernelRelease } = await createReader(kernel).read();
    expect(kernelRelease).toBe(`${version}.0-simulated`);
    expect(kdamonds).toMatchObject([
      {
        ref: { label: '0', owner: 'sysfs' },
        isRunning: true,
        configuredIntervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 },
      },
    ]);
    expect(kdamonds[0]!.processes.get('0')?.command).toBe('first');
    expect(parts.map(({ wasSuccessful }) => wasSuccessful)).not.toContain(false);
  });

  test('has the thread of DAMON_STAT, and its intervals once it tells them', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS, isDamonStatOn: true });
    const { read } = createReader(kernel);
    const [atFirst] = (await read()).kdamonds;
    expect(atFirst).toMatchObject({ ref: { owner: 'damon_stat' }, isRunning: true });
    expect(atFirst!.configuredIntervals).toBeUndefined();
    kernel.advance(60_000_000_000n);
    const [later] = (await read()).kdamonds;
    const { sampleIntervalUs, aggrIntervalUs } = later!.configuredIntervals!;
    expect(aggrIntervalUs / sampleIntervalUs).toBe(20);
    expect(later!.cpuSeconds).toBeDefined();
  });

  test('has the kdamond of DAMON_RECLAIM with the intervals of its parameters', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    const parameters = 'sys/module/damon_reclaim/parameters';
    kernel.fs.writeText(`${parameters}/aggr_interval`, '200000');
    kernel.fs.writeText(`${parameters}/enabled`, 'Y');
    expect((await createReader(kernel).read()).kdamonds).toMatchObject([
      {
        ref: { label: 'damon_reclaim', owner: 'damon_reclaim' },
        configuredIntervals: { sampleIntervalUs: 5000, aggrIntervalUs: 200_000 },
      },
    ]);
  });

  test('has no processes for a kdamond that is off', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    startVaddr(kernel);
    write(kernel, { state: 'off' });
    const [kdamond] = (await createReader(kernel).read()).kdamonds;
    expect(kdamond).toMatchObject({ isRunning: false, cpuSeconds: undefined });
    expect(kdamond!.processes.size).toBe(0);
  });
});

describe('a part that fails', () => {
  /** Whatever `fails` says fails from now on. */
  function createFailingKernel() {
    const state = { fails: (_path: string): boolean => false };
    const intercept = (operation: string, path: string): Interception | undefined =>
      operation !== 'write' && state.fails(path) ? { errno: 'EIO' } : undefined;
    const kernel = createTestKernel({ workloads: WORKLOADS, intercept });
    kernel.fs.writeText(`${KDAMONDS}/nr_kdamonds`, '2');
    return { kernel, state };
  }

  test.each([
    ['sysfs', 'the tree', (path: string) => path === KDAMONDS],
    ['sysfs', 'one kdamond', (path: string) => path === `${KDAMONDS}/0/state`],
    ['processes', 'the list of threads', (path: string) => path.includes('/children')],
    ['modules', 'a parameter', (path: string) => path.endsWith('damon_reclaim/parameters/enabled')],
  ])('(%s: %s) says so and leaves what was known', async (part, _what, fails) => {
    const { kernel, state } = createFailingKernel();
    const { read } = createReader(kernel);
    const before = await read();
    expect(before.kdamonds).toHaveLength(2);
    expect(before.modules).toHaveLength(2);
    state.fails = fails;
    const after = await read();
    expect(after.kdamonds).toEqual(before.kdamonds);
    expect(after.modules).toEqual(before.modules);
    const failed = after.parts.filter(({ wasSuccessful }) => !wasSuccessful);
    expect(failed.map((one) => one.part)).toEqual([part]);
    expect(failed[0]!.problem).toMatch(/EIO/);
    state.fails = () => false;
    expect(findPart(await read(), part)).toMatchObject({ wasSuccessful: true, problem: undefined });
  });

  test('for one kdamond does not keep the others from being renewed', async () => {
    const { kernel, state } = createFailingKernel();
    const { read } = createReader(kernel);
    await read();
    state.fails = (path) => path === `${KDAMONDS}/0/state`;
    kernel.fs.writeText(`${KDAMONDS}/1/contexts/nr_contexts`, '1');
    const { kdamonds } = await read();
    expect(kdamonds.map(({ state: found }) => found?.contexts.length)).toEqual([0, 1]);
  });

  test('at the first reading leaves its kdamonds out', async () => {
    const { kernel, state } = createFailingKernel();
    state.fails = (path) => path === `${KDAMONDS}/0/state`;
    const { kdamonds } = await createReader(kernel).read();
    expect(kdamonds.map(({ ref }) => ref.label)).toEqual(['1']);
  });

  test('is no reason to swallow a defect of this program', async () => {
    const kernel = createTestKernel();
    const fs: KernelFs = {
      ...kernel.fs,
      list: () => {
        throw new TypeError('a defect');
      },
    };
    await expect(createReader(kernel, { fs }).read()).rejects.toThrow('a defect');
  });
});

describe('while a state write blocks', () => {
  async function block() {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    startVaddr(kernel, { 'contexts/0/schemes/0/apply_interval_us': '1000000' });
    const reader = createReader(kernel);
    const before = await reader.read();
    const pending = command(kernel, 'update_schemes_tried_regions');
    await Promise.resolve();
    expect(() => kernel.fs.readText(`${KDAMOND}/state`)).toThrow(/EBUSY/);
    return { ...reader, kernel, before, pending };
  }

  test('a reading uses the last known state and counts that it was busy', async () => {
    const { read, retry, before, pending } = await block();
    const during = await read();
    expect(during.kdamonds).toEqual(before.kdamonds);
    expect(findPart(during, 'sysfs')).toMatchObject({ wasSuccessful: true });
    expect(retry.count()).toBe(1);
    await pending;
  });

  test('a first reading tries a few times, then reports it', async () => {
    const { kernel, pending } = await block();
    const { read, retry } = createReader(kernel);
    const first = await read();
    expect(findPart(first, 'sysfs')?.problem).toMatch(/EBUSY/);
    expect(retry.count()).toBe(3);
    // Its thread is seen all the same.
    expect(first.kdamonds.map(({ ref }) => ref.owner)).toEqual(['unknown']);
    await pending;
  });
});

test('targets that end are gone from the next reading on', async () => {
  const kernel = createTestKernel({ workloads: WORKLOADS });
  startVaddr(kernel, targetFiles(kernel, 2));
  const { read } = createReader(kernel);
  const commands = async (): Promise<(string | undefined)[]> =>
    [...(await read()).kdamonds[0]!.processes.values()].map((process) => process.command);
  expect(await commands()).toEqual(['first', 'second']);
  kernel.kill([...kernel.processes.keys()][0]!);
  expect(await commands()).toEqual([undefined, 'second']);
});
