import { describe, expect, test } from 'vitest';
import { computeCrc32c } from '../../../src/record/own/crc32c.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import type { RollingWriter } from '../../../src/record/rolling/rolling.ts';
import { createErrno } from '../../support/memoryRecordFs.ts';
import { makeRecorded, makeRegions, makeStream } from '../../support/recordBuilders.ts';
import { BASE, createRollingStage, makeRestless } from '../../support/rollingRecord.ts';

/** Writes snapshots as a block each. */
async function writeThrough(
  writer: RollingWriter,
  snapshots: readonly RecordedSnapshot[],
): Promise<void> {
  for (const snapshot of snapshots) {
    await writer.write(snapshot);
    await writer.flush();
  }
}

describe('a rolling record', () => {
  test('is one record of all its segments', async () => {
    const stage = createRollingStage();
    const snapshots = makeRestless(60);
    for (const part of [snapshots.slice(0, 20), snapshots.slice(20, 40), snapshots.slice(40)]) {
      const writer = await stage.begin();
      for (const snapshot of part) await writer.write(snapshot);
      await writer.close();
    }
    expect(stage.segmentNames()).toEqual(['000001', '000002', '000003']);
    const { starts, damages } = await stage.read();
    expect(starts).toEqual(snapshots.map(({ startNs }) => startNs));
    expect(damages).toEqual([]);
  });

  test('never takes more room than it may, the oldest goes first', async () => {
    const stage = createRollingStage();
    const maxSizeBytes = 20_000;
    const writer = await stage.begin({ maxSizeBytes });
    const snapshots = makeRestless(150);
    let largest = 0;
    for (const snapshot of snapshots) {
      await writeThrough(writer, [snapshot]);
      largest = Math.max(largest, writer.health().sizeBytes);
    }
    // The segment in work may be over its share by its last block, its index and its end.
    expect(largest).toBeLessThan(maxSizeBytes + 1500);
    expect(largest).toBeGreaterThan(maxSizeBytes * 0.8);
    await writer.close();
    const { starts } = await stage.read();
    expect(starts).toEqual(snapshots.slice(-starts.length).map(({ startNs }) => startNs));
    expect(starts.length).toBeGreaterThan(20);
    expect(stage.segmentNames()).not.toContain('000001');
    const files = [...stage.fs.files].filter(([path]) => /\.\d{6}$/.test(path));
    const sizeBytes = files.reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
    expect(writer.health()).toMatchObject({ sizeBytes, nrSegments: files.length });
  });

  test('forgets what is too old, of earlier runs too', async () => {
    const stage = createRollingStage();
    const snapshots = makeRestless(3);
    for (const snapshot of snapshots) {
      const writer = await stage.begin({ maxAgeMs: 1000 });
      await writer.write(snapshot);
      await writer.close();
      stage.moveTime(600);
    }
    expect(stage.segmentNames()).toEqual(['000002', '000003']);
  });

  test('does not take a clock that is set wrong for a while for its age', async () => {
    const stage = createRollingStage();
    let wrongMs = 0;
    const hostClock = {
      monotonicNs: () => stage.clock.monotonicNs(),
      wallMs: () => stage.clock.wallMs() + wrongMs,
    };
    const writer = await stage.begin({ hostClock, maxAgeMs: 80_000_000 });
    await writeThrough(writer, makeRestless(2));
    stage.moveTime(11_000_000);
    await writeThrough(writer, makeRestless(4).slice(2));
    const names = stage.segmentNames();
    wrongMs = 1e12;
    stage.moveTime(11_000_000);
    await writeThrough(writer, makeRestless(6).slice(4));
    expect(stage.segmentNames()).toEqual(expect.arrayContaining(names));
    await writer.close();
  });

  test('begins a new segment after an eighth of the age', async () => {
    const stage = createRollingStage();
    const writer = await stage.begin({ maxAgeMs: 8000 });
    for (const snapshot of makeRestless(6)) {
      await writeThrough(writer, [snapshot]);
      stage.moveTime(500);
    }
    await writer.close();
    expect(stage.segmentNames()).toEqual(['000001', '000002']);
  });

  test('numbers go on where an earlier run ended, and no file is written to twice', async () => {
    const stage = createRollingStage();
    stage.fs.files.set(`${BASE}.000041`, { bytes: Buffer.from('somebody'), modifiedMs: 1e9 });
    stage.fs.files.set(`${BASE}.0041`, { bytes: Buffer.from('not ours'), modifiedMs: 0 });
    const writer = await stage.begin({ maxAgeMs: 1000 });
    await writer.write(makeRestless(1)[0]!);
    await writer.close();
    expect(stage.segmentNames()).toEqual(['000041', '000042']);
    const { starts, damages } = await stage.read();
    expect(starts).toHaveLength(1);
    expect(damages).toEqual([expect.stringContaining('found no record')]);
    expect(stage.fs.files.has(`${BASE}.0041`)).toBe(true);
  });

  test('goes on beside segments of a newer version, and leaves them as they are', async () => {
    const stage = createRollingStage();
    const [first, second, third] = makeRestless(3);
    for (const snapshot of [first, second]) {
      const writer = await stage.begin();
      await writer.write(snapshot!);
      await writer.close();
    }
    const { bytes } = stage.fs.files.get(`${BASE}.000002`)!;
    bytes.writeUInt16LE(2, 8);
    bytes.writeUInt32LE(computeCrc32c(bytes, 0, 60), 60);
    const newer = Buffer.from(bytes);
    const writer = await stage.begin();
    await writer.write(third!);
    await writer.close();
    expect(stage.segmentNames()).toEqual(['000001', '000002', '000003']);
    expect(stage.fs.files.get(`${BASE}.000002`)!.bytes).toEqual(newer);
    const { starts, damages } = await stage.read();
    expect(starts).toEqual([first!.startNs, third!.startNs]);
    expect(damages).toEqual([expect.stringMatching(/found version 2 .*a newer damon-exporter/)]);
  });

  test('of a run that recorded nothing leaves nothing', async () => {
    const stage = createRollingStage();
    await (await stage.begin()).close();
    expect([...stage.fs.files.keys()]).toEqual([]);
  });

  test('can be read while it is written', async () => {
    const stage = createRollingStage();
    const writer = await stage.begin();
    await writeThrough(writer, makeRestless(3));
    const open = stage.fs.files.get(`${BASE}.000001`)!;
    open.bytes = open.bytes.subarray(0, open.bytes.length - 10);
    expect(await stage.read()).toMatchObject({ starts: { length: 2 }, damages: [] });
    // A lock nobody has touched for a minute is one left behind, and so is the unfinished block.
    stage.moveTime(60_000);
    expect(await stage.read()).toMatchObject({ starts: { length: 2 }, damages: { length: 1 } });
  });

  test('moves times of an earlier boot by the difference of the time of day', async () => {
    const stage = createRollingStage();
    const dayMs = 86_400_000;
    const boots = [
      { clockId: 'a'.repeat(32), bootNs: 5_000_000_000n, wallMs: 1000 * dayMs },
      { clockId: 'b'.repeat(32), bootNs: 2_000_000_000n, wallMs: 1001 * dayMs },
    ];
    for (const { clockId, bootNs, wallMs } of boots) {
      const recordClock = { monotonicNs: () => bootNs, wallMs: () => wallMs };
      const writer = await stage.begin({ clockId, recordClock });
      await writer.write(makeRecorded(makeStream(), { startNs: bootNs, endNs: bootNs + 1n }));
      await writer.close();
    }
    expect((await stage.read()).starts).toEqual([
      5_000_000_000n,
      5_000_000_000n + 86_400n * 1_000_000_000n,
    ]);
  });
});

describe('a full disk', () => {
  test('stops recording with one message, what was recorded stays, and it goes on by itself', async () => {
    const stage = createRollingStage();
    const writer = await stage.begin();
    const snapshots = makeRestless(40);
    await writeThrough(writer, snapshots.slice(0, 10));
    stage.fs.capacityBytes =
      [...stage.fs.files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0) + 300;
    await writeThrough(writer, snapshots.slice(10, 20));
    stage.moveTime(11_000);
    await writeThrough(writer, snapshots.slice(20, 30));
    expect(stage.log.messages).toEqual(['error recording stopped; what was recorded stays']);
    expect(writer.health()).toMatchObject({ isRecording: false, droppedSnapshots: 20 });
    expect((await stage.read()).starts).toEqual(
      snapshots.slice(0, 10).map(({ startNs }) => startNs),
    );

    stage.fs.capacityBytes = Infinity;
    stage.moveTime(11_000);
    await writeThrough(writer, snapshots.slice(30));
    await writer.close();
    expect(stage.log.messages.slice(1)).toEqual(['info recording again']);
    expect(writer.health()).toMatchObject({
      isRecording: true,
      droppedSnapshots: 20,
      nrSegments: 2,
    });
    const kept = [...snapshots.slice(0, 10), ...snapshots.slice(30)];
    expect(await stage.read()).toEqual({ starts: kept.map(({ startNs }) => startNs), damages: [] });
  });

  test('at the start is no reason not to start', async () => {
    const stage = createRollingStage();
    stage.fs.capacityBytes = 0;
    const writer = await stage.begin();
    expect(writer.health()).toMatchObject({ isRecording: false });
    stage.fs.capacityBytes = Infinity;
    stage.moveTime(11_000);
    await writer.write(makeRestless(1)[0]!);
    await writer.close();
    expect((await stage.read()).starts).toHaveLength(1);
  });
});

describe('whatever operation fails, at whatever moment', () => {
  // Each try lets one operation more succeed before one fails.
  test.each(['EIO', 'ENOSPC', 'EACCES'])(
    'with %s, nothing that was written is lost and nothing is thrown',
    async (code) => {
      const snapshots = makeRestless(30);
      let nrFailing = 0;
      for (let fault = 0; fault < 400; fault += 1) {
        const stage = createRollingStage();
        let nrOperations = 0;
        const writer = await stage.begin({ maxSizeBytes: 60_000 });
        stage.fs.intercept = () => {
          nrOperations += 1;
          if (nrOperations === fault + 1) throw createErrno(code);
        };
        for (const snapshot of snapshots) {
          await writeThrough(writer, [snapshot]);
          stage.moveTime(3000);
        }
        const isHit = nrOperations > fault;
        nrFailing += Number(isHit);
        await writer.close();
        stage.fs.intercept = () => undefined;
        const { starts } = await stage.read();
        expect(starts.length + writer.health().droppedSnapshots).toBe(30);
        if (!isHit) break;
      }
      expect(nrFailing).toBeGreaterThan(20);
    },
  );
});

test('a snapshot that no reader would take is left out, the others are not', async () => {
  const stage = createRollingStage();
  const writer = await stage.begin();
  const [first, second] = makeRestless(2);
  await writer.write(first!);
  await writer.write({ ...second!, regions: { ...makeRegions([]), count: 5_000_000 } });
  await writer.write(second!);
  await writer.close();
  expect(writer.health()).toMatchObject({ droppedSnapshots: 1, errors: 1, isRecording: true });
  expect((await stage.read()).starts).toHaveLength(2);
});
