import * as fs from 'node:fs';
import { open } from 'node:fs/promises';
import { describeError, KernelError } from '../base/errors.ts';
import { describeErrno, type FailedOperation } from './errnoHint.ts';
import type { KernelFs, KernelPath, KernelStream, KernelTree } from './kernelFs.ts';

/** Where each tree is mounted on this machine; undefined = not mounted. */
export type KernelRoots = Readonly<Record<KernelTree, string | undefined>>;

/** Holds the longest sysfs attribute (one page, 64 KiB on some arm64) and most of procfs. */
const FIRST_BUFFER_BYTES = 1 << 16;

function isTree(name: string, roots: KernelRoots): name is KernelTree {
  return Object.hasOwn(roots, name);
}

/** The path on this machine; undefined when its tree is not mounted. */
function resolvePath(roots: KernelRoots, path: string): string | undefined {
  const slash = path.indexOf('/');
  const tree = slash < 0 ? path : path.slice(0, slash);
  const rest = slash < 0 ? '' : path.slice(slash);
  if (!isTree(tree, roots)) throw new RangeError(`kernel path "${path}": no tree "${tree}"`);
  if (rest.includes('\0') || (rest.includes('..') && rest.split('/').includes('..'))) {
    throw new RangeError(`kernel path "${path}": may not leave its tree`);
  }
  const root = roots[tree];
  return root === undefined ? undefined : root + rest;
}

function getErrno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

function toKernelError(failed: FailedOperation, cause: unknown): KernelError {
  const errno = getErrno(cause);
  const hint = errno === undefined ? describeError(cause) : describeErrno(errno, failed);
  return new KernelError({
    ...failed,
    cause,
    ...(errno !== undefined && { errno }),
    ...(hint !== undefined && { hint }),
  });
}

function attempt<T>(failed: FailedOperation, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw toKernelError(failed, error);
  }
}

/** Reads whole files into one buffer that is kept between reads. */
function createWholeReader(): (real: string, mayBeInParts: boolean) => string {
  let buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  const fill = (fd: number, mayBeInParts: boolean): number => {
    let length = 0;
    for (;;) {
      const count = fs.readSync(fd, buffer, length, buffer.length - length, null);
      length += count;
      if (count === 0) return length;
      if (length === buffer.length) {
        buffer = Buffer.concat([buffer], buffer.length * 2);
      } else if (!mayBeInParts) {
        return length;
      }
    }
  };
  return (real, mayBeInParts) => {
    const fd = fs.openSync(real, fs.constants.O_RDONLY);
    try {
      const length = fill(fd, mayBeInParts);
      return buffer.toString('utf8', 0, length);
    } finally {
      fs.closeSync(fd);
    }
  };
}

/**
 * Undefined also for what is out of reach for whatever reason. Not `existsSync`: it asks access(2),
 * which leaves the capabilities of an ordinary user out of account.
 */
function statIfThere(real: string | undefined): fs.BigIntStats | undefined {
  if (real === undefined) return undefined;
  try {
    return fs.statSync(real, { bigint: true, throwIfNoEntry: false });
  } catch {
    // Behind a directory that may not be searched, say.
    return undefined;
  }
}

function writeWhole(real: string, value: string): void {
  // Neither O_CREAT nor O_TRUNC: the file is the kernel's, and one write is one command.
  const fd = fs.openSync(real, fs.constants.O_WRONLY);
  try {
    fs.writeSync(fd, value);
  } finally {
    fs.closeSync(fd);
  }
}

async function writeWholeInPool(real: string, value: string): Promise<void> {
  const handle = await open(real, fs.constants.O_WRONLY);
  try {
    await handle.write(value);
  } finally {
    await handle.close();
  }
}

/** Waits for whatever came before, however that ended. */
function createSerialQueue(): (action: () => Promise<void>) => Promise<void> {
  let tail: Promise<unknown> = Promise.resolve();
  return (action) => {
    const result = tail.then(action);
    tail = result.catch(() => undefined);
    return result;
  };
}

function openNonBlocking(real: string): KernelStream {
  const failed = { operation: 'read', path: real };
  const fd = attempt({ operation: 'open', path: real }, () =>
    fs.openSync(real, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK),
  );
  let isOpen = true;
  return {
    read: (into) => {
      try {
        return fs.readSync(fd, into, 0, into.length, null);
      } catch (error) {
        if (getErrno(error) === 'EAGAIN') return 0;
        throw toKernelError(failed, error);
      }
    },
    close: () => {
      // A second close could hit a descriptor that somebody else got meanwhile.
      if (!isOpen) return;
      isOpen = false;
      fs.closeSync(fd);
    },
  };
}

/** The running machine's kernel, or a directory of files that looks like one. */
export function createNodeKernelFs(roots: KernelRoots): KernelFs {
  const readWhole = createWholeReader();
  const enqueue = createSerialQueue();

  const locate = (operation: string, path: KernelPath): string => {
    const real = resolvePath(roots, path);
    if (real !== undefined) return real;
    const hint = path.startsWith('trace/') ? 'tracefs is not mounted' : 'not mounted';
    throw new KernelError({ operation, path, errno: 'ENOENT', hint });
  };
  const run = <T>(operation: string, path: KernelPath, action: (real: string) => T): T => {
    const real = locate(operation, path);
    return attempt({ operation, path: real }, () => action(real));
  };

  return {
    // A sysfs attribute comes in one piece; procfs and tracefs answer a page or a record at a time.
    readText: (path) => run('read', path, (real) => readWhole(real, !path.startsWith('sys/'))),
    list: (path) => run('list', path, (real) => fs.readdirSync(real)),
    exists: (path) => statIfThere(resolvePath(roots, path)) !== undefined,
    identify: (path) => statIfThere(resolvePath(roots, path))?.ino,
    writeText: (path, value) => {
      const real = locate('write', path);
      attempt({ operation: 'write', path: real, value }, () => {
        writeWhole(real, value);
      });
    },
    writeTextBlocking: (path, value, options) => {
      const write = async (): Promise<void> => {
        const real = locate('write', path);
        try {
          await writeWholeInPool(real, value);
        } catch (error) {
          throw toKernelError({ operation: 'write', path: real, value }, error);
        }
      };
      return options?.overtakes === true ? write() : enqueue(write);
    },
    makeDir: (path) => {
      run('create directory', path, (real) => {
        fs.mkdirSync(real);
      });
    },
    removeDir: (path) => {
      run('remove directory', path, (real) => {
        fs.rmdirSync(real);
      });
    },
    openStream: (path) => openNonBlocking(locate('open', path)),
    describePath: (path) => resolvePath(roots, path) ?? path,
  };
}
