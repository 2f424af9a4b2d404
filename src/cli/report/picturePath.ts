import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { createWriteError } from '../../report/picture/replaceFile.ts';

/**
 * Checks where a file goes before a long record is read for nothing.
 *
 * @throws RecordError for a folder that is not there or not writable.
 */
export function checkOutputPath(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    throw createWriteError(path, cause);
  }
}

/**
 * The same for a picture.
 *
 * @throws UsageError for an unknown kind of picture; RecordError as above.
 */
export async function checkPicturePath(path: string): Promise<void> {
  const { parsePictureFormat } = await import('../../report/picture/pictureFormat.ts');
  parsePictureFormat(path);
  checkOutputPath(path);
}
