import { BLANK_LEVEL, HIGHEST_LEVEL, LOWEST_LEVEL } from '../report/chart/colorMap.ts';
import type { HeatColumn, TargetHistory } from './history.ts';
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

/** Means of what is known of each cell, weighed by time. */
export function computeHeatWindow(
  { columns, past }: TargetHistory,
  layout: RowLayout,
  { startMs, endMs }: TimeWindow,
  nrTimes: number,
): HeatWindow {
  const nrRows = layout.nrRows;
  const sums: Sums = {
    values: new Float64Array(nrTimes * nrRows),
    weights: new Float64Array(nrTimes * nrRows),
    nrRows,
  };
  const cellMs = (endMs - startMs) / nrTimes;
  const rowMaps = new Map<RowLayout, Int32Array>();
  const findRows = (from: RowLayout): Int32Array | undefined => {
    if (from === layout) return undefined;
    const rows = rowMaps.get(from) ?? mapRows(layout, from);
    rowMaps.set(from, rows);
    return rows;
  };
  let maxValue = 0;
  let unit: HeatColumn['unit'] = 'hz';

  const add = (list: readonly HeatColumn[], untilMs: number): void => {
    for (let index = findFirst(list, startMs); index < list.length; index += 1) {
      const column = list[index];
      if (column === undefined || column.startMs >= untilMs) break;
      const from = Math.max((column.startMs - startMs) / cellMs, 0);
      const to = Math.min((Math.min(column.endMs, untilMs) - startMs) / cellMs, nrTimes);
      maxValue = Math.max(maxValue, column.top);
      ({ unit } = column);
      const scale = column.top / (HIGHEST_LEVEL - LOWEST_LEVEL);
      const placed = { levels: column.levels, scale, rows: findRows(column.layout) };
      for (let time = Math.floor(from); time < to; time += 1) {
        const weight = Math.min(to, time + 1) - Math.max(from, time);
        if (weight > 0) addCells(sums, time, placed, weight);
      }
    }
  };
  add(past, Math.min(columns[0]?.startMs ?? Infinity, endMs));
  add(columns, endMs);
  const { values, weights } = sums;
  for (let at = 0; at < values.length; at += 1) values[at] = (values[at] ?? 0) / (weights[at] ?? 0);
  return { nrTimes, nrAddresses: nrRows, values, unit, maxValue };
}
