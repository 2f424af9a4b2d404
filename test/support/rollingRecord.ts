import { expect } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import type { RecordedSnapshot } from '../../src/record/recording.ts';
import { openRollingRecord } from '../../src/record/rolling/openRollingRecord.ts';
import { createRollingWriter } from '../../src/record/rolling/rollingWriter.ts';
import type { RollingWriter, RollingWriterOptions } from '../../src/record/rolling/rolling.ts';
import { createMemoryLogger } from './memoryLogger.ts';
import { createMemoryRecordFs } from './memoryRecordFs.ts';
import type { MemoryRecordFs } from './memoryRecordFs.ts';
import {
  generateSnapshots,
  isSame,
  makeStream,
  readAllLent,
  readAllSnapshots,
  toComparable,
} from './recordBuilders.ts';

export const BASE = '/var/damon.data';
export const SELF: RollingWriterOptions['self'] = {
  pid: 10,
  startTimeTicks: 5,
  bootId: 'boot-1',
  pidNamespace: 'pid:[1]',
};

/** A place to record to, in memory and with a clock that stands still until it is moved. */
export interface RollingStage {
  readonly fs: MemoryRecordFs;
  readonly log: ReturnType<typeof createMemoryLogger>;
  readonly clock: Clock;
  moveTime(ms: number): void;
  begin(change?: Partial<RollingWriterOptions>, path?: string): Promise<RollingWriter>;
  segmentNames(): string[];
  /** Of what lies there beside segments. */
  otherNames(): string[];
  /**
   * Start times of everything that can be read, and what was wrong.
   *
   * @throws unless the same can be lent.
   */
  read(): Promise<{ readonly starts: bigint[]; readonly damages: readonly string[] }>;
}

export function createRollingStage(): RollingStage {
  let nowMs = 1_000_000;
  const clock = { monotonicNs: () => BigInt(nowMs) * 1_000_000n, wallMs: () => nowMs };
  const fs = createMemoryRecordFs(() => nowMs);
  const log = createMemoryLogger();
  return {
    fs,
    log,
    clock,
    moveTime: (ms) => {
      nowMs += ms;
    },
    begin: (change = {}, path = BASE) =>
      createRollingWriter(path, {
        maxSizeBytes: 1 << 20,
        maxAgeMs: 1e9,
        flushIntervalMs: 1e6,
        recordClock: clock,
        hostClock: clock,
        clockId: '1'.repeat(32),
        self: SELF,
        isAlive: () => true,
        logger: log,
        fs,
        ...change,
      }),
    segmentNames: () =>
      [...fs.files.keys()]
        .filter((path) => /\.\d{6}$/.test(path))
        .map((path) => path.slice(BASE.length + 1))
        .sort(),
    otherNames: () => [...fs.files.keys()].filter((path) => !/\.\d{6}$/.test(path)),
    read: async () => {
      const reader = await openRollingRecord(BASE, { fs, wallMs: clock.wallMs });
      const snapshots = reader === undefined ? [] : await readAllSnapshots(reader);
      const lent = reader === undefined ? [] : await readAllLent(reader);
      expect(isSame(lent, snapshots.map(toComparable))).toBe(true);
      return {
        starts: snapshots.map(({ startNs }) => startNs),
        damages: (reader?.damages ?? []).map(({ message }) => message),
      };
    },
  };
}

/** One after the other, 100 ms each; so restless that a snapshot takes some 500 bytes. */
export function makeRestless(nrSnapshots: number, seed = 1): RecordedSnapshot[] {
  const shape = { nrSnapshots, nrRegions: 100, restlessness: 1, seed };
  return [...generateSnapshots(makeStream(), shape)];
}
