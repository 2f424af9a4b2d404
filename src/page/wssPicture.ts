import { computeByteTicks } from '../report/chart/axisTicks.ts';
import type { ChartTheme } from '../report/chart/chartContext.ts';
import { thinLine } from '../report/chart/lineChart.ts';
import {
  drawFrame,
  drawLabel,
  drawLine,
  drawSideTicks,
  drawTimeTicks,
  openCanvas,
} from './canvas.ts';
import type { Box } from './canvas.ts';
import type { Zone } from './clockText.ts';
import { listTimeTicks, timeToX } from './heatPicture.ts';
import type { TimeWindow } from './heatWindow.ts';
import type { WssRun } from './wssRuns.ts';

export interface WssPicture {
  readonly runs: readonly WssRun[];
  /** Lines across, such as percentiles. */
  readonly marks: readonly { readonly label: string; readonly bytes: number }[];
  readonly time: TimeWindow;
  readonly zone: Zone;
  readonly theme: ChartTheme;
  readonly box: Box;
}

const LABEL_HEIGHT = 16;
/** Room above the highest point. */
const HEADROOM = 1.08;

function findHighest({ runs, marks }: WssPicture): number {
  let highest = 0;
  for (const { bytes } of marks) highest = Math.max(highest, bytes);
  for (const { bytes } of runs) for (const size of bytes) highest = Math.max(highest, size);
  return highest;
}

interface Scale {
  readonly toX: (timeMs: number) => number;
  readonly toY: (bytes: number) => number;
}

function drawRun(
  context: CanvasRenderingContext2D,
  run: WssRun,
  { toX, toY }: Scale,
  { theme, box }: WssPicture,
): void {
  const points = thinLine({ positions: run.timesMs, bytes: run.bytes });
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return;
  const color = theme.lines[0] ?? theme.text;
  context.beginPath();
  for (const [timeMs, bytes] of points) context.lineTo(toX(timeMs), toY(bytes));
  context.strokeStyle = color;
  context.lineWidth = 1.75;
  context.lineJoin = 'round';
  context.stroke();
  context.lineTo(toX(last[0]), box.bottom);
  context.lineTo(toX(first[0]), box.bottom);
  context.fillStyle = color;
  context.globalAlpha = 0.14;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1;
}

function drawMarks(
  context: CanvasRenderingContext2D,
  { marks, theme, box }: WssPicture,
  { toY }: Scale,
): void {
  let lastMiddle = Infinity;
  for (const { label, bytes } of marks) {
    const y = toY(bytes);
    context.save();
    context.strokeStyle = theme.mutedText;
    context.setLineDash([5, 4]);
    drawLine(context, [box.left, y], [box.right, y]);
    context.restore();
    // Above its line, below where there is no room.
    const middle = y - LABEL_HEIGHT < box.top ? y + 10 : y - 9;
    if (Math.abs(lastMiddle - middle) < LABEL_HEIGHT) continue;
    lastMiddle = middle;
    drawLabel(context, label, [box.left + 6, middle], theme);
  }
}

export function paintWss(canvas: HTMLCanvasElement, picture: WssPicture): void {
  const { time, zone, theme, box, runs } = picture;
  const { context } = openCanvas(canvas);
  const highest = Math.max(findHighest(picture) * HEADROOM, 1);
  const height = box.bottom - box.top;
  const ticks = computeByteTicks({ start: 0, end: highest, nrWanted: Math.max(height / 36, 2) });
  const scale: Scale = {
    toX: (timeMs) => timeToX(timeMs, time, box),
    toY: (bytes) => box.bottom - (bytes / highest) * height,
  };
  const sideTicks = ticks.positions.map((bytes) => ({
    y: scale.toY(bytes),
    label: `${ticks.formatTick(bytes)} ${ticks.unit}`,
  }));
  context.strokeStyle = theme.gridLine;
  for (const { y } of sideTicks) drawLine(context, [box.left, y], [box.right, y]);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, height);
  context.clip();
  for (const run of runs) drawRun(context, run, scale, picture);
  drawMarks(context, picture, scale);
  context.restore();
  drawFrame(context, box, theme);
  drawSideTicks(context, sideTicks, { box, theme });
  drawTimeTicks(context, listTimeTicks(time, zone, box), { box, theme });
}
