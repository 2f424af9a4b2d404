import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { Collector } from '../../src/collect/collector.ts';
import { createOpeners } from '../../src/collect/openers.ts';
import { createMachineReader } from '../../src/collect/readMachine.ts';
import { computeWssBytes } from '../../src/damon/derive.ts';
import { SOURCE_NAMES } from '../../src/damon/observation.ts';
import type { SourceName } from '../../src/damon/observation.ts';
import type { Snapshot } from '../../src/damon/snapshot.ts';
import type { Intercept } from '../../src/simulator/simulatedFs.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { createMemoryLogger } from '../support/memoryLogger.ts';
import { createTestKernel, startVaddr, targetFiles } from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

const WORKLOADS = [createHotCold('first', 32, 96), createHotCold('second', 16, 16)];
const MIN_REGIONS = { 'contexts/0/monitoring_attrs/nr_regions/min': '100' };
const MIB = 2 ** 20;

const running: Collector[] = [];
afterEach(async () => {
  for (const collector of running.splice(0)) await collector.stop();
});

interface Options {
  readonly sources?: readonly SourceName[];
  readonly ownIndexes?: readonly number[];
}

/** The collector as `serve` wires it, over a kernel whose time the test moves. */
function startCollector(kernel: SimulatedKernel, options: Options = {}) {
  const { sources = SOURCE_NAMES, ownIndexes = [] } = options;
  const shared = {
    fs: kernel.fs,
    retry: createTestRetry(),
    listOwnIndexes: () => new Set(ownIndexes),
  };
  const taken: Snapshot[] = [];
  const logger = createMemoryLogger();
  const { clock } = kernel;
  const openers = createOpeners(
    { ...shared, clock, pid: 4242, traceBufferKb: 512, sysfsIntervalMs: 100 },
    sources,
  );
  const collector = new Collector({
    clock,
    hostClock: clock,
    logger,
    readMachine: createMachineReader({ ...shared, hostClock: clock }),
    openers,
    sinks: [{ name: 'list', take: (snapshot) => taken.push(snapshot) }],
    countBusyRetries: () => shared.retry.count(),
    pollIntervalMs: 1,
    machineIntervalMs: 1000,
    idleAfterMs: undefined,
    sourceRetryMs: 1000,
  });
  running.push(collector);
  void collector.start();
  return { collector, taken, logger };
}

/** Lets 250 ms pass at a time, until there is something to see. */
async function advanceUntil<T>(
  kernel: SimulatedKernel,
  look: () => T | undefined | false,
): Promise<T> {
  for (let steps = 0; steps < 2000; steps += 1) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    kernel.advance(250_000_000n);
    await wait(2);
  }
  throw new Error('it did not happen');
}

function getTargets(collector: Collector): readonly string[] {
  const kdamonds = collector.observe()?.kdamonds ?? [];
  return kdamonds.flatMap(({ targets }) => targets.map(({ target }) => target));
}

function computeMedianWssMib(snapshots: readonly Snapshot[]): number {
  const sizes = snapshots.map(({ regions }) => Number(computeWssBytes(regions)) / MIB);
  return sizes.sort((a, b) => a - b)[sizes.length >> 1]!;
}

describe.each(['6.12', '7.2'])('on %s', (version) => {
  test('trace and sysfs tell the same working set, and it is the true one', async () => {
    const measure = async (source: SourceName): Promise<number> => {
      const kernel = createTestKernel({ version, workloads: WORKLOADS });
      startVaddr(kernel, MIN_REGIONS);
      kernel.advance(10_000_000_000n);
      const { collector, taken } = startCollector(kernel, { sources: [source], ownIndexes: [0] });
      await advanceUntil(kernel, () => taken.length >= 20);
      expect(collector.observe()?.collector.activeSource).toBe(source);
      expect(taken[0]).toMatchObject({ kdamond: { label: '0', owner: 'own' }, target: '0' });
      return computeMedianWssMib(taken);
    };
    const [trace, sysfs] = [await measure('trace'), await measure('sysfs')];
    for (const mib of [trace, sysfs]) expect(Math.abs(mib - 32)).toBeLessThan(32 * 0.12);
    expect(Math.abs(trace - sysfs)).toBeLessThan(32 * 0.06);
  });

  test('asking sysfs now and then does not change what is known of the intervals', async () => {
    const kernel = createTestKernel({ version, workloads: WORKLOADS });
    startVaddr(kernel, MIN_REGIONS);
    const { taken } = startCollector(kernel, { sources: ['sysfs'], ownIndexes: [0] });
    await advanceUntil(kernel, () => taken.length >= 10);
    const spacingNs = taken[9]!.endNs - taken[8]!.endNs;
    expect(spacingNs).toBeGreaterThan(200_000_000n);
    expect(taken[9]).toMatchObject({ sampleIntervalUs: 5000, aggrIntervalUs: 100_000 });
  });

  test('a target vanishes when its process ends, and the other stays', async () => {
    const kernel = createTestKernel({ version, workloads: WORKLOADS });
    startVaddr(kernel, { ...MIN_REGIONS, ...targetFiles(kernel, 2) });
    const { collector } = startCollector(kernel);
    await advanceUntil(kernel, () => getTargets(collector).length === 2);
    const [first, second] = [...kernel.processes.keys()];
    kernel.kill(first!);
    await advanceUntil(kernel, () => getTargets(collector).length === 1);
    expect(getTargets(collector)).toEqual(['1']);
    kernel.kill(second!);
    await advanceUntil(kernel, () => getTargets(collector).length === 0);
    expect(collector.observe()?.kdamonds).toMatchObject([{ isRunning: false, targets: [] }]);
  });

  test("somebody else's kdamond is traced without a write below the DAMON tree", async () => {
    const writes: string[] = [];
    const kernel = createTestKernel({
      version,
      workloads: WORKLOADS,
      intercept: (operation, path) => {
        if (operation === 'write') writes.push(path);
        return undefined;
      },
    });
    startVaddr(kernel);
    writes.length = 0;
    const { collector, taken } = startCollector(kernel);
    await advanceUntil(kernel, () => taken.length > 5);
    await collector.stop();
    expect(writes.filter((path) => !path.startsWith('trace/instances/damon-exporter-'))).toEqual(
      [],
    );
    expect(kernel.fs.list('trace/instances')).toEqual([]);
  });

  test('a trace instance that breaks is replaced by another one', async () => {
    let isBroken = false;
    const intercept: Intercept = (operation, path) =>
      isBroken && operation === 'read' && path.endsWith('/trace_pipe_raw')
        ? { errno: 'ENODEV' }
        : undefined;
    const kernel = createTestKernel({ version, workloads: WORKLOADS, intercept });
    startVaddr(kernel);
    const { collector, taken } = startCollector(kernel, { sources: ['trace'] });
    await advanceUntil(kernel, () => taken.length > 0);
    isBroken = true;
    await advanceUntil(kernel, () => collector.observe()?.collector.activeSource === undefined);
    expect(collector.observe()?.collector.sourceProblems.get('trace')).toMatch(/ENODEV/);
    isBroken = false;
    const before = taken.length;
    await advanceUntil(kernel, () => taken.length > before);
    expect(kernel.fs.list('trace/instances')).toHaveLength(1);
  });
});

describe('a trace instance that somebody deletes', () => {
  test('is missed, and made again', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    startVaddr(kernel);
    const { fs } = kernel;
    const removed: string[] = [];
    let isGone = false;
    // What a removed instance looks like to who has its files open.
    const gone: typeof fs = {
      ...fs,
      openStream: (path) => {
        const stream = fs.openStream(path);
        return {
          ...stream,
          read: (into) =>
            isGone ? fs.openStream('trace/instances/none/x').read(into) : stream.read(into),
        };
      },
      removeDir: (path) => {
        removed.push(path);
        fs.removeDir(path);
        if (isGone) fs.removeDir(path);
      },
    };
    const { collector, taken, logger } = startCollector(
      { ...kernel, fs: gone },
      { sources: ['trace'] },
    );
    await advanceUntil(kernel, () => taken.length > 0);
    isGone = true;
    await advanceUntil(kernel, () => removed.length > 0);
    isGone = false;
    expect(logger.messages.join('\n')).toMatch(/could not close a source cleanly/);
    const before = taken.length;
    await advanceUntil(kernel, () => taken.length > before);
    expect(collector.observe()?.collector.activeSource).toBe('trace');
  });
});

describe('the choice of sources', () => {
  test('falls to sysfs where tracefs is closed, and says why', async () => {
    const kernel = createTestKernel({
      workloads: WORKLOADS,
      intercept: (_operation, path) =>
        path.startsWith('trace/') ? { errno: 'EACCES' } : undefined,
    });
    startVaddr(kernel);
    const { collector, taken } = startCollector(kernel, { ownIndexes: [0] });
    await advanceUntil(kernel, () => taken.length > 0);
    const { activeSource, sourceProblems } = collector.observe()!.collector;
    expect(activeSource).toBe('sysfs');
    expect(sourceProblems.get('trace')).toMatch(/tracefs is closed to this user/);
  });

  test('falls to DAMON_STAT where there is no own kdamond either', async () => {
    const kernel = createTestKernel({
      workloads: WORKLOADS,
      isDamonStatOn: true,
      intercept: (_operation, path) =>
        path.startsWith('trace/') ? { errno: 'ENOENT' } : undefined,
    });
    const { collector } = startCollector(kernel);
    await advanceUntil(
      kernel,
      () => collector.observe()?.damonStat?.memoryIdleMsPercentiles !== undefined,
    );
    const { activeSource, sourceProblems } = collector.observe()!.collector;
    expect(activeSource).toBe('damon_stat');
    expect([...sourceProblems.keys()]).toEqual(['trace', 'sysfs']);
  });

  test('says of every source what is missing where none works', async () => {
    const kernel = createTestKernel({
      version: '6.12',
      intercept: (_operation, path) =>
        path.startsWith('trace/') ? { errno: 'ENOENT' } : undefined,
    });
    const { collector } = startCollector(kernel);
    const problems = await advanceUntil(kernel, () => {
      const found = collector.observe()?.collector.sourceProblems;
      return found?.size === 3 ? found : undefined;
    });
    expect(problems.get('damon_stat')).toMatch(/it came with 6\.17/);
  });

  test('on a stock 7.2 traces DAMON_STAT, with the intervals it tunes itself to', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS, isDamonStatOn: true });
    const { collector, taken } = startCollector(kernel);
    await advanceUntil(kernel, () => taken.length > 30);
    expect(collector.observe()?.collector.activeSource).toBe('trace');
    const latest = taken.at(-1)!;
    expect(latest.kdamond).toMatchObject({ label: 'damon_stat', owner: 'damon_stat' });
    expect(latest.sampleIntervalUs).toBeGreaterThan(5000);
    expect(latest.aggrIntervalUs! / latest.sampleIntervalUs!).toBeCloseTo(20, 0);
  });
});
