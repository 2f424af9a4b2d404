import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RecordError, describeError } from '../../base/errors.ts';

const ERRNO_HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist; create it, or name another',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'this is a folder; name a file',
  EACCES: 'no permission to create a file in that folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** What to say when a file could not be written. */
export function createWriteError(path: string, cause: unknown): RecordError {
  const { code } = cause as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : ERRNO_HINTS[code];
  const hint = known === undefined ? describeError(cause) : `${code ?? ''}; ${known}`;
  return new RecordError({ operation: 'write', path, hint, cause });
}

/**
 * Writes a whole file or none: nobody sees a half-written one, and an existing one stays until then.
 *
 * @throws RecordError when it cannot be written.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw createWriteError(path, error);
  }
}
