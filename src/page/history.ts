import type { ColumnJson, LayoutJson, ViewEvent, ZoomEvent } from '../live/liveEvents.ts';
import { parseLayout } from './layout.ts';
import type { RowLayout } from './layout.ts';

/** One moment of a heatmap; see ColumnJson. */
export interface HeatColumn {
  readonly layout: RowLayout;
  readonly startMs: number;
  readonly endMs: number;
  readonly top: number;
  readonly unit: ColumnJson[4];
  readonly wssBytes: number;
  readonly levels: Uint8Array;
}

/** What is remembered of one heatmap, ascending in time. */
export interface HeatHistory {
  readonly columns: HeatColumn[];
  /** Before the first of them, as the ages of regions told it. */
  past: readonly HeatColumn[];
  /** Rows as they lie now. */
  layout: RowLayout | undefined;
}

/** What is remembered of one target. */
export interface TargetHistory extends HeatHistory {
  /** Before the first column. */
  wssHistory: NonNullable<ViewEvent['wssHistory']>;
}

export function createHistory(): TargetHistory {
  return { columns: [], past: [], wssHistory: [], layout: undefined };
}

function decodeLevels(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** The same object for the same rows: what is computed for one is computed once. */
function findLayouts(
  layouts: readonly LayoutJson[],
  current: RowLayout | undefined,
): ReadonlyMap<number, RowLayout> {
  const encode = (layout: RowLayout): string =>
    layout.ranges
      .map(({ startAddr, endAddr, nrRows }) => `${startAddr}-${endAddr}/${nrRows}`)
      .join();
  return new Map(
    layouts.map((json) => {
      const parsed = parseLayout(json);
      const isSame = current !== undefined && encode(current) === encode(parsed);
      return [json.id, isSame ? current : parsed];
    }),
  );
}

/** The clock was set back: what is later than now was not. */
const STEP_BACK_MS = 1000;

function addColumn(columns: HeatColumn[], column: HeatColumn): void {
  while ((columns.at(-1)?.endMs ?? -Infinity) > column.endMs + STEP_BACK_MS) columns.pop();
  // After a new connection some are told again.
  if ((columns.at(-1)?.endMs ?? -Infinity) < column.endMs) columns.push(column);
}

/** Takes in what the stream told of a heatmap. */
export function addToHeat(history: HeatHistory, event: ViewEvent | ZoomEvent): void {
  const layouts = findLayouts(event.layouts, history.layout);
  const toColumn = (json: ColumnJson): HeatColumn[] => {
    const [layoutId, startMs, endMs, top, unit, wssBytes, levels] = json;
    const layout = layouts.get(layoutId);
    if (layout === undefined) return [];
    return [{ layout, startMs, endMs, top, unit, wssBytes, levels: decodeLevels(levels) }];
  };
  // A gap in what was seen stays a gap: ages tell only of the time before.
  if (history.columns.length === 0 && event.past !== undefined) {
    history.past = event.past.flatMap(toColumn);
  }
  const columns = event.columns.flatMap(toColumn);
  for (const column of columns) addColumn(history.columns, column);
  history.layout = (columns.at(-1) ?? history.past.at(-1))?.layout ?? history.layout;
}

/** Takes in what the stream told of a target. */
export function addToHistory(history: TargetHistory, event: ViewEvent): void {
  if (history.columns.length === 0) history.wssHistory = event.wssHistory ?? history.wssHistory;
  addToHeat(history, event);
}

/** Forgets what ended before. */
export function forgetBefore(history: HeatHistory, timeMs: number): void {
  const nrOld = history.columns.findIndex(({ endMs }) => endMs >= timeMs);
  history.columns.splice(0, nrOld < 0 ? history.columns.length : nrOld);
}
