import { findFirst } from './heatWindow.ts';
import type { TimeWindow } from './heatWindow.ts';
import type { TargetHistory } from './history.ts';

/** Working set sizes without a gap in between. */
export interface WssRun {
  readonly timesMs: number[];
  readonly bytes: number[];
}

/** Less is a late snapshot, not a gap. */
const MIN_GAP_MS = 1500;

function computeMedianSpacing(points: TargetHistory['wssHistory']): number {
  const spacings = points.slice(1).map(([timeMs], index) => timeMs - (points[index]?.[0] ?? 0));
  return spacings.sort((left, right) => left - right)[spacings.length >> 1] ?? 0;
}

/** The sizes of a window and those next to it, cut where nothing was observed. */
export function listWssRuns(
  { columns, wssHistory }: TargetHistory,
  { startMs, endMs }: TimeWindow,
): WssRun[] {
  const runs: WssRun[] = [];
  const beginRun = (): WssRun => {
    const run: WssRun = { timesMs: [], bytes: [] };
    runs.push(run);
    return run;
  };
  const add = (timeMs: number, bytes: number, spanMs: number): void => {
    const last = runs.at(-1);
    const isContinuing = timeMs - (last?.timesMs.at(-1) ?? -Infinity) <= spanMs + MIN_GAP_MS;
    const run = last !== undefined && isContinuing ? last : beginRun();
    run.timesMs.push(timeMs);
    run.bytes.push(bytes);
  };
  const beginMs = columns[0]?.endMs ?? Infinity;
  const spacingMs = 4 * computeMedianSpacing(wssHistory);
  for (const [timeMs, bytes] of wssHistory) {
    if (timeMs >= beginMs || timeMs > endMs) break;
    if (timeMs >= startMs - spacingMs) add(timeMs, bytes, spacingMs);
  }
  const first = Math.max(findFirst(columns, startMs) - 1, 0);
  for (let index = first; index < columns.length; index += 1) {
    const column = columns[index];
    if (column === undefined || column.startMs > endMs) break;
    add(column.endMs, column.wssBytes, column.endMs - column.startMs);
  }
  return runs;
}
