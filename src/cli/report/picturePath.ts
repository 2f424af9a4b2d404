import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { RecordError, describeError } from '../../base/errors.ts';

/**
 * Checks where a picture goes before a long record is read for nothing.
 *
 * @throws UsageError for an unknown kind of picture; RecordError for a folder that is not there or
 *   not writable.
 */
export async function checkPicturePath(path: string): Promise<void> {
  const { parsePictureFormat } = await import('../../report/picture/pictureFormat.ts');
  parsePictureFormat(path);
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    throw new RecordError({ operation: 'draw', path, hint: describeError(cause), cause });
  }
}
