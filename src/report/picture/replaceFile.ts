import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { STREAM_FLAGS, isStreamPlace } from '../../record/outputPlace.ts';
import { refuseObstacle } from '../../record/recordFault.ts';
import { createWriteError } from './createWriteError.ts';

/** A name nobody can guess, for a file that is made there and nowhere else. */
function buildTemporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

/**
 * Checks where a file goes before long work is done for nothing, by making one beside it.
 *
 * @throws RecordError for what {@link replaceFile} could not write.
 */
export async function checkReplaceable(path: string): Promise<void> {
  try {
    if (isStreamPlace(path)) return;
    refuseObstacle(path);
    const temporary = buildTemporaryPath(path);
    await writeFile(temporary, '', { flag: 'wx' });
    await rm(temporary);
  } catch (error) {
    throw createWriteError(path, error);
  }
}

/**
 * Writes a whole file or none: nobody sees a half-written one, and an existing one stays until then.
 * A device, a pipe and an open file (/dev/stdout) are written to, never replaced.
 *
 * @throws RecordError when it cannot be written.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = buildTemporaryPath(path);
  try {
    if (isStreamPlace(path)) {
      await writeFile(path, content, { flag: STREAM_FLAGS });
      return;
    }
    await writeFile(temporary, content, { flag: 'wx' });
    refuseObstacle(path);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw createWriteError(path, error);
  }
}
