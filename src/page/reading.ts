import { formatClock } from './clockText.ts';
import type { Zone } from './clockText.ts';
import { formatBytes, formatShare } from './humanText.ts';
import { addressAt } from './layout.ts';
import type { Drawn } from './pictures.ts';
import { formatHeat } from './scale.ts';
import type { WssRun } from './wssRuns.ts';

/** A place in the pictures: shares of the plot from its left and lower edge. */
export interface PlotPoint {
  readonly x: number;
  /** Undefined: only the time counts. */
  readonly y: number | undefined;
}

function findWss(runs: readonly WssRun[], timeMs: number): number | undefined {
  for (const { timesMs, bytes } of runs) {
    if ((timesMs[0] ?? Infinity) > timeMs || (timesMs.at(-1) ?? -Infinity) < timeMs) continue;
    const index = timesMs.findIndex((time) => time >= timeMs);
    return bytes[index];
  }
  return undefined;
}

function readHeat({ heat, layout }: Drawn, x: number, y: number): string[] {
  const time = Math.min(Math.floor(x * heat.nrTimes), heat.nrTimes - 1);
  const row = Math.min(Math.floor(y * layout.nrRows), layout.nrRows - 1);
  const value = heat.values[time * layout.nrRows + row] ?? NaN;
  const addresses = `0x${addressAt(layout, row).toString(16)} – 0x${addressAt(layout, row + 1).toString(16)}`;
  if (Number.isNaN(value)) return ['not observed', addresses];
  const share = heat.maxValue > 0 ? ` (${formatShare(value / heat.maxValue)} of samples)` : '';
  return [`${formatHeat(value, heat.unit)}${share}`, addresses];
}

/** What is to be read there, line by line. */
export function readPoint(drawn: Drawn, { x, y }: PlotPoint, zone: Zone): string[] {
  const { time, runs } = drawn;
  const timeMs = time.startMs + x * (time.endMs - time.startMs);
  const wss = findWss(runs, timeMs);
  return [
    ...(y === undefined ? [] : readHeat(drawn, x, y)),
    ...(wss === undefined ? [] : [`working set ${formatBytes(wss)}`]),
    formatClock(timeMs, zone, 1),
  ];
}
