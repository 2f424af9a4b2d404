import { RecordError, describeError } from '../../base/errors.ts';

const ERRNO_HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist; create it, or name another',
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'no permission to create a file in that folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** What to say when a file could not be written. */
export function createWriteError(path: string, cause: unknown): RecordError {
  if (cause instanceof RecordError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : ERRNO_HINTS[code];
  const hint = known === undefined ? describeError(cause) : `${code ?? ''}; ${known}`;
  return new RecordError({ operation: 'write', path, hint, cause });
}
