import type { ChartTheme } from '../report/chart/chartContext.ts';
import { computeHeatRaster } from '../report/chart/raster.ts';
import { placeAddresses } from './addressTicks.ts';
import {
  createRasterImage,
  drawFrame,
  drawLabel,
  drawLine,
  drawSideTicks,
  drawTimeTicks,
  openCanvas,
} from './canvas.ts';
import type { Box } from './canvas.ts';
import { formatClock, placeClock } from './clockText.ts';
import type { Zone } from './clockText.ts';
import type { HeatWindow, TimeWindow } from './heatWindow.ts';
import type { RowLayout } from './layout.ts';

export interface HeatPicture {
  readonly heat: HeatWindow;
  readonly layout: RowLayout;
  readonly time: TimeWindow;
  readonly zone: Zone;
  readonly theme: ChartTheme;
  /** Value of the brightest colour. */
  readonly top: number;
  readonly box: Box;
  /** Since when it is watched: what lies before is told by ages. */
  readonly sinceMs: number | undefined;
}

const ROW_TICK_PIXELS = 18;

/** Room for the marks of time. */
export const PLOT_BOTTOM = 26;

/** Room for addresses, which are longer than sizes: both pictures have it, so that times are above each other. */
export function measureLeftMargin(canvas: HTMLCanvasElement, layout: RowLayout): number {
  const { context } = openCanvas(canvas);
  const labels = layout.ranges.map(({ endAddr }) => `0x${endAddr.toString(16)}`);
  return 16 + Math.max(56, ...labels.map((label) => context.measureText(label).width));
}

/** Where a plot lies in its canvas. */
export function placePlot(canvas: HTMLCanvasElement, left: number): Box {
  const { clientWidth, clientHeight } = canvas;
  return { left, top: 8, right: clientWidth - 12, bottom: clientHeight - PLOT_BOTTOM };
}

export function timeToX(
  timeMs: number,
  { startMs, endMs }: TimeWindow,
  { left, right }: Box,
): number {
  return left + ((timeMs - startMs) / (endMs - startMs)) * (right - left);
}

/** Marks at round times of day. */
export function listTimeTicks(
  time: TimeWindow,
  zone: Zone,
  box: Box,
): { readonly x: number; readonly label: string }[] {
  const nrWanted = Math.max(Math.floor((box.right - box.left) / 90), 2);
  const { positions, formatTick } = placeClock(time, zone, nrWanted);
  return positions.map((position) => ({
    x: timeToX(time.startMs + position * 1e3, time, box),
    label: formatTick(position),
  }));
}

function drawSince(context: CanvasRenderingContext2D, picture: HeatPicture, sinceMs: number): void {
  const { box, time, theme, zone } = picture;
  if (sinceMs <= time.startMs || sinceMs >= time.endMs) return;
  const x = timeToX(sinceMs, time, box);
  context.save();
  context.strokeStyle = '#ffffff';
  context.setLineDash([3, 3]);
  drawLine(context, [x, box.top], [x, box.bottom]);
  context.restore();
  const label = `watched since ${formatClock(sinceMs, zone)}; before: from region ages`;
  const { width } = context.measureText(label);
  const left = Math.min(Math.max(x - width - 12, box.left + 6), box.right - width - 6);
  if (left >= box.left) drawLabel(context, label, [left, box.top + 16], theme);
}

/** Borders between ranges: in between lies what is not monitored. */
function drawFolds(context: CanvasRenderingContext2D, { layout, box, theme }: HeatPicture): void {
  context.strokeStyle = theme.background;
  for (const { firstRow } of layout.ranges) {
    if (firstRow === 0) continue;
    const y = box.bottom - (firstRow / layout.nrRows) * (box.bottom - box.top);
    drawLine(context, [box.left, y], [box.right, y]);
  }
}

export function paintHeat(canvas: HTMLCanvasElement, picture: HeatPicture): void {
  const { heat, layout, time, zone, theme, top, box, sinceMs } = picture;
  const { context } = openCanvas(canvas);
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  context.fillStyle = theme.blank;
  context.fillRect(box.left, box.top, width, height);
  context.imageSmoothingEnabled = false;
  context.drawImage(
    createRasterImage(computeHeatRaster(heat, top)),
    box.left,
    box.top,
    width,
    height,
  );
  drawFolds(context, picture);
  drawFrame(context, box, theme);
  const rowPixels = height / layout.nrRows;
  const rowTicks = placeAddresses(layout, ROW_TICK_PIXELS / rowPixels);
  const sideTicks = rowTicks.map(({ row, label }) => ({ y: box.bottom - row * rowPixels, label }));
  drawSideTicks(context, sideTicks, { box, theme });
  drawTimeTicks(context, listTimeTicks(time, zone, box), { box, theme });
  if (sinceMs !== undefined) drawSince(context, picture, sinceMs);
}
