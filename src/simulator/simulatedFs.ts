import { sleep } from '../base/clock.ts';
import { KernelError } from '../base/errors.ts';
import type { KernelFs, KernelPath } from '../kernel/kernelFs.ts';
import { Errno, resolveNode } from './kernelNode.ts';
import type { DirNode, KernelNode, PendingWrite } from './kernelNode.ts';

export const KERNEL_OPERATIONS = [
  'read',
  'list',
  'write',
  'create directory',
  'remove directory',
  'open',
] as const;
export type KernelOperation = (typeof KERNEL_OPERATIONS)[number];

/** What an interceptor wants to happen to one operation; `undefined` = as usual. */
export interface Interception {
  /** The operation fails with this and does nothing. */
  readonly errno?: string;
  /** A blocking write takes at least this long, real milliseconds, and keeps its lock so long. */
  readonly blockMs?: number;
}

export type Intercept = (operation: KernelOperation, path: KernelPath) => Interception | undefined;

export interface SimulatedFsOptions {
  /** `sys`, `proc`, `trace` and `boot`. */
  readonly root: DirNode;
  /** Files only root may use are refused. */
  readonly isUnprivileged: boolean;
  readonly intercept: Intercept;
  /** Lets the kernel run up to the clock's now. */
  catchUp(): void;
  /** Waits, in whatever way time passes here, until this simulated time, µs. */
  waitUntilUs(us: number): Promise<void>;
  /** The same without giving way to anybody, as a blocking system call does. */
  blockUntilUs(us: number): void;
}

const TREE_PLACES: Readonly<Record<string, string>> = {
  trace: '/sys/kernel/tracing',
};

/** The simulated kernel's files. */
export function createSimulatedFs(options: SimulatedFsOptions): KernelFs {
  const attempt = <T>(
    { operation, path, value }: Attempt,
    action: () => T,
    wish: Interception | undefined,
  ): T => {
    try {
      if (wish?.errno !== undefined) throw new Errno(wish.errno, 'injected');
      options.catchUp();
      return action();
    } catch (error) {
      throw toKernelError(error, { operation, path, value });
    }
  };
  const run = <T>(operation: KernelOperation, path: KernelPath, action: () => T): T =>
    attempt({ operation, path }, action, options.intercept(operation, path));
  const find = (path: KernelPath): KernelNode =>
    resolveNode(options.root, splitPath(path), options.isUnprivileged);
  const write = (
    path: KernelPath,
    value: string,
    wish: Interception | undefined,
  ): PendingWrite | undefined =>
    attempt(
      { operation: 'write', path, value },
      () => writeNode(find(path), value, options.isUnprivileged),
      wish,
    );
  const exists = (path: KernelPath): boolean => {
    options.catchUp();
    try {
      return find(path).kind.length > 0;
    } catch (error) {
      if (error instanceof Errno) return false;
      throw error;
    }
  };
  let queue: Promise<unknown> = Promise.resolve();

  return {
    readText: (path) => run('read', path, () => readNode(find(path), options.isUnprivileged)),
    list: (path) =>
      run('list', path, () => {
        const node = find(path);
        if (node.kind !== 'dir') throw new Errno('ENOTDIR');
        return node.names();
      }),
    exists,
    // Here a directory of the same name is the same.
    identify: (path) => (exists(path) ? 1n : undefined),
    writeText: (path, value) => {
      const pending = write(path, value, options.intercept('write', path));
      if (pending === undefined) return;
      while (pending.answer() === undefined) options.blockUntilUs(pending.nextCheckUs());
      throwAnswer(pending, { operation: 'write', path, value });
    },
    writeTextBlocking: (path, value, { overtakes } = { overtakes: false }) => {
      const task = async (): Promise<void> => {
        const wish = options.intercept('write', path);
        const blockMs = wish?.blockMs ?? 0;
        const pending = write(path, value, wish);
        if (blockMs > 0) {
          const release = pending?.hold();
          await sleep(blockMs);
          release?.();
        }
        while (pending !== undefined && pending.answer() === undefined) {
          await options.waitUntilUs(pending.nextCheckUs());
        }
        throwAnswer(pending, { operation: 'write', path, value });
      };
      if (overtakes) return task();
      const result = queue.then(task);
      queue = result.catch(() => undefined);
      return result;
    },
    makeDir: (path) => {
      run('create directory', path, () => {
        changeDir(options, path, 'makeDir');
      });
    },
    removeDir: (path) => {
      run('remove directory', path, () => {
        changeDir(options, path, 'removeDir');
      });
    },
    openStream: (path) =>
      run('open', path, () => {
        const node = find(path);
        checkAccess(node, options.isUnprivileged);
        if (node.kind !== 'file' || node.openStream === undefined) throw new Errno('EINVAL');
        const stream = node.openStream();
        return {
          read: (into) => run('read', path, () => stream.read(into)),
          close: () => {
            stream.close();
          },
        };
      }),
    describePath,
  };
}

function splitPath(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function describePath(path: KernelPath): string {
  const [tree = '', ...rest] = splitPath(path);
  return `simulated:${[TREE_PLACES[tree] ?? `/${tree}`, ...rest].join('/')}`;
}

function checkAccess(node: KernelNode, isUnprivileged: boolean): void {
  if (isUnprivileged && node.kind === 'file' && (node.mode & 0o004) === 0) {
    throw new Errno('EACCES');
  }
}

function readNode(node: KernelNode, isUnprivileged: boolean): string {
  if (node.kind !== 'file') throw new Errno('EISDIR');
  checkAccess(node, isUnprivileged);
  return node.read();
}

function writeNode(
  node: KernelNode,
  value: string,
  isUnprivileged: boolean,
): PendingWrite | undefined {
  if (node.kind !== 'file') throw new Errno('EISDIR');
  // Without a store function even root is refused.
  if (isUnprivileged || node.write === undefined) throw new Errno('EACCES');
  // A write of nothing never reaches the kernel's parser.
  return value === '' ? undefined : node.write(value);
}

function changeDir(
  { root, isUnprivileged }: SimulatedFsOptions,
  path: KernelPath,
  change: 'makeDir' | 'removeDir',
): void {
  const names = splitPath(path);
  const name = names.pop() ?? '';
  const parent = resolveNode(root, names, isUnprivileged);
  if (parent.kind !== 'dir' || parent[change] === undefined) throw new Errno('EPERM');
  parent[change](name);
}

interface Attempt {
  readonly operation: KernelOperation;
  readonly path: KernelPath;
  readonly value?: string | undefined;
}

function toKernelError(error: unknown, { operation, path, value }: Attempt): unknown {
  if (!(error instanceof Errno)) return error;
  return new KernelError({
    operation,
    path: describePath(path),
    errno: error.errno,
    cause: error,
    ...(value !== undefined && { value }),
    ...(error.message !== '' && { hint: error.message }),
  });
}

function throwAnswer(pending: PendingWrite | undefined, attempt: Attempt): void {
  const errno = pending?.answer()?.errno;
  if (errno !== undefined) throw toKernelError(new Errno(errno), attempt);
}
