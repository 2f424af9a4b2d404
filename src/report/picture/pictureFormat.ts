import { extname } from 'node:path';
import { UsageError } from '../../base/errors.ts';

export type PictureFormat = 'png' | 'svg' | 'pdf' | 'jpeg';

const FORMAT_BY_EXTENSION: ReadonlyMap<string, PictureFormat> = new Map([
  ['.png', 'png'],
  ['.svg', 'svg'],
  ['.pdf', 'pdf'],
  ['.jpeg', 'jpeg'],
  ['.jpg', 'jpeg'],
]);

/** @throws UsageError when the name's ending is not one of a picture, naming those that are. */
export function parsePictureFormat(path: string): PictureFormat {
  const extension = extname(path).toLowerCase();
  const format = FORMAT_BY_EXTENSION.get(extension);
  if (format !== undefined) return format;
  const found = extension === '' ? 'no ending' : `"${extension}"`;
  const known = [...FORMAT_BY_EXTENSION.keys()].join(', ');
  throw new UsageError(`draw ${path}: found ${found}, expected a name ending with one of ${known}`);
}
