import { describeOrigin } from '../streams.ts';
import { createGrowingColumn } from '../growingColumn.ts';
import type { WssSeries } from './wssSeries.ts';

interface Cursor {
  readonly series: WssSeries;
  /** The next window that was not counted yet. */
  next: number;
  /** Size of the window counted last; 0 before the first. */
  bytes: number;
}

function middleOf({ start, end }: WssSeries, index: number): number {
  return ((start[index] ?? 0) + (end[index] ?? 0)) / 2;
}

function takeWindow(cursor: Cursor): void {
  cursor.bytes = cursor.series.bytes[cursor.next] ?? 0;
  cursor.next += 1;
}

/** A target's size at a moment at which none of its windows has its middle. */
function sizeAt({ series, next, bytes }: Cursor, moment: number): number {
  const { start, end } = series;
  if (next < start.length) return (start[next] ?? 0) <= moment ? (series.bytes[next] ?? 0) : bytes;
  // After its last window it is gone.
  return (end[next - 1] ?? 0) > moment ? bytes : 0;
}

function findEarliest(cursors: readonly Cursor[]): Cursor | undefined {
  let earliest: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.next >= cursor.series.bytes.length) continue;
    const isEarlier =
      earliest === undefined ||
      middleOf(cursor.series, cursor.next) < middleOf(earliest.series, earliest.next);
    if (isEarlier) earliest = cursor;
  }
  return earliest;
}

/** What the targets of one context were together. */
export interface WssSum {
  readonly label: string;
  readonly nrSeries: number;
  readonly bytes: Float64Array;
}

/**
 * The sum of each context by itself: another may have seen the same memory by other addresses, and
 * would count it again.
 */
export function sumByContext(all: readonly WssSeries[]): WssSum[] {
  const contexts = [...new Set(all.map(({ stream }) => describeOrigin(stream)))];
  return contexts.map((context) => {
    const series = all.filter(({ stream }) => describeOrigin(stream) === context);
    return {
      label: contexts.length === 1 ? 'sum' : `sum (${context})`,
      nrSeries: series.length,
      bytes: sumSeries(series),
    };
  });
}

/**
 * What all targets' working sets were together, as time went by. Windows of several targets that lie
 * within half a window of each other are one moment (one aggregation reports its targets microseconds
 * apart); a target between two of its windows keeps its last size.
 */
export function sumSeries(all: readonly WssSeries[]): Float64Array {
  const cursors = all.map((series): Cursor => ({ series, next: 0, bytes: 0 }));
  const sums = createGrowingColumn();
  for (;;) {
    const earliest = findEarliest(cursors);
    if (earliest === undefined) return sums.values();
    const { series, next } = earliest;
    const moment = middleOf(series, next);
    const limit = moment + ((series.end[next] ?? 0) - (series.start[next] ?? 0)) / 2;
    let sum = 0;
    for (const cursor of cursors) {
      const isDue =
        cursor === earliest ||
        (cursor.next < cursor.series.bytes.length && middleOf(cursor.series, cursor.next) < limit);
      if (isDue) takeWindow(cursor);
      sum += isDue ? cursor.bytes : sizeAt(cursor, moment);
    }
    sums.push(sum);
  }
}
