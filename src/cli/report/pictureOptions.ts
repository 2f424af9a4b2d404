import { UsageError } from '../../base/errors.ts';
import type { PictureOptions } from '../../report/picture/writePicture.ts';
import { parseWhole } from './reportArguments.ts';

/** Of reports that draw to a file; completed by defineOptions. */
export const PICTURE_OPTIONS = {
  picture_size: {
    type: 'string',
    default: '960x600',
    describe: 'WIDTHxHEIGHT of a picture, in units of 1/96 inch',
    group: 'Output:',
  },
  picture_scale: {
    type: 'string',
    default: '2',
    describe: 'pixels per unit in png and jpeg',
    group: 'Output:',
  },
  picture_theme: {
    choices: ['light', 'dark'],
    default: 'light',
    describe: 'colours of a picture: on white or on black',
    group: 'Output:',
  },
} as const;

export interface PictureArguments {
  readonly picture_size: string;
  readonly picture_scale: string;
  readonly picture_theme: 'light' | 'dark';
}

/** Less leaves the texts no room. */
const MIN_SIZE = { width: 480, height: 400 };
const MAX_LENGTH = 10_000;
const MAX_SCALE = 8;
/** 400 MB while it is drawn. */
const MAX_PIXELS = 100_000_000;

/** @throws UsageError for a size that cannot be drawn. */
export function parsePictureOptions(args: PictureArguments): PictureOptions {
  const pixelRatio = parseWhole('--picture_scale', args.picture_scale, { min: 1, max: MAX_SCALE });
  const [, width = NaN, height = NaN] =
    /^(\d{1,5})x(\d{1,5})$/.exec(args.picture_size)?.map(Number) ?? [];
  const isDrawable =
    width >= MIN_SIZE.width &&
    height >= MIN_SIZE.height &&
    Math.max(width, height) <= MAX_LENGTH &&
    width * height * pixelRatio ** 2 <= MAX_PIXELS;
  if (isDrawable) return { width, height, pixelRatio, theme: args.picture_theme };
  throw new UsageError(
    `--picture_size: found "${args.picture_size}", expected WIDTHxHEIGHT from ${MIN_SIZE.width}x${MIN_SIZE.height} on, at most ${MAX_LENGTH} each and ${MAX_PIXELS / 1e6} million pixels with --picture_scale`,
  );
}

/**
 * Checks what is known of a picture before a long record is read for nothing.
 *
 * @throws UsageError for an unknown kind of picture or size; RecordError where it cannot be written.
 */
export async function checkPicture(path: string, args: PictureArguments): Promise<void> {
  const { parsePictureFormat } = await import('../../report/picture/pictureFormat.ts');
  const { checkReplaceable } = await import('../../report/picture/replaceFile.ts');
  parsePictureFormat(path);
  parsePictureOptions(args);
  await checkReplaceable(path);
}
