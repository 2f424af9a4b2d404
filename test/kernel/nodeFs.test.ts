import { mkdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isKernelErrno, KernelError } from '../../src/base/errors.ts';
import { createNodeKernelFs } from '../../src/kernel/nodeFs.ts';
import type { KernelPath } from '../../src/kernel/kernelFs.ts';
import { createFixtureKernel } from '../support/fixtureTree.ts';

function catchError(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('kernel files of a real machine', () => {
  test('a file is read whole, also when it is larger than the buffer', () => {
    const text = 'x'.repeat(200_000);
    const { fs } = createFixtureKernel({ 'proc/large': text, 'sys/small': '5000\n' });
    expect(fs.readText('proc/large') === text).toBe(true);
    expect(fs.readText('sys/small')).toBe('5000\n');
    expect(fs.readText('proc/large')).toHaveLength(text.length);
  });

  test('a sysfs file that fills the buffer exactly is read to its end', () => {
    const { fs } = createFixtureKernel({ 'sys/page': 'p'.repeat(65_536) });
    expect(fs.readText('sys/page')).toHaveLength(65_536);
  });

  test('a write replaces nothing else and creates nothing', () => {
    const { fs, root } = createFixtureKernel({ 'sys/state': 'off\n' });
    fs.writeText('sys/state', 'on');
    // A real attribute forgets what it held; a plain file shows that nothing was truncated.
    expect(readFileSync(join(root, 'sys/state'), 'utf8')).toBe('onf\n');
    const error = catchError(() => {
      fs.writeText('sys/absent', '1');
    });
    expect(isKernelErrno(error, 'ENOENT')).toBe(true);
  });

  test('blocking writes run one after the other, and one that fails does not stop the next', async () => {
    const { fs, root } = createFixtureKernel({ 'sys/log': '' });
    mkdirSync(join(root, 'sys/dir'));
    const results = await Promise.allSettled([
      fs.writeTextBlocking('sys/log', 'first'),
      fs.writeTextBlocking('sys/dir', 'x'),
      fs.writeTextBlocking('sys/log', 'third'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(readFileSync(join(root, 'sys/log'), 'utf8')).toBe('third');
  });

  test('a blocking write leaves the event loop free and keeps later writes waiting', async () => {
    const { fs, root } = createFixtureKernel({ 'sys/other': '' });
    execFileSync('mkfifo', [join(root, 'sys/fifo')]);
    const order: string[] = [];
    // Opening a FIFO for writing waits for a reader, as a state write waits for the kernel.
    const blocked = fs.writeTextBlocking('sys/fifo', 'on').then(() => order.push('blocked write'));
    const next = fs.writeTextBlocking('sys/other', '1').then(() => order.push('next write'));
    const overtaking = fs
      .writeTextBlocking('sys/other', '2', { overtakes: true })
      .then(() => order.push('overtaking write'));
    await overtaking;
    await new Promise((resolve) => setTimeout(resolve, 30));
    order.push('event loop');
    const stream = fs.openStream('sys/fifo');
    await blocked;
    await next;
    const into = new Uint8Array(8);
    expect(stream.read(into)).toBe(2);
    stream.close();
    expect(order).toEqual(['overtaking write', 'event loop', 'blocked write', 'next write']);
  });

  test('a stream gives nothing instead of waiting, and may be closed twice', () => {
    const { fs, root } = createFixtureKernel({ 'trace/x': '' });
    execFileSync('mkfifo', [join(root, 'trace/pipe')]);
    const reader = fs.openStream('trace/pipe');
    const into = new Uint8Array(4);
    expect(reader.read(into)).toBe(0);
    reader.close();
    reader.close();
    expect(() => fs.openStream('trace/absent')).toThrow(/^open .*ENOENT/);
  });

  test('a stream with an open but silent writer answers 0, not an error', async () => {
    const { fs, root } = createFixtureKernel({ 'trace/x': '' });
    execFileSync('mkfifo', [join(root, 'trace/pipe')]);
    const reader = fs.openStream('trace/pipe');
    const other = createNodeKernelFs({ ...noRoots, trace: join(root, 'trace') });
    await other.writeTextBlocking('trace/pipe', 'abcdef');
    const into = new Uint8Array(4);
    expect(reader.read(into)).toBe(4);
    expect(reader.read(into)).toBe(2);
    expect(reader.read(into)).toBe(0);
    reader.close();
  });

  test.each(['sys/../etc/passwd', 'proc/1/..', 'sys/a\0b', 'etc/passwd', 'sys..'])(
    'refuses the path %j',
    (path) => {
      const { fs } = createFixtureKernel({ 'sys/a': '' });
      expect(() => fs.readText(path as KernelPath)).toThrow(RangeError);
      expect(() => fs.exists(path as KernelPath)).toThrow(RangeError);
    },
  );

  test('a name with two dots in it is fine', () => {
    const { fs } = createFixtureKernel({ 'sys/a..b': 'x' });
    expect(fs.readText('sys/a..b')).toBe('x');
  });

  test('an unmounted tree is absent and says so', () => {
    const fs = createNodeKernelFs(noRoots);
    expect(fs.exists('trace/events')).toBe(false);
    const error = catchError(() => fs.readText('trace/events'));
    expect(isKernelErrno(error, 'ENOENT')).toBe(true);
    expect(error).toHaveProperty('message', expect.stringContaining('tracefs is not mounted'));
  });

  test('errors carry errno, real path, value and what to do', () => {
    const { fs, root } = createFixtureKernel({
      'sys/kernel/mm/damon/admin/kdamonds/0/state': 'off\n',
    });
    const error = catchError(() =>
      fs.readText('sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/pause'),
    );
    expect(error).toBeInstanceOf(KernelError);
    expect(error).toMatchObject({ operation: 'read', errno: 'ENOENT' });
    expect((error as KernelError).path).toBe(
      join(root, 'sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/pause'),
    );
    expect((error as KernelError).message).toMatch(/pause of a context came with Linux 7\.2$/);
  });

  test('directories are made, listed and removed', () => {
    const { fs } = createFixtureKernel({ 'trace/instances/': '' });
    fs.makeDir('trace/instances/mine');
    expect(fs.list('trace/instances')).toEqual(['mine']);
    fs.removeDir('trace/instances/mine');
    expect(fs.exists('trace/instances/mine')).toBe(false);
    expect(() => {
      fs.removeDir('trace/instances/mine');
    }).toThrow(/^remove directory .*ENOENT/);
  });
});

const noRoots = { sys: undefined, proc: undefined, trace: undefined, boot: undefined };
