import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findCodeRoot } from '../../base/codeRoot.ts';

/** Scripts a command's name may be written in; the rest falls back to the machine's fonts. */
export const FONT_SUBSETS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'] as const;

type FontSubset = (typeof FONT_SUBSETS)[number];

export function fontFileName(subset: FontSubset): string {
  return `noto-sans-${subset}-400-normal.woff2`;
}

/** The build ships the fonts; from source they are in their package. */
function locateFonts(): string {
  if (!import.meta.url.endsWith('.ts')) {
    return join(findCodeRoot(import.meta.dirname), 'report/picture/fonts');
  }
  const manifest = createRequire(import.meta.url).resolve('@fontsource/noto-sans/package.json');
  return join(dirname(manifest), 'files');
}

export interface PictureFont {
  readonly family: string;
  readonly file: Buffer;
}

/**
 * Noto Sans, one part per script, each under a name of its own. Pictures are drawn on servers,
 * which often have no font at all.
 */
export function readPictureFonts(): PictureFont[] {
  const folder = locateFonts();
  return FONT_SUBSETS.map((subset) => ({
    family: `Noto Sans ${subset}`,
    file: readFileSync(join(folder, fontFileName(subset))),
  }));
}
