import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { STREAM_FLAGS, isStreamPlace } from '../outputPlace.ts';
import { createRecordError, refuseObstacle } from '../recordFault.ts';

/** A sequence of bytes on its way to a file. */
export interface ByteSink {
  /** The bytes must stay as they are until this resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Everything written is out when this resolves. */
  close(): Promise<void>;
  /** Gives up: nothing remains. Does nothing after close. */
  abort(): Promise<void>;
}

export interface WholeFileOptions {
  readonly path: string;
  /** Permissions from the first byte on; 0600 by default, like the memory it tells about. */
  readonly mode?: number | undefined;
}

/** A name beside `path` that nobody lists by accident; the pid keeps two programs apart. */
export function buildTemporaryPath(path: string, suffix: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${suffix}`);
}

/** Turns the errors of a file system into one sentence about the record. */
export async function withRecordError<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw createRecordError('write', path, cause);
  }
}

/** @throws RecordError when something that is no file has the name. */
export async function removeLeftover(temporary: string): Promise<void> {
  await withRecordError(temporary, () => rm(temporary, { force: true }));
}

/** A new file under a name of this process; what an earlier process of the same id left is gone. */
export async function createTemporary(temporary: string, mode = 0o600): Promise<FileHandle> {
  await removeLeftover(temporary);
  // Never through a link that somebody put there.
  const handle = await open(temporary, 'wx+', mode);
  // The umask may have taken more away than was asked for.
  await handle.chmod(mode);
  return handle;
}

/** A device, a pipe or an open file: what was written before an error stays written. */
async function createStream(path: string): Promise<ByteSink> {
  let handle: FileHandle | undefined = await withRecordError(path, () => open(path, STREAM_FLAGS));
  const close = async (): Promise<void> => {
    const open = handle;
    handle = undefined;
    await open?.close();
  };
  return {
    write: (bytes) => withRecordError(path, () => writeAll(handle, bytes)),
    close: () => withRecordError(path, close),
    abort: close,
  };
}

/**
 * A file that is there completely or not at all: written under a temporary name beside `path`, made
 * durable and renamed by `close`. A plain file at `path` is replaced; a device, a pipe or an open
 * file (/dev/stdout) is written to; anything else is refused.
 *
 * Files: `.NAME.PID.tmp` beside `path` while it is written.
 */
export async function createWholeFile({ path, mode }: WholeFileOptions): Promise<ByteSink> {
  if (isStreamPlace(path)) return createStream(path);
  refuseObstacle(path);
  const temporary = buildTemporaryPath(path, 'tmp');
  let handle: FileHandle | undefined = await withRecordError(path, () =>
    createTemporary(temporary, mode),
  );
  let isDone = false;
  const close = async (): Promise<void> => {
    const open = handle;
    handle = undefined;
    await open?.close();
  };
  const abort = async (): Promise<void> => {
    if (isDone) return;
    await removeLeftover(temporary);
    await close();
  };
  return {
    write: (bytes) => withRecordError(path, () => writeAll(handle, bytes)),
    close: () =>
      withRecordError(path, async () => {
        await handle?.sync();
        await close();
        refuseObstacle(path);
        await rename(temporary, path);
        isDone = true;
        await syncDirectory(dirname(path));
      }),
    abort,
  };
}

async function writeAll(handle: FileHandle | undefined, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length;) {
    const result = await handle?.write(bytes, from);
    if (result === undefined) throw new Error('the file is closed');
    from += result.bytesWritten;
  }
}

/** A rename is durable once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
