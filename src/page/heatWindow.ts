import { BLANK_LEVEL, HIGHEST_LEVEL, LOWEST_LEVEL } from '../report/chart/colorMap.ts';
import type { HeatColumn, HeatHistory } from './history.ts';
import { mapRows } from './layout.ts';
import type { RowLayout } from './layout.ts';

export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Heat by time and row, as `report`'s heatmaps have it: `values[time * nrAddresses + row]`. */
export interface HeatWindow {
  readonly nrTimes: number;
  readonly nrAddresses: number;
  /** NaN where nothing was observed. */
  readonly values: Float64Array;
  readonly unit: HeatColumn['unit'];
  /** The most there can be. */
  readonly maxValue: number;
}

interface Sums {
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly nrRows: number;
}

function addCells(sums: Sums, time: number, column: PlacedColumn, weight: number): void {
  const { values, weights, nrRows } = sums;
  const { levels, scale, rows } = column;
  for (let row = 0; row < nrRows; row += 1) {
    const from = rows === undefined ? row : (rows[row] ?? -1);
    const level = from < 0 ? BLANK_LEVEL : (levels[from] ?? BLANK_LEVEL);
    if (level === BLANK_LEVEL) continue;
    const at = time * nrRows + row;
    values[at] = (values[at] ?? 0) + (level - LOWEST_LEVEL) * scale * weight;
    weights[at] = (weights[at] ?? 0) + weight;
  }
}

interface PlacedColumn {
  readonly levels: Uint8Array;
  /** Value of one level. */
  readonly scale: number;
  /** Where rows come from; undefined for those of the same layout. */
  readonly rows: Int32Array | undefined;
}

/** The first one that ends after the time. */
export function findFirst(columns: readonly HeatColumn[], timeMs: number): number {
  let low = 0;
  let high = columns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((columns[middle]?.endMs ?? 0) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Columns up to a time. */
interface HeatPiece {
  readonly columns: readonly HeatColumn[];
  readonly untilMs: number;
}

function findBeginMs({ columns }: HeatHistory): number {
  return columns[0]?.startMs ?? Infinity;
}

/** Seen closer from the beginning, within what a new connection takes. */
const SAME_BEGIN_MS = 5000;

/** What is known of a time, the best there is: first ages, then what was seen, then what was seen closer. */
function listPieces(whole: HeatHistory, closer: HeatHistory | undefined): HeatPiece[] {
  const closerMs = closer === undefined ? Infinity : findBeginMs(closer);
  const beginMs = Math.min(findBeginMs(whole), closerMs);
  const past =
    closer !== undefined && closerMs - beginMs < SAME_BEGIN_MS ? closer.past : whole.past;
  return [
    { columns: past, untilMs: beginMs },
    { columns: whole.columns, untilMs: closerMs },
    { columns: closer?.columns ?? [], untilMs: Infinity },
  ];
}

/** Finds rows of one layout for those of another, once for each. */
function createRowFinder(layout: RowLayout): (from: RowLayout) => Int32Array | undefined {
  const rowMaps = new Map<RowLayout, Int32Array>();
  return (from) => {
    if (from === layout) return undefined;
    const rows = rowMaps.get(from) ?? mapRows(layout, from);
    rowMaps.set(from, rows);
    return rows;
  };
}

export interface HeatWindowRequest {
  readonly whole: HeatHistory;
  /** What was seen of the range that is looked at closer; undefined: all is looked at. */
  readonly closer: HeatHistory | undefined;
  readonly layout: RowLayout;
  readonly time: TimeWindow;
  readonly nrTimes: number;
}

/** Means of what is known of each cell, weighed by time. */
export function computeHeatWindow(request: HeatWindowRequest): HeatWindow {
  const { layout, nrTimes, time } = request;
  const { startMs, endMs } = time;
  const { nrRows } = layout;
  const nrCells = nrTimes * nrRows;
  const sums: Sums = {
    values: new Float64Array(nrCells),
    weights: new Float64Array(nrCells),
    nrRows,
  };
  const cellMs = (endMs - startMs) / nrTimes;
  const findRows = createRowFinder(layout);
  let maxValue = 0;
  let unit: HeatColumn['unit'] = 'hz';
  for (const { columns, untilMs } of listPieces(request.whole, request.closer)) {
    const limitMs = Math.min(untilMs, endMs);
    for (let index = findFirst(columns, startMs); index < columns.length; index += 1) {
      const column = columns[index];
      if (column === undefined || column.startMs >= limitMs) break;
      maxValue = Math.max(maxValue, column.top);
      ({ unit } = column);
      const scale = column.top / (HIGHEST_LEVEL - LOWEST_LEVEL);
      const placed = { levels: column.levels, scale, rows: findRows(column.layout) };
      const from = Math.max((column.startMs - startMs) / cellMs, 0);
      const to = Math.min((Math.min(column.endMs, limitMs) - startMs) / cellMs, nrTimes);
      for (let at = Math.floor(from); at < to; at += 1) {
        const weight = Math.min(to, at + 1) - Math.max(from, at);
        if (weight > 0) addCells(sums, at, placed, weight);
      }
    }
  }
  const { values, weights } = sums;
  for (let at = 0; at < nrCells; at += 1) values[at] = (values[at] ?? 0) / (weights[at] ?? 0);
  return { nrTimes, nrAddresses: nrRows, values, unit, maxValue };
}
