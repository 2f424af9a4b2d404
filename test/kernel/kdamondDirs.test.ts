import { describe, expect, test } from 'vitest';
import { createKdamondDirs, removeKdamondDirs } from '../../src/kernel/kdamondDirs.ts';
import { TemplateKernelFs } from '../support/templateKernelFs.ts';
import { createTestRetry } from '../support/testRetry.ts';

const retry = createTestRetry();

describe('kdamond directories', () => {
  test('are made where there are none and taken away again', async () => {
    const fs = new TemplateKernelFs('6.12');
    await createKdamondDirs(fs, 2, retry);
    expect(fs.exists('sys/kernel/mm/damon/admin/kdamonds/1/state')).toBe(true);
    await removeKdamondDirs(fs, retry);
    expect(fs.exists('sys/kernel/mm/damon/admin/kdamonds/0')).toBe(false);
  });

  test.each([
    ['6.12', [300]],
    ['7.2', []],
  ] as const)('of %s go after the writes that wait for them', async (version, expected) => {
    const fs = new TemplateKernelFs(version);
    await createKdamondDirs(fs, 1, retry);
    const slept: number[] = [];
    let isDone = false;
    // As a machine does it, one after the other.
    const waiting = new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => {
      isDone = true;
    });
    fs.writeTextBlocking = (path, value) =>
      waiting.then(() => {
        fs.writeText(path, value);
      });
    const sleep = (durationMs: number) => Promise.resolve(void slept.push(durationMs));
    await removeKdamondDirs(fs, { ...retry, sleep });
    expect({ isDone, slept }).toEqual({ isDone: true, slept: expected });
  });

  test('are not made beside those of somebody else', async () => {
    const fs = new TemplateKernelFs('6.12');
    await createKdamondDirs(fs, 1, retry);
    fs.log.length = 0;
    await expect(createKdamondDirs(fs, 2, retry)).rejects.toThrow(/1 staged by another program/);
    expect(fs.log).toEqual([]);
  });
});
