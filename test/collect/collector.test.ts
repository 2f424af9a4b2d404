import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { KernelError } from '../../src/base/errors.ts';
import { Collector } from '../../src/collect/collector.ts';
import type { CollectorOptions } from '../../src/collect/collector.ts';
import type { MachineKdamond, MachineReading } from '../../src/collect/machine.ts';
import type { Aggregation, SourceReading } from '../../src/collect/source.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createRegionColumns } from '../../src/damon/snapshot.ts';
import type { Snapshot } from '../../src/damon/snapshot.ts';
import { createMemoryLogger } from '../support/memoryLogger.ts';

const PID = 77;

function kdamond(change: Partial<MachineKdamond> = {}): MachineKdamond {
  return {
    ref: { label: '0', owner: 'sysfs', pid: PID },
    isRunning: true,
    cpuSeconds: 1,
    state: undefined,
    configuredIntervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 },
    processes: new Map(),
    ...change,
  };
}

function machine(...kdamonds: MachineKdamond[]): MachineReading {
  return {
    kernelRelease: '7.2.0',
    kdamonds,
    damonStat: undefined,
    modules: [],
    memory: undefined,
    parts: [],
  };
}

function aggregation(change: Partial<Aggregation> = {}): Aggregation {
  return {
    kdamondPid: PID,
    targetId: '0',
    endNs: 1_000_000_000n,
    regions: createRegionColumns(1),
    isInAddrUnits: true,
    isGapless: false,
    isSelected: false,
    ...change,
  };
}

function reading(...aggregations: Aggregation[]): SourceReading {
  return { aggregations, tunedSampleIntervals: [], lostEvents: 3, spoiledSnapshots: 1 };
}

const noSource = () => {
  throw new KernelError({ operation: 'open', path: '/t', errno: 'ENOENT', hint: 'no tracefs' });
};

let running: Collector | undefined;
afterEach(async () => {
  await running?.stop();
});

/** A collector whose trace source gives the readings one after the other, then nothing. */
function startCollector(
  polls: (SourceReading | Error | Promise<SourceReading>)[],
  change: Partial<CollectorOptions> = {},
) {
  const taken: Snapshot[] = [];
  const log = createMemoryLogger();
  let nrClosed = 0;
  const poll = () => {
    const next = polls.shift() ?? reading();
    if (next instanceof Error) throw next;
    return next;
  };
  const close = () => {
    nrClosed += 1;
  };
  const collector = new Collector({
    clock: systemClock,
    hostClock: systemClock,
    logger: log,
    readMachine: () => Promise.resolve(machine(kdamond())),
    openers: [{ name: 'trace', open: () => ({ name: 'trace', poll, close }) }],
    sinks: [{ name: 'list', take: (snapshot) => taken.push(snapshot) }],
    countBusyRetries: () => 0,
    pollIntervalMs: 1,
    machineIntervalMs: 5,
    idleAfterMs: undefined,
    sourceRetryMs: 5,
    ...change,
  });
  running = collector;
  void collector.start();
  return { collector, taken, log, countClosed: () => nrClosed };
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (let i = 0; i < 2000; i += 1) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await wait(1);
  }
  throw new Error('it did not happen');
}

describe('the collector', () => {
  test('an aggregation becomes a snapshot of its kdamond, for sinks and observers', async () => {
    const { collector, taken } = startCollector([reading(aggregation())]);
    const snapshot = await until(() => taken[0]);
    expect(snapshot).toMatchObject({
      kdamond: { label: '0', owner: 'sysfs', pid: PID },
      target: '0',
      startNs: 900_000_000n,
      endNs: 1_000_000_000n,
      sampleIntervalUs: 5000,
    });
    expect(collector.observe()).toMatchObject({
      kdamonds: [{ targets: [{ target: '0', latest: snapshot }] }],
      collector: { activeSource: 'trace', snapshots: 1, lostEvents: 3, spoiledSnapshots: 1 },
    });
  });

  test('kdamonds are the same object for observers until there is another snapshot', async () => {
    const polls = [reading(aggregation())];
    const { collector, taken } = startCollector(polls, { machineIntervalMs: 1e6 });
    await until(() => taken.length === 1);
    const first = collector.observe()?.kdamonds;
    expect(first?.[0]?.targets).toHaveLength(1);
    expect(collector.observe()?.kdamonds).toBe(first);
    polls.push(reading(aggregation({ endNs: 1_100_000_000n })));
    await until(() => taken.length === 2);
    expect(collector.observe()?.kdamonds[0]?.targets[0]?.latest).toBe(taken[1]);
  });

  test('a kdamond that nobody knew yet is looked up before its snapshot is delivered', async () => {
    let current = machine();
    const { taken } = startCollector([reading(), reading(aggregation())], {
      readMachine: () => {
        const result = current;
        current = machine(kdamond());
        return Promise.resolve(result);
      },
      machineIntervalMs: 1_000_000,
    });
    expect((await until(() => taken[0])).kdamond.label).toBe('0');
  });

  test('a thread that the machine never shows is looked for once', async () => {
    let nrReadings = 0;
    const polls = Array.from({ length: 50 }, () => reading(aggregation({ kdamondPid: 4711 })));
    const { taken } = startCollector(polls, {
      readMachine: () => {
        nrReadings += 1;
        return Promise.resolve(machine());
      },
      machineIntervalMs: 1_000_000,
    });
    await until(() => polls.length === 0);
    expect({ nrReadings, nrTaken: taken.length }).toEqual({ nrReadings: 2, nrTaken: 0 });
  });

  test('targets vanish with their process, and with their kdamond', async () => {
    let current = machine(kdamond());
    const { collector } = startCollector([reading(aggregation(), aggregation({ targetId: '1' }))], {
      readMachine: () => Promise.resolve(current),
    });
    const targets = () => collector.observe()?.kdamonds[0]?.targets.map(({ target }) => target);
    await until(() => targets()?.length === 2);
    current = machine(kdamond({ processes: new Map([['1', { pid: 5, command: undefined }]]) }));
    await until(() => targets()?.length === 1);
    expect(targets()).toEqual(['0']);
    current = machine(kdamond({ isRunning: false }));
    await until(() => targets()?.length === 0);
  });

  test('a sink that fails is counted and hinders nobody', async () => {
    const taken: Snapshot[] = [];
    const { collector } = startCollector([reading(aggregation())], {
      sinks: [
        {
          name: 'broken',
          take: () => {
            throw new Error('disk full');
          },
        },
        { name: 'good', take: (snapshot) => taken.push(snapshot) },
      ],
    });
    await until(() => taken.length === 1);
    const parts = collector.observe()?.collector.parts;
    expect(parts).toContainEqual(
      expect.objectContaining({ part: 'sink_broken', wasSuccessful: false, problem: 'disk full' }),
    );
    expect(parts).toContainEqual(
      expect.objectContaining({ part: 'sink_good', wasSuccessful: true }),
    );
  });

  test('a source that breaks is closed, says why, is tried again, and its losses stay counted', async () => {
    const gone = new KernelError({ operation: 'read', path: '/t/pipe', errno: 'ENODEV' });
    const { collector, taken, countClosed } = startCollector([
      reading(aggregation()),
      gone,
      reading(aggregation({ endNs: 2_000_000_000n })),
    ]);
    await until(() => taken.length === 2);
    expect(countClosed()).toBe(1);
    expect(collector.observe()?.collector.lostEvents).toBe(6);
  });

  test('without any source the observation is there and says what is missing', async () => {
    const { collector, log } = startCollector([], { openers: [{ name: 'trace', open: noSource }] });
    const health = await until(() => {
      const found = collector.observe()?.collector;
      return found?.sourceProblems.has('trace') ? found : undefined;
    });
    expect(health.activeSource).toBeUndefined();
    expect(health.sourceProblems.get('trace')).toBe('open /t: ENOENT; no tracefs');
    await wait(20);
    expect(log.messages).toEqual(['warn source not usable']);
  });

  test('a preferred source takes over when it appears', async () => {
    let isThere = false;
    const source = (name: 'trace' | 'sysfs') => ({
      name,
      poll: () => reading(),
      close: () => undefined,
    });
    const { collector } = startCollector([], {
      openers: [
        { name: 'trace', open: () => (isThere ? source('trace') : noSource()) },
        { name: 'sysfs', open: () => source('sysfs') },
      ],
    });
    await until(() => collector.observe()?.collector.activeSource === 'sysfs');
    isThere = true;
    await until(() => collector.observe()?.collector.activeSource === 'trace');
  });

  test('a poll that blocks in the kernel blocks neither observing nor reading the machine', async () => {
    let unblock: (value: SourceReading) => void = () => undefined;
    const blocked = new Promise<SourceReading>((resolve) => (unblock = resolve));
    let nrReadings = 0;
    const { collector, taken } = startCollector([blocked], {
      readMachine: () => {
        nrReadings += 1;
        return Promise.resolve(machine(kdamond()));
      },
    });
    await until(() => nrReadings > 3);
    expect(collector.observe()).toBeDefined();
    unblock(reading(aggregation()));
    await until(() => taken.length === 1);
  });

  test('without demand the source is closed until somebody looks', async () => {
    const { collector, countClosed } = startCollector([], { idleAfterMs: 10 });
    await until(() => countClosed() > 0);
    expect(collector.observe()?.collector).toMatchObject({ activeSource: undefined, isIdle: true });
    await until(() => {
      void collector.noteDemand();
      return collector.observe()?.collector.activeSource === 'trace';
    });
  });

  test('who looks first after a rest gets what was read since, others do not wait', async () => {
    const polls: SourceReading[] = [];
    const { collector, taken } = startCollector(polls, { idleAfterMs: 10, pollIntervalMs: 5 });
    await until(() => collector.observe()?.collector.isIdle);
    polls.push(reading(aggregation()));
    await collector.noteDemand(60_000);
    expect(taken).toHaveLength(1);
    await collector.noteDemand(60_000);
  });

  test('who looks while no kdamond runs does not wait', async () => {
    const { collector } = startCollector([], {
      readMachine: () => Promise.resolve(machine(kdamond({ isRunning: false }))),
    });
    await collector.noteDemand(60_000);
    expect(collector.observe()).toBeDefined();
  });

  test('who looks without a usable source does not wait', async () => {
    const { collector } = startCollector([], {
      openers: [{ name: 'trace', open: noSource }],
    });
    await collector.noteDemand(60_000);
    expect(collector.observe()?.collector.sourceProblems.get('trace')).toContain('no tracefs');
  });

  test('a wait in vain is not repeated, and an end does not wait for it', async () => {
    const { collector } = startCollector([]);
    await collector.noteDemand(20);
    await collector.noteDemand(60_000);
  });
});
