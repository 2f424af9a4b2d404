import { describe, expect, test } from 'vitest';
import { KernelError } from '../../src/base/errors.ts';
import type { KernelFs, KernelPath } from '../../src/kernel/kernelFs.ts';
import { commitKdamond, startKdamond, stopKdamond, writeState } from '../../src/kernel/state.ts';
import { createTestRetry } from '../support/testRetry.ts';

/** Kernel side of one `state` file: what each write does to it, or the errno it gets. */
type Reaction = (keyword: string, now: 'on' | 'off') => 'on' | 'off' | { readonly errno: string };

function createStateFs(initial: 'on' | 'off', react: Reaction): KernelFs & { written: string[] } {
  let state = initial;
  const written: string[] = [];
  const refuse = (): never => {
    throw new Error('not used here');
  };
  return {
    written,
    readText: (path) => {
      if (path.endsWith('/state')) return `${state}\n`;
      return state === 'on' ? '77\n' : '-1\n';
    },
    writeTextBlocking: (path: KernelPath, value) => {
      written.push(value);
      const reaction = react(value, state);
      if (typeof reaction !== 'object') {
        state = reaction;
        return Promise.resolve();
      }
      const { errno } = reaction;
      return Promise.reject(new KernelError({ operation: 'write', path, value, errno }));
    },
    describePath: (path) => `/${path}`,
    list: refuse,
    exists: refuse,
    identify: refuse,
    writeText: refuse,
    makeDir: refuse,
    removeDir: refuse,
    openStream: refuse,
  };
}

describe('state', () => {
  test('start and stop resolve once the file reads so', async () => {
    const fs = createStateFs('off', (keyword) => (keyword === 'on' ? 'on' : 'off'));
    await startKdamond(fs, 0, createTestRetry());
    await stopKdamond(fs, 0, createTestRetry());
    expect(fs.written).toEqual(['on', 'off']);
  });

  test.each(['EPERM', 'EINVAL'])(
    'stopping what is off is fine: the kernel says %s',
    async (errno) => {
      const fs = createStateFs('off', () => ({ errno }));
      await expect(stopKdamond(fs, 0, createTestRetry())).resolves.toBeUndefined();
    },
  );

  test('a stop passes a commit that waits for it', async () => {
    let finishCommit = (): void => undefined;
    const fs = createStateFs('on', () => 'off');
    const waiting: KernelFs = {
      ...fs,
      writeTextBlocking: (path, value, options) => {
        if (value === 'commit') return new Promise((resolve) => (finishCommit = resolve));
        expect(options).toEqual({ overtakes: true });
        finishCommit();
        return fs.writeTextBlocking(path, value);
      },
    };
    const commit = writeState(waiting, 0, 'commit', createTestRetry());
    await stopKdamond(waiting, 0, createTestRetry());
    await expect(commit).resolves.toBeUndefined();
  });

  test('a stop that finds the lock taken waits in line', async () => {
    const fs = createStateFs('on', () => 'off');
    const ways: (boolean | undefined)[] = [];
    const locked: KernelFs = {
      ...fs,
      writeTextBlocking: (path, value, options) => {
        ways.push(options?.overtakes);
        if (options?.overtakes !== true) return fs.writeTextBlocking(path, value);
        return Promise.reject(new KernelError({ operation: 'write', path, value, errno: 'EBUSY' }));
      },
    };
    await stopKdamond(locked, 0, createTestRetry());
    expect(ways).toEqual([true, true, true, undefined]);
  });

  test('a kdamond that ends by itself while it is stopped is fine', async () => {
    let state: 'on' | 'off' = 'on';
    const fs = createStateFs('on', () => ({ errno: 'EPERM' }));
    const ending: KernelFs = {
      ...fs,
      readText: (path) => (path.endsWith('/state') ? `${state}\n` : '-1\n'),
      writeTextBlocking: (path, value) => {
        state = 'off';
        return fs.writeTextBlocking(path, value);
      },
    };
    await expect(stopKdamond(ending, 0, createTestRetry())).resolves.toBeUndefined();
  });

  test('EBUSY is tried again and counted, and wins in the end', async () => {
    const retry = createTestRetry();
    const fs = createStateFs('off', () => ({ errno: 'EBUSY' }));
    await expect(startKdamond(fs, 0, retry)).rejects.toMatchObject({ errno: 'EBUSY' });
    expect(fs.written).toEqual(['on', 'on', 'on']);
    expect(retry.count()).toBe(3);
  });

  test('EBUSY that passes is not an error', async () => {
    const retry = createTestRetry();
    let busy = 2;
    const fs = createStateFs('on', () => (busy-- > 0 ? { errno: 'EBUSY' } : 'on'));
    await writeState(fs, 0, 'update_schemes_stats', retry);
    expect(retry.count()).toBe(2);
  });

  test.each(['EINVAL', 'ENOMEM', 'ECANCELED', 'EPERM'])('%s is not tried again', async (errno) => {
    const fs = createStateFs('off', () => ({ errno }));
    const attempt = writeState(fs, 0, 'commit', createTestRetry());
    await expect(attempt).rejects.toMatchObject({ errno, operation: 'write' });
    expect(fs.written).toHaveLength(1);
  });

  test('a start that the kernel takes but does not keep is an error after a bounded wait', async () => {
    // Measured on both kernels: vaddr without a target is taken, and the thread ends at once.
    const fs = createStateFs('off', () => 'off');
    const attempt = startKdamond(fs, 0, createTestRetry());
    await expect(attempt).rejects.toThrow(/kdamonds\/0\/state: .*never read on; see dmesg$/);
  });

  test('a commit that ends the kdamond is an error, though the kernel took it', async () => {
    // Measured on 6.12 with min above max.
    const fs = createStateFs('on', () => 'off');
    await expect(commitKdamond(fs, 0, createTestRetry())).rejects.toThrow(/the kdamond ended/);
  });

  test('a commit that the kernel refuses leaves the kdamond as it was', async () => {
    const fs = createStateFs('on', () => ({ errno: 'EINVAL' }));
    const attempt = commitKdamond(fs, 0, createTestRetry());
    await expect(attempt).rejects.toMatchObject({ errno: 'EINVAL' });
  });
});
