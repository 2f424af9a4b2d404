import { RecordError, describeError } from '../base/errors.ts';
import { findObstacle } from './outputPlace.ts';
import { isErrno } from './own/recordFs.ts';

/** What to do about it, for the errors people meet. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the name',
  ENOTDIR: 'a part of the path is no directory; check the name',
  EACCES:
    'no permission; records are readable by their owner only, so run this as that user (mostly root)',
  EPERM: 'not permitted; run this as the owner of the file (mostly root)',
  EEXIST: 'it exists already; remove or rename it, or choose another name',
  ENOSPC: 'the disk is full; make room or choose another place',
  EDQUOT: 'the disk quota is used up; make room or choose another place',
  EROFS: 'the file system is read-only; choose another place',
  EISDIR: 'it is a directory; name a file',
  ELOOP: 'it is a symbolic link, and those are not followed here; name the file itself',
  EFBIG: 'the file would be larger than allowed; see ulimit -f',
};
const ADVICE_FOR_WRITING: Readonly<Record<string, string>> = {
  ...ADVICE,
  ENOENT: 'there is no such directory; make it or choose another place',
  EACCES: 'no permission to write there; choose another place or run this as its owner',
};

/** A failed file operation as an error for people. */
export function createRecordError(operation: string, path: string, cause: unknown): RecordError {
  if (cause instanceof RecordError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  const advice = (['open', 'read'].includes(operation) ? ADVICE : ADVICE_FOR_WRITING)[code];
  const hint = advice === undefined ? describeError(cause) : `${code}: ${advice}`;
  return new RecordError({ operation, path, hint, cause });
}

/** @throws RecordError unless a plain file or nothing is there: nothing else is ever replaced. */
export function refuseObstacle(path: string): void {
  const obstacle = findObstacle(path);
  if (obstacle !== undefined) throw new RecordError({ operation: 'write', path, hint: obstacle });
}

/** Whether it goes away when somebody makes room. */
export function isOutOfSpace(error: unknown): boolean {
  const cause = error instanceof RecordError ? error.cause : error;
  return isErrno(cause, 'ENOSPC', 'EDQUOT', 'EFBIG');
}
