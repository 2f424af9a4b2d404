import { KernelError } from '../../src/base/errors.ts';
import { describeErrno } from '../../src/kernel/errnoHint.ts';
import type { KernelFs, KernelPath, KernelStream } from '../../src/kernel/kernelFs.ts';

/** What happens to an operation: it fails, or what blocks is answered only after this. */
export type Fault = { readonly errno: string } | { readonly until: Promise<void> };

export type FaultyOperation = keyof Omit<KernelFs, 'describePath'> | keyof KernelStream;

/** Those that can answer with an error. */
export const KERNEL_OPERATIONS: readonly FaultyOperation[] = [
  ...(['readText', 'list', 'writeText', 'writeTextBlocking', 'makeDir', 'removeDir'] as const),
  ...(['openStream', 'read', 'exists', 'identify'] as const),
];

/** As errors of the kernel tell them. */
const VERBS: Readonly<Record<FaultyOperation, string>> = {
  readText: 'read',
  list: 'list',
  exists: 'find',
  identify: 'find',
  writeText: 'write',
  writeTextBlocking: 'write',
  makeDir: 'create directory',
  removeDir: 'remove directory',
  openStream: 'open',
  read: 'read',
  close: 'close',
};

/** Asked before each operation; undefined = as usual. */
export type FindFault = (operation: FaultyOperation, path: KernelPath) => Fault | undefined;

/** The same kernel, in which every operation can fail as a kernel lets it fail. */
export function createFaultyKernelFs(fs: KernelFs, findFault: FindFault): KernelFs {
  const check = (operation: FaultyOperation, path: KernelPath): Promise<void> | undefined => {
    const fault = findFault(operation, path);
    if (fault === undefined) return undefined;
    if ('until' in fault) return fault.until;
    const failed = { operation: VERBS[operation], path: fs.describePath(path) };
    const hint = describeErrno(fault.errno, failed);
    throw new KernelError({ ...failed, errno: fault.errno, ...(hint !== undefined && { hint }) });
  };
  const isAnswered = (operation: FaultyOperation, path: KernelPath): boolean => {
    const fault = findFault(operation, path);
    return fault === undefined || !('errno' in fault);
  };
  return {
    readText: (path) => {
      void check('readText', path);
      return fs.readText(path);
    },
    list: (path) => {
      void check('list', path);
      return fs.list(path);
    },
    // These two never throw.
    exists: (path) => isAnswered('exists', path) && fs.exists(path),
    identify: (path) => (isAnswered('identify', path) ? fs.identify(path) : undefined),
    writeText: (path, value) => {
      void check('writeText', path);
      fs.writeText(path, value);
    },
    writeTextBlocking: async (path, value, options) => {
      await check('writeTextBlocking', path);
      return fs.writeTextBlocking(path, value, options);
    },
    makeDir: (path) => {
      void check('makeDir', path);
      fs.makeDir(path);
    },
    removeDir: (path) => {
      void check('removeDir', path);
      fs.removeDir(path);
    },
    openStream: (path) => {
      void check('openStream', path);
      const stream = fs.openStream(path);
      return {
        read: (into) => {
          void check('read', path);
          return stream.read(into);
        },
        close: () => {
          stream.close();
          void check('close', path);
        },
      };
    },
    describePath: (path) => fs.describePath(path),
  };
}
