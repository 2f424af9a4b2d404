import { expect, test } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import type { Random } from '../../../src/base/random.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import type { RollingWriter } from '../../../src/record/rolling/rolling.ts';
import { createCrashPoint } from '../../support/crashPoint.ts';
import type { CrashPoint } from '../../support/crashPoint.ts';
import { fuzzRuns } from '../../support/fuzzRuns.ts';
import type { MemoryRecordFs } from '../../support/memoryRecordFs.ts';
import { SELF, createRollingStage, makeRestless } from '../../support/rollingRecord.ts';
import type { RollingStage } from '../../support/rollingRecord.ts';

const LOOKS = new Set(['open', 'lstat', 'list', 'realpath', 'read', 'stat', 'close', 'sync']);
/** More than a block of these tests has. */
const LONGEST_WRITE_BYTES = 4000;

/** Of the write it dies of a part is there, or all. */
function armFiles(fs: MemoryRecordFs, crash: CrashPoint, random: Random): void {
  fs.intercept = (operation) => {
    if (LOOKS.has(operation)) {
      crash.touch();
      return;
    }
    const wasDead = crash.isDead;
    try {
      crash.change();
    } catch (error) {
      if (wasDead || operation !== 'write') throw error;
      const usedBytes = [...fs.files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
      fs.capacityBytes = usedBytes + random.below(LONGEST_WRITE_BYTES);
    }
  };
}

interface Life {
  readonly stage: RollingStage;
  readonly crash: CrashPoint;
  readonly pid: number;
  readonly snapshots: readonly RecordedSnapshot[];
  readonly maxSizeBytes: number;
}

/** Records until it has recorded everything or is dead. Start times of what it was told is written. */
async function recordUntilDeath({ stage, crash, pid, snapshots, maxSizeBytes }: Life) {
  const written: bigint[] = [];
  let writer: RollingWriter | undefined;
  try {
    const isAlive = (): boolean => false;
    writer = await stage.begin({ self: { ...SELF, pid }, isAlive, maxSizeBytes });
    let waiting: bigint[] = [];
    for (const [index, snapshot] of snapshots.entries()) {
      await writer.write(snapshot);
      waiting.push(snapshot.startNs);
      stage.moveTime(100);
      if (index % 3 < 2) continue;
      await writer.flush();
      if (crash.isDead) break;
      written.push(...waiting);
      waiting = [];
    }
    await writer.close();
  } catch {
    expect(crash.isDead).toBe(true);
    await writer?.close();
  }
  return written;
}

/** What is there of `kept`, begins late at most: the oldest goes where there is a limit. */
function expectKept(starts: readonly bigint[], kept: readonly bigint[], isLimited: boolean): void {
  const there = new Set(starts);
  const found = kept.filter((start) => there.has(start));
  expect(found).toEqual(isLimited ? kept.slice(kept.length - found.length) : kept);
}

const SNAPSHOTS: readonly RecordedSnapshot[] = makeRestless(60);

test.each([
  ['without a limit', 1 << 20],
  ['that may have 12 kB', 12_000],
])(
  'a record %s, whose writers die at any change of its files, has all that was written',
  async (_, maxSizeBytes) => {
    const random = createRandom(3);
    let nrDeaths = 0;
    for (let [at, round] = [0, 0]; round < fuzzRuns(1); at += 1) {
      const stage = createRollingStage();
      const crash = createCrashPoint();
      armFiles(stage.fs, crash, random);
      const kept: bigint[] = [];
      const parts = [SNAPSHOTS.slice(0, 30), SNAPSHOTS.slice(30, 50), SNAPSHOTS.slice(50)];
      let nrDamagesBefore = 0;
      for (const [nth, part] of parts.entries()) {
        crash.arm([at, random.below(at + 12), Infinity][nth]!);
        stage.fs.capacityBytes = Infinity;
        // By then a claim that was begun is nobody's.
        if (nth === 2) stage.moveTime(60_000);
        const life = { stage, crash, pid: 10 + nth, snapshots: part, maxSizeBytes };
        kept.push(...(await recordUntilDeath(life)));
        if (nth === 0 && !crash.isDead) [at, round] = [-1, round + 1];
        nrDeaths += crash.isDead ? 1 : 0;
        crash.arm(Infinity);
        const { starts, damages } = await stage.read();
        const where = `${at}, process ${nth}`;
        expect(starts, where).toEqual([...starts].sort((a, b) => Number(a - b)));
        expectKept(starts, kept, maxSizeBytes < 1 << 20);
        expect(damages.length - nrDamagesBefore, where).toBeLessThanOrEqual(1);
        nrDamagesBefore = damages.length;
      }
      // It is looked at when a lock is taken over the next time.
      const others = stage.otherNames().filter((name) => !name.endsWith('.lock.takeover'));
      expect(others, String(at)).toEqual([]);
    }
    expect(nrDeaths).toBeGreaterThan(fuzzRuns(30));
  },
  600_000,
);
