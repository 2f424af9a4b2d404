import { describe, expect, test } from 'vitest';
import { createErrno } from '../../support/memoryRecordFs.ts';
import { BASE, SELF, createRollingStage, makeRestless } from '../../support/rollingRecord.ts';
import type { LockHolder } from '../../../src/record/rolling/writerLock.ts';

const LOCK = `${BASE}.lock`;
const OTHER: LockHolder = { ...SELF, pid: 99 };

function leaveLock(stage: ReturnType<typeof createRollingStage>, holder: LockHolder): void {
  stage.fs.files.set(LOCK, {
    bytes: Buffer.from(`${JSON.stringify(holder)}\n`),
    modifiedMs: 1_000_000,
  });
}

describe('the lock of a rolling record', () => {
  test('keeps a second writer out, with the pid of the first', async () => {
    const stage = createRollingStage();
    const first = await stage.begin();
    await expect(stage.begin({ self: OTHER })).rejects.toThrow(
      `lock ${LOCK}: process 10 records here; end it or choose another path`,
    );
    await first.write(makeRestless(1)[0]!);
    await first.close();
    await (await stage.begin({ self: OTHER })).close();
    expect([...stage.fs.files.keys()]).toEqual([`${BASE}.000001`]);
  });

  test.each<[string, LockHolder, boolean]>([
    ['of a process that is gone is taken over', OTHER, false],
    ['of an earlier boot is taken over', { ...OTHER, bootId: 'boot-0' }, true],
  ])('%s', async (_, holder, isAlive) => {
    const stage = createRollingStage();
    leaveLock(stage, holder);
    const writer = await stage.begin({ isAlive: () => isAlive });
    expect(stage.fs.files.get(LOCK)!.bytes.toString()).toContain('"pid":10');
    await writer.close();
    expect([...stage.fs.files.keys()]).toEqual([]);
  });

  test('of another container is taken over only when it was not touched for a minute', async () => {
    const stage = createRollingStage();
    leaveLock(stage, { ...OTHER, pidNamespace: 'pid:[2]' });
    const begin = () => stage.begin({ isAlive: () => false });
    stage.moveTime(50_000);
    await expect(begin()).rejects.toThrow(/process 99 records here/);
    stage.moveTime(20_000);
    await (await begin()).close();
  });

  test.each(['', 'garbage', '{"pid":"x"}', 'null'])(
    'is not taken for one when it holds %j',
    async (text) => {
      const stage = createRollingStage();
      stage.fs.files.set(LOCK, { bytes: Buffer.from(text), modifiedMs: 0 });
      await expect(stage.begin()).rejects.toThrow(
        /something else than a lock .*remove it if nobody/,
      );
    },
  );

  test('is given to exactly one of several that find a stale one', async () => {
    for (let round = 0; round < 50; round += 1) {
      const stage = createRollingStage();
      leaveLock(stage, OTHER);
      const contenders = [1, 2, 3].map((pid) => ({ ...SELF, pid }));
      const outcomes = await Promise.allSettled(
        contenders.map(async (self, index) => {
          // They meet in another order each time.
          for (let turn = 0; turn < (round * (index + 1)) % 17; turn += 1) await Promise.resolve();
          return stage.begin({ self, isAlive: ({ pid }) => pid !== OTHER.pid });
        }),
      );
      const winners = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect([...stage.fs.files.keys()]).toEqual([LOCK]);
    }
  });

  test('of two that died while they took over is taken over as well', async () => {
    const stage = createRollingStage();
    leaveLock(stage, OTHER);
    stage.fs.files.set(`${LOCK}.takeover`, stage.fs.files.get(LOCK)!);
    await (await stage.begin({ isAlive: () => false })).close();
    expect([...stage.fs.files.keys()]).toEqual([]);
  });

  test('that was taken over meanwhile is left alone at the end', async () => {
    const stage = createRollingStage();
    const writer = await stage.begin();
    leaveLock(stage, OTHER);
    await writer.close();
    expect(stage.fs.files.get(LOCK)!.bytes.toString()).toContain('"pid":99');
  });

  test('is refused where files cannot be made, with what to do', async () => {
    const stage = createRollingStage();
    stage.fs.intercept = (operation) => {
      if (operation === 'create') throw createErrno('EACCES');
    };
    await expect(stage.begin()).rejects.toThrow(/lock .*EACCES: no permission/);
  });
});
