import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StatsRefresher } from '../../src/collect/statsRefresher.ts';
import type { SimulatedKernelOptions } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { createTestKernel, read, startVaddr, write } from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

const WORKLOADS = [createHotCold('first', 8, 24)];
const NR_TRIED = 'contexts/0/schemes/0/stats/nr_tried';

function setUp(options: Partial<SimulatedKernelOptions>, ownIndexes: readonly number[] = [0]) {
  const writes: string[] = [];
  const kernel = createTestKernel({
    workloads: WORKLOADS,
    ...options,
    intercept: (operation, path) => {
      if (operation === 'write') writes.push(path);
      return options.intercept?.(operation, path);
    },
  });
  startVaddr(kernel);
  kernel.advance(1_000_000_000n);
  writes.length = 0;
  const retry = createTestRetry();
  const listOwnIndexes = () => new Set(ownIndexes);
  return {
    kernel,
    writes,
    refresher: new StatsRefresher({
      fs: kernel.fs,
      retry,
      hostClock: kernel.clock,
      listOwnIndexes,
    }),
  };
}

/** Until what was begun has had every chance to end. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await nextTurn();
}

test('before 6.17 the statistics of an own kdamond are renewed, and nobody waits for it', async () => {
  const { kernel, refresher } = setUp({ version: '6.12' });
  refresher.request();
  expect(read(kernel, NR_TRIED)).toBe('0');
  await settle();
  expect(Number(read(kernel, NR_TRIED))).toBeGreaterThan(0);
});

test('before 6.17 the quotas in force are renewed, too, where there are any', async () => {
  const quotas = 'contexts/0/schemes/0/quotas';
  const { kernel, writes, refresher } = setUp({ version: '6.12' });
  refresher.request();
  await settle();
  expect(writes).toHaveLength(1);
  write(kernel, { [`${quotas}/bytes`]: '4096', [`${quotas}/reset_interval_ms`]: '1000' });
  write(kernel, { state: 'commit' });
  kernel.advance(1_000_000_000n);
  refresher.request();
  await settle();
  expect(read(kernel, `${quotas}/effective_bytes`)).toBe('4096');
});

test("somebody else's kdamond is never written to", async () => {
  const { writes, refresher } = setUp({ version: '6.12' }, []);
  refresher.request();
  await settle();
  expect(writes).toEqual([]);
});

test('where the kernel renews them by itself nothing is written', async () => {
  const { writes, refresher } = setUp({ version: '7.2' });
  refresher.request();
  await settle();
  expect(writes).toEqual([]);
});

test('a kdamond that has ended is no failure', async () => {
  const { kernel, writes, refresher } = setUp({ version: '6.12' });
  write(kernel, { state: 'off' });
  writes.length = 0;
  refresher.request();
  await settle();
  refresher.request();
  expect(writes).toEqual([]);
});

test('a failure is told at the next request, which tries again', async () => {
  let isFailing = true;
  const { kernel, refresher } = setUp({
    version: '6.12',
    intercept: (operation, path) =>
      isFailing && operation === 'read' && path.endsWith('/state') ? { errno: 'EIO' } : undefined,
  });
  refresher.request();
  await settle();
  isFailing = false;
  expect(() => {
    refresher.request();
  }).toThrow(/EIO/);
  await settle();
  refresher.request();
  expect(Number(read(kernel, NR_TRIED))).toBeGreaterThan(0);
});

test('while one is under way there is no second one', async () => {
  const { writes, refresher } = setUp({ version: '6.12' });
  refresher.request();
  refresher.request();
  await settle();
  expect(writes).toHaveLength(1);
});
