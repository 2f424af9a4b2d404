import { expect, test } from 'vitest';
import { parsePictureOptions } from '../../src/cli/report/pictureOptions.ts';

const ARGUMENTS = { picture_size: '960x600', picture_scale: '2', picture_theme: 'light' } as const;

test('the size of a picture is read from its options', () => {
  expect(parsePictureOptions({ ...ARGUMENTS, picture_theme: 'dark' })).toEqual({
    width: 960,
    height: 600,
    pixelRatio: 2,
    theme: 'dark',
  });
});

test.each([
  ['', '2'],
  ['960', '2'],
  ['960x', '2'],
  ['960 x 600', '2'],
  ['-960x600', '2'],
  ['479x600', '2'],
  ['960x399', '2'],
  ['10001x400', '1'],
  ['9000x9000', '2'],
])('a size of %j at scale %s is refused', (picture_size, picture_scale) => {
  expect(() => parsePictureOptions({ ...ARGUMENTS, picture_size, picture_scale })).toThrow(
    `--picture_size: found "${picture_size}", expected WIDTHxHEIGHT from 480x400 on`,
  );
});

test.each(['0', '9', '1.5', 'two'])('a scale of %j is refused', (picture_scale) => {
  expect(() => parsePictureOptions({ ...ARGUMENTS, picture_scale })).toThrow(
    `--picture_scale: found "${picture_scale}", expected a whole number of at least 1 and at most 8`,
  );
});
