import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { attributeToTargets, openSysfsSource } from '../../src/collect/sysfsSource.ts';
import type { SourceReading } from '../../src/collect/source.ts';
import { computeMonitoredBytes, computeWssBytes } from '../../src/damon/derive.ts';
import type {
  SimulatedKernel,
  SimulatedKernelOptions,
} from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { MIB, makeRegions } from '../support/observations.ts';
import {
  CATCH_ALL,
  KDAMOND,
  command,
  createTestKernel,
  read,
  startVaddr,
  targetFiles,
  write,
} from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

const WORKLOADS = [createHotCold('first', 32, 96), createHotCold('second', 16, 16)];
const MIN_REGIONS = { 'contexts/0/monitoring_attrs/nr_regions/min': '100' };

function createKernel(options: Partial<SimulatedKernelOptions> = {}): SimulatedKernel {
  return createTestKernel({ workloads: WORKLOADS, ...options });
}

function open(kernel: SimulatedKernel, { intervalMs = 5000, ownIndexes = [0] } = {}) {
  const { fs, clock } = kernel;
  const retry = createTestRetry();
  return openSysfsSource({
    fs,
    clock,
    retry,
    intervalMs,
    listOwnIndexes: () => new Set(ownIndexes),
  });
}

describe.each(['6.12', '7.2'])('the sysfs source on %s', (version) => {
  test('gives the regions of an own kdamond with one target', async () => {
    const kernel = createKernel({ version });
    startVaddr(kernel, MIN_REGIONS);
    kernel.advance(10_000_000_000n);
    const beforeNs = kernel.clock.monotonicNs();
    const { aggregations, lostEvents } = await open(kernel).poll();
    expect(lostEvents).toBe(0);
    expect(aggregations).toHaveLength(1);
    const [{ kdamondPid, targetId, endNs, regions, isInAddrUnits }] = aggregations as [never];
    expect({ kdamondPid, targetId, isInAddrUnits }).toEqual({
      kdamondPid: Number(read(kernel, 'pid')),
      targetId: '0',
      isInAddrUnits: false,
    });
    expect(endNs).toBeGreaterThan(beforeNs);
    const hotMib = Number(computeWssBytes(regions) / MIB);
    expect(hotMib).toBeGreaterThan(28);
    expect(hotMib).toBeLessThan(36);
  });

  test('tells several targets apart', async () => {
    const kernel = createKernel({ version });
    startVaddr(kernel, { ...MIN_REGIONS, ...targetFiles(kernel, 2) });
    kernel.advance(10_000_000_000n);
    const { aggregations } = await open(kernel).poll();
    expect(aggregations.map(({ targetId }) => targetId)).toEqual(['0', '1']);
    const [first, second] = aggregations.map(({ regions }) =>
      Number(computeWssBytes(regions) / MIB),
    );
    expect(first! / second!).toBeGreaterThan(1.7);
    expect(first! / second!).toBeLessThan(2.3);
  });

  test('finds the scheme that reports everything among others', async () => {
    const kernel = createKernel({ version });
    const third = Object.entries(CATCH_ALL).slice(1);
    startVaddr(kernel, {
      ...MIN_REGIONS,
      'contexts/0/schemes/nr_schemes': '3',
      // One that sees nothing, one with a filter, and the one.
      'contexts/0/schemes/0/access_pattern/nr_accesses/min': '1000',
      ...Object.fromEntries(
        third.map(([path, value]) => [path.replace('/0/acc', '/1/acc'), value]),
      ),
      'contexts/0/schemes/1/filters/nr_filters': '1',
      'contexts/0/schemes/1/filters/0/addr_end': '4096',
      ...Object.fromEntries(
        third.map(([path, value]) => [path.replace('/0/acc', '/2/acc'), value]),
      ),
    });
    write(kernel, { 'contexts/0/schemes/1/filters/0/type': 'addr' });
    await command(kernel, 'commit');
    kernel.advance(2_000_000_000n);
    const { aggregations } = await open(kernel).poll();
    expect(computeMonitoredBytes(aggregations[0]!.regions)).toBeGreaterThanOrEqual(128n * MIB);
  });

  test('has nothing to report of a kdamond that has ended, and does not fail', async () => {
    const kernel = createKernel({ version });
    startVaddr(kernel);
    const source = open(kernel, { intervalMs: 10 });
    kernel.kill([...kernel.processes.keys()][0]!);
    kernel.advance(3_000_000_000n);
    expect(read(kernel, 'state')).toBe('off');
    expect((await source.poll()).aggregations).toEqual([]);
    kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '0');
    kernel.advance(1_000_000_000n);
    expect((await source.poll()).aggregations).toEqual([]);
  });

  test('nor of one that ends while it is asked', async () => {
    const kernel = createKernel({ version });
    startVaddr(kernel, { 'contexts/0/schemes/0/apply_interval_us': '60000000' });
    const polled = open(kernel).poll();
    kernel.kill([...kernel.processes.keys()][0]!);
    expect((await polled).aggregations).toEqual([]);
    expect(read(kernel, 'state')).toBe('off');
  });
});

test('it asks again only after its interval', async () => {
  const kernel = createKernel();
  startVaddr(kernel);
  const source = open(kernel, { intervalMs: 5000 });
  const count = async (): Promise<number> => (await source.poll()).aggregations.length;
  expect(await count()).toBe(1);
  expect(await count()).toBe(0);
  kernel.advance(6_000_000_000n);
  expect(await count()).toBe(1);
});

test('it is not to be had without a kdamond of its own, and says what to do', () => {
  expect(() => open(createKernel(), { ownIndexes: [] })).toThrow(/name a target to monitor/);
});

describe('it fails, so that another source can take over,', () => {
  async function expectFailure(kernel: SimulatedKernel, error: object): Promise<void> {
    await expect(open(kernel).poll()).rejects.toMatchObject(error);
  }

  test('where no scheme reports everything', async () => {
    const kernel = createKernel();
    startVaddr(kernel, { 'contexts/0/schemes/0/quotas/bytes': '4096' });
    await expectFailure(kernel, { message: expect.stringContaining('found no scheme') as string });
  });

  test('where the kernel stays busy', async () => {
    const kernel = createKernel({
      intercept: (_operation, path) => (path.endsWith('/state') ? { errno: 'EBUSY' } : undefined),
    });
    kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '1');
    await expectFailure(kernel, { errno: 'EBUSY' });
  });

  test('where the kernel refuses although the kdamond runs', async () => {
    let isRefusing = false;
    const kernel = createKernel({
      intercept: (operation) =>
        isRefusing && operation === 'write' ? { errno: 'ECANCELED' } : undefined,
    });
    startVaddr(kernel);
    isRefusing = true;
    await expectFailure(kernel, { errno: 'ECANCELED' });
  });
});

test('while the kernel lets its write wait, this program goes on', async () => {
  const kernel = createKernel({
    intercept: (operation) => (operation === 'write' ? { blockMs: 50 } : undefined),
  });
  startVaddr(kernel);
  const ended: SourceReading[] = [];
  const polled = Promise.resolve(open(kernel).poll()).then((reading) => ended.push(reading));
  let turns = 0;
  for (; ended.length === 0; turns += 1) await nextTurn();
  // Were the loop blocked, one turn would see it begin and end.
  expect(turns).toBeGreaterThan(10);
  await polled;
  expect(ended[0]!.aggregations).toHaveLength(1);
});

test('a kdamond of somebody else beside the own one is neither asked nor reported', async () => {
  const kernel = createKernel();
  startVaddr(kernel);
  const other = { ...kernel.fs };
  const writes: string[] = [];
  const fs = {
    ...other,
    writeTextBlocking: (...args: Parameters<typeof other.writeTextBlocking>) => {
      writes.push(args[0]);
      return other.writeTextBlocking(...args);
    },
  };
  const options = { fs, clock: kernel.clock, retry: createTestRetry(), intervalMs: 10 };
  const indexes = new Set([0]);
  const source = openSysfsSource({ ...options, listOwnIndexes: () => indexes });
  await source.poll();
  expect(writes).toEqual([`${KDAMOND}/state`]);
  indexes.clear();
  kernel.advance(1_000_000_000n);
  expect((await source.poll()).aggregations).toEqual([]);
  expect(writes).toHaveLength(1);
});

describe('regions without a target', () => {
  const regions = makeRegions([
    [10n, 20n, 1, 1],
    [20n, 30n, 2, 2],
    [5n, 10n, 3, 3],
    [10n, 15n, 4, 4],
    [0n, 5n, 5, 5],
  ]);

  test('are split where addresses go back, if that gives as many parts as there are targets', () => {
    const parts = attributeToTargets(regions, 3);
    const rows = [...parts].map(([target, part]) => [target, [...part.nrAccesses]]);
    expect(rows).toEqual([
      ['0', [1, 2]],
      ['1', [3, 4]],
      ['2', [5]],
    ]);
    expect([...parts.values()].map(({ count }) => count)).toEqual([2, 2, 1]);
  });

  test.each([2, 4])('stay together under one name where it does not (%d targets)', (nrTargets) => {
    expect([...attributeToTargets(regions, nrTargets)]).toEqual([['all', regions]]);
  });

  test('all belong to the only target', () => {
    expect([...attributeToTargets(regions, 1)]).toEqual([['0', regions]]);
  });
});
