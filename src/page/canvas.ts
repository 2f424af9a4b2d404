import type { ChartTheme } from '../report/chart/chartContext.ts';
import { computePalette } from '../report/chart/colorMap.ts';
import type { Raster } from '../report/chart/raster.ts';

/** Pixels of the page, however fine the screen is. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const FONT = '12px "Noto Sans", system-ui, sans-serif';

/** Fits the canvas to its place on the page and wipes it. */
export function openCanvas(canvas: HTMLCanvasElement): {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
} {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio;
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws on no canvas');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = FONT;
  context.lineWidth = 1;
  return { context, width, height };
}

/** Sharp lines lie on the middle of pixels. */
function sharpen(at: number): number {
  return Math.round(at) + 0.5;
}

export function drawLine(
  context: CanvasRenderingContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
): void {
  context.beginPath();
  context.moveTo(sharpen(from[0]), sharpen(from[1]));
  context.lineTo(sharpen(to[0]), sharpen(to[1]));
  context.stroke();
}

export function drawFrame(
  context: CanvasRenderingContext2D,
  { left, top, right, bottom }: Box,
  theme: ChartTheme,
): void {
  context.strokeStyle = theme.axisLine;
  context.strokeRect(
    sharpen(left),
    sharpen(top),
    Math.round(right - left),
    Math.round(bottom - top),
  );
}

/** A text that can be read on anything; from its left end, at half of its height. */
export function drawLabel(
  context: CanvasRenderingContext2D,
  label: string,
  [left, middle]: readonly [number, number],
  theme: ChartTheme,
): void {
  const { width } = context.measureText(label);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.globalAlpha = 0.8;
  context.fillStyle = theme.background;
  context.fillRect(left - 4, middle - 8, width + 8, 16);
  context.globalAlpha = 1;
  context.fillStyle = theme.text;
  context.fillText(label, left, middle + 1);
}

/** One pixel per cell, in the colours of all heatmaps. */
export function createRasterImage({ width, height, levels }: Raster): HTMLCanvasElement {
  const palette = new Uint32Array(computePalette().buffer);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < levels.length; at += 1) pixels[at] = palette[levels[at] ?? 0] ?? 0;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

interface TickStyle {
  readonly box: Box;
  readonly theme: ChartTheme;
}

/** Marks below a plot; labels that would run into each other or out of the picture are left out. */
export function drawTimeTicks(
  context: CanvasRenderingContext2D,
  ticks: readonly { readonly x: number; readonly label: string }[],
  { box, theme }: TickStyle,
): void {
  context.textAlign = 'center';
  context.textBaseline = 'top';
  let usedTo = -Infinity;
  for (const { x, label } of ticks) {
    context.strokeStyle = theme.axisLine;
    drawLine(context, [x, box.bottom], [x, box.bottom + 4]);
    const half = context.measureText(label).width / 2;
    if (x - half < usedTo || x + half > context.canvas.clientWidth) continue;
    usedTo = x + half + 8;
    context.fillStyle = theme.text;
    context.fillText(label, x, box.bottom + 7);
  }
}

/** Marks left of a plot. */
export function drawSideTicks(
  context: CanvasRenderingContext2D,
  ticks: readonly { readonly y: number; readonly label: string }[],
  { box, theme }: TickStyle,
): void {
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const { y, label } of ticks) {
    context.strokeStyle = theme.axisLine;
    drawLine(context, [box.left - 4, y], [box.left, y]);
    context.fillStyle = theme.text;
    context.fillText(label, box.left - 8, y);
  }
}
