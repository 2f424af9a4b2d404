import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTargetDescriber } from '../../src/cli/collecting/createTargetDescriber.ts';
import { Collector } from '../../src/collect/collector.ts';
import { createOpeners } from '../../src/collect/openers.ts';
import { createMachineReader } from '../../src/collect/readMachine.ts';
import type { SourceOpener } from '../../src/collect/sourceChooser.ts';
import { createTextEncoder } from '../../src/metrics/exposition.ts';
import type { MetricFamily } from '../../src/metrics/metricFamily.ts';
import type { RecordedSnapshot } from '../../src/record/recording.ts';
import { createRecordSink } from '../../src/record/rolling/recordSink.ts';
import type { RecordSink } from '../../src/record/rolling/recordSink.ts';
import { createRollingWriter } from '../../src/record/rolling/rollingWriter.ts';
import { createSnapshotConverter } from '../../src/record/snapshotConverter.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { makeMetrics } from '../support/metricsFixture.ts';
import { createMemoryLogger } from '../support/memoryLogger.ts';
import { createTestRetry } from '../support/testRetry.ts';

/** Less than an hour makes: the oldest has to go all the time. */
export const MAX_RECORD_BYTES: number = 128 * 2 ** 10;

/** Everything of `serve` but the network, where time moves only as it is told to. */
export interface Application {
  readonly collector: Collector;
  readonly recording: RecordSink;
  readonly recordPath: string;
  /** What went wrong, if anything. */
  readonly complaints: () => readonly string[];
  /** Lets time pass, and waits until the collector has looked. */
  pass(durationNs: bigint): Promise<void>;
  /** As a scraper reads it. */
  scrape(): Promise<Uint8Array[]>;
  collectFamilies(): MetricFamily[];
  /** Lets the record have everything that has come. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export async function startApplication(kernel: SimulatedKernel): Promise<Application> {
  const { fs, clock } = kernel;
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-endurance-'));
  const recordPath = join(dir, 'damon.data');
  const logger = createMemoryLogger();
  const metrics = makeMetrics();
  const { noteMachine, describe } = createTargetDescriber();
  const writer = await createRollingWriter(recordPath, {
    maxSizeBytes: MAX_RECORD_BYTES,
    maxAgeMs: 7 * 86_400_000,
    flushIntervalMs: 5000,
    recordClock: clock,
    hostClock: clock,
    clockId: '1'.repeat(32),
    self: { pid: 4242, startTimeTicks: 1, bootId: 'boot-1', pidNamespace: 'pid:[1]' },
    isAlive: () => true,
    logger,
  });
  let nrTaken = 0;
  const counted = {
    ...{ close: () => writer.close(), health: () => writer.health() },
    write: async (snapshot: RecordedSnapshot) => {
      await writer.write(snapshot);
      nrTaken += 1;
    },
  };
  const convert = createSnapshotConverter(describe);
  const recording = createRecordSink({ writer: counted, convert });
  const retry = createTestRetry();
  const shared = { fs, retry, listOwnIndexes: () => new Set<number>() };
  let notePoll = (): void => undefined;
  const watch = ({ name, open }: SourceOpener): SourceOpener => ({
    name,
    open: () => {
      const source = open();
      return {
        ...source,
        poll: () => {
          const reading = source.poll();
          // Behind what the collector does with it.
          setImmediate(notePoll);
          return reading;
        },
      };
    },
  });
  const openerOptions = { ...shared, clock, pid: 4242, traceBufferKb: 512, sysfsIntervalMs: 5000 };
  const collector = new Collector({
    clock,
    hostClock: clock,
    logger,
    readMachine: createMachineReader({ ...shared, hostClock: clock }),
    openers: createOpeners(openerOptions, ['trace']).map(watch),
    sinks: [
      {
        name: 'metrics',
        take: (snapshot) => {
          metrics.addSnapshot(snapshot);
        },
      },
      recording,
    ],
    onMachine: (machine) => {
      metrics.addMachine(machine);
      noteMachine(machine);
    },
    countBusyRetries: () => retry.count(),
    pollIntervalMs: 0,
    machineIntervalMs: 1000,
    idleAfterMs: undefined,
    sourceRetryMs: 10_000,
  });
  await collector.start();
  const encode = createTextEncoder();
  return {
    collector,
    recording,
    recordPath,
    complaints: () => logger.messages.filter((message) => !message.startsWith('info')),
    pass: async (durationNs) => {
      kernel.advance(durationNs);
      // The first may have begun before.
      for (let nth = 0; nth < 2; nth += 1) {
        await new Promise<void>((resolve) => (notePoll = resolve));
      }
    },
    scrape: () => encode(metrics.collectBlocks(collector.observe())),
    collectFamilies: () => metrics.collectFamilies(collector.observe()),
    flush: async () => {
      while (nrTaken < (collector.observe()?.collector.snapshots ?? 0)) await nextTurn();
      await writer.flush();
    },
    stop: async () => {
      await collector.stop();
      await recording.close();
      rmSync(dir, { recursive: true });
    },
  };
}
