import type { RecordFile, RecordFileStat, RecordFs } from '../../src/record/own/recordFs.ts';

/** A file system in memory that gets full and fails where a test says so. */
export interface MemoryRecordFs extends RecordFs {
  readonly files: Map<string, { bytes: Buffer; modifiedMs: number }>;
  /** All files together cannot have more bytes: ENOSPC after a part was written. */
  capacityBytes: number;
  /** Called before each operation; what it throws is the operation's error. */
  intercept: (operation: keyof RecordFs | keyof RecordFile, path: string) => void;
}

export function createErrno(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: by the test`), { code });
}

export function createMemoryRecordFs(wallMs: () => number = () => 0): MemoryRecordFs {
  const files: MemoryRecordFs['files'] = new Map();
  const find = (path: string) => {
    const file = files.get(path);
    if (file === undefined) throw createErrno('ENOENT');
    return file;
  };
  const usedBytes = () => [...files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  const on = <T>(
    operation: Parameters<MemoryRecordFs['intercept']>[0],
    path: string,
    act: () => T,
  ) =>
    Promise.resolve().then(() => {
      fs.intercept(operation, path);
      return act();
    });
  const openFile = (path: string, file: { bytes: Buffer; modifiedMs: number }): RecordFile => ({
    write: (bytes, position) =>
      on('write', path, () => {
        const room = fs.capacityBytes - usedBytes() + file.bytes.length - position;
        const taken = bytes.subarray(0, Math.max(0, room));
        const size = Math.max(file.bytes.length, position + taken.length);
        const grown = Buffer.alloc(size);
        grown.set(file.bytes);
        grown.set(taken, position);
        file.bytes = grown;
        file.modifiedMs = wallMs();
        if (taken.length < bytes.length) throw createErrno('ENOSPC');
      }),
    read: (buffer, position) =>
      on('read', path, () => file.bytes.copy(buffer, 0, Math.min(position, file.bytes.length))),
    stat: () => on('stat', path, () => describeFile(file)),
    truncate: (sizeBytes) =>
      on('truncate', path, () => {
        file.bytes = file.bytes.subarray(0, sizeBytes);
      }),
    chmod: () => on('chmod', path, () => undefined),
    sync: () => on('sync', path, () => undefined),
    close: () => on('close', path, () => undefined),
  });
  const describeFile = ({
    bytes,
    modifiedMs,
  }: {
    bytes: Buffer;
    modifiedMs: number;
  }): RecordFileStat => ({
    isFile: true,
    isDirectory: false,
    isOfOthers: false,
    sizeBytes: bytes.length,
    modifiedMs,
  });
  const fs: MemoryRecordFs = {
    files,
    capacityBytes: Infinity,
    intercept: () => undefined,
    create: (path) =>
      on('create', path, () => {
        if (files.has(path)) throw createErrno('EEXIST');
        const file = { bytes: Buffer.alloc(0), modifiedMs: wallMs() };
        files.set(path, file);
        return openFile(path, file);
      }),
    open: (path) => on('open', path, () => openFile(path, find(path))),
    lstat: (path) =>
      on('lstat', path, () => (files.has(path) ? describeFile(find(path)) : undefined)),
    list: (dir) =>
      on('list', dir, () =>
        [...files.keys()]
          .filter((path) => path.startsWith(`${dir}/`))
          .map((path) => path.slice(dir.length + 1)),
      ),
    makeDir: (path) => on('makeDir', path, () => undefined),
    realpath: (path) => on('realpath', path, () => path),
    rename: (from, to) =>
      on('rename', from, () => {
        files.set(to, find(from));
        files.delete(from);
      }),
    link: (from, to) =>
      on('link', from, () => {
        if (files.has(to)) throw createErrno('EEXIST');
        files.set(to, find(from));
      }),
    remove: (path) =>
      on('remove', path, () => {
        find(path);
        files.delete(path);
      }),
    touch: (path, timeMs) =>
      on('touch', path, () => {
        find(path).modifiedMs = timeMs;
      }),
  };
  return fs;
}
