import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createWriteError } from '../../report/picture/createWriteError.ts';

/**
 * Checks where a file goes before a long record is read for nothing.
 *
 * @throws RecordError for a folder that is not there or not writable, and for a name that is one.
 */
export function checkOutputPath(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw Object.assign(new Error(), { code: 'EISDIR' });
    }
  } catch (cause) {
    throw createWriteError(path, cause);
  }
}
