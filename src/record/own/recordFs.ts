import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import * as fsp from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { isOfOwnOrRoot } from '../outputPlace.ts';

/** An open file of a record. */
export interface RecordFile {
  /** Writes all of the bytes, at this offset of the file. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Fills the buffer as far as the file reaches. @returns how many bytes that were. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  stat(): Promise<RecordFileStat>;
  truncate(sizeBytes: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  /** Waits until everything is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface RecordFileStat {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Belongs neither to root nor to the own user. */
  readonly isOfOthers: boolean;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** What records need of a file system: small, so that tests can make every operation fail. */
export interface RecordFs {
  /** Makes a new file, 0600 from its first byte. Fails (EEXIST) for any name that is taken. */
  create(path: string): Promise<RecordFile>;
  open(path: string): Promise<RecordFile>;
  /** Of the name itself, not of what a symbolic link leads to; undefined where there is none. */
  lstat(path: string): Promise<RecordFileStat | undefined>;
  list(dir: string): Promise<string[]>;
  realpath(path: string): Promise<string>;
  /** Makes the directory and those above it, 0700, where they are missing. */
  makeDir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; fails (EEXIST) when that is taken. */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Sets the time of modification, of the name itself. */
  touch(path: string, timeMs: number): Promise<void>;
}

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && codes.includes(code);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    // A disk that gets full takes a part first and refuses the next write.
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function readAll(handle: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

function describe(stat: Stats): RecordFileStat {
  return {
    isFile: stat.isFile(),
    isDirectory: stat.isDirectory(),
    isOfOthers: !isOfOwnOrRoot(stat),
    sizeBytes: stat.size,
    modifiedMs: stat.mtimeMs,
  };
}

function wrap(handle: FileHandle): RecordFile {
  return {
    write: (bytes, position) => writeAll(handle, bytes, position),
    read: (buffer, position) => readAll(handle, buffer, position),
    stat: async () => describe(await handle.stat()),
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    chmod: (mode) => handle.chmod(mode),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

const CREATE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Without O_NONBLOCK, opening a pipe would wait for its writer. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** The file system of this machine. */
export const nodeRecordFs: RecordFs = {
  create: async (path) => wrap(await fsp.open(path, CREATE_FLAGS, 0o600)),
  open: async (path) => wrap(await fsp.open(path, OPEN_FLAGS)),
  lstat: async (path) => {
    try {
      return describe(await fsp.lstat(path));
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  },
  list: (dir) => fsp.readdir(dir),
  realpath: (path) => fsp.realpath(path),
  makeDir: async (path) => {
    await fsp.mkdir(path, { recursive: true, mode: 0o700 });
  },
  rename: (from, to) => fsp.rename(from, to),
  link: (from, to) => fsp.link(from, to),
  remove: (path) => fsp.unlink(path),
  touch: (path, timeMs) => fsp.lutimes(path, timeMs / 1000, timeMs / 1000),
};
