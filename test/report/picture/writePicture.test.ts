import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadImage, createCanvas } from '@napi-rs/canvas';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { writeHeatmapPicture, writeWssPicture } from '../../../src/report/picture/writePicture.ts';
import { heatmapChart, stairMatrix } from '../../support/heatMatrices.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictures-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const chart = heatmapChart(stairMatrix(40, 20));

/** Red, green, blue at a share of width and height. */
async function readPixels(
  path: string,
  places: readonly (readonly [number, number])[],
): Promise<number[][]> {
  const image = await loadImage(path);
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return places.map(([x, y]) => {
    const [left, top] = [Math.round(x * image.width), Math.round(y * image.height)];
    return [...context.getImageData(left, top, 1, 1).data.slice(0, 3)];
  });
}

const HOT = [253, 231, 37];
const COLD = [68, 1, 84];
const WHITE = [255, 255, 255];

function expectColors(found: number[][], expected: number[][], tolerance: number): void {
  const differences = found.flatMap((color, index) =>
    color.map((byte, channel) => Math.abs(byte - expected[index]![channel]!)),
  );
  expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance);
}

test.each([
  { extension: 'png', signature: '89504e470d0a1a0a', tolerance: 2 },
  { extension: 'jpg', signature: 'ffd8ff', tolerance: 12 },
  { extension: 'jpeg', signature: 'ffd8ff', tolerance: 12 },
])(
  '$extension: the stairs go up, the rest is cold, the corner nobody saw is blank',
  async (kind) => {
    const path = join(folder, `heat.${kind.extension}`);
    await writeHeatmapPicture(chart, path, { width: 600, height: 400, pixelRatio: 2 });
    const file = readFileSync(path);
    expect(file.toString('hex')).toMatch(new RegExp(`^${kind.signature}`));
    const image = await loadImage(path);
    expect([image.width, image.height]).toEqual([1200, 800]);
    const found = await readPixels(path, [
      [0.17, 0.75],
      [0.17, 0.25],
      [0.75, 0.22],
      [0.76, 0.82],
      [0.99, 0.99],
    ]);
    expectColors(found, [HOT, COLD, HOT, WHITE, WHITE], kind.tolerance);
  },
);

test('letters are drawn where the machine has no fonts: the title is not blank', async () => {
  const path = join(folder, 'heat.png');
  await writeHeatmapPicture(chart, path, { pixelRatio: 1 });
  const image = await loadImage(path);
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(16, 8, 320, 20);
  const nrDark = data.filter((byte, index) => index % 4 === 0 && byte < 100).length;
  expect(nrDark).toBeGreaterThan(400);
});

test('pdf: one page of the picture’s size, with the title', async () => {
  const path = join(folder, 'heat.pdf');
  await writeHeatmapPicture(chart, path, { width: 960, height: 600 });
  const text = readFileSync(path, 'latin1');
  expect(text).toMatch(/^%PDF-1\./);
  expect(text.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(1);
  expect(text).toContain('/MediaBox [0 0 720 450]');
  expect(text).toContain('Memory accesses of target 42');
});

test('svg: 500 x 500 cells are one image and not 250,000 rectangles', async () => {
  const path = join(folder, 'heat.svg');
  await writeHeatmapPicture(heatmapChart(stairMatrix(500, 500)), path);
  const svg = readFileSync(path, 'utf8');
  expect(svg).toMatch(/^<svg width="960" height="600" /);
  expect(svg.length).toBeLessThan(100_000);
  expect(svg.match(/<image /g)).toHaveLength(2);
});

test('the dark theme has a dark background', async () => {
  const path = join(folder, 'heat.png');
  await writeHeatmapPicture(chart, path, { theme: 'dark', pixelRatio: 1 });
  expectColors(await readPixels(path, [[0.99, 0.99]]), [[21, 25, 31]], 1);
});

test('working set sizes are drawn, too', async () => {
  const path = join(folder, 'wss.PNG');
  const curve = { label: '1', order: 'time' as const, percentiles: [] };
  const curves = [{ ...curve, bytes: Float64Array.of(0, 2 ** 20, 2 ** 19) }];
  await writeWssPicture({ title: 'WSS', subtitle: '', curves }, path, { pixelRatio: 1 });
  expect((await loadImage(path)).width).toBe(960);
});

test.each(['heat.gif', 'heat', '.png/heat', 'heat.png.'])(
  '%s is refused with the endings that are known, before anything is drawn',
  async (name) => {
    const refused = writeHeatmapPicture(chart, join(folder, name));
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow('.png, .svg, .pdf, .jpeg, .jpg');
    expect(readdirSync(folder)).toEqual([]);
  },
);

test('an existing picture is replaced and nothing else is left behind', async () => {
  const path = join(folder, 'heat.svg');
  writeFileSync(path, 'old');
  await writeHeatmapPicture(chart, path);
  expect(readFileSync(path, 'utf8')).toMatch(/^<svg /);
  expect(readdirSync(folder)).toEqual(['heat.svg']);
});

test('a folder that does not exist is named with what to do', async () => {
  const path = join(folder, 'absent', 'heat.svg');
  await expect(writeHeatmapPicture(chart, path)).rejects.toThrow(
    `write ${path}: ENOENT; the folder does not exist; create it, or name another`,
  );
});
