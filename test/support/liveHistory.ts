import type { ColumnJson, LayoutJson, ViewEvent } from '../../src/live/liveEvents.ts';
import { addToHistory, createHistory } from '../../src/page/history.ts';
import type { TargetHistory } from '../../src/page/history.ts';

/** Four rows of 4 KiB each from address 0. */
export const FOUR_ROWS: LayoutJson = { id: 1, ranges: [['0', '4000', 4]] };

/** A column of accesses up to 200 Hz. */
export function makeColumn(
  startMs: number,
  endMs: number,
  levels: readonly number[] = [1, 1, 255, 0],
  {
    layoutId = 1,
    wssBytes = 4096,
  }: { readonly layoutId?: number; readonly wssBytes?: number } = {},
): ColumnJson {
  const text = Buffer.from(levels).toString('base64');
  return [layoutId, startMs, endMs, 200, 'hz', wssBytes, text];
}

export function makeView(changes: Partial<ViewEvent>): ViewEvent {
  return {
    target: '0/0/0',
    detail: null,
    layouts: [FOUR_ROWS],
    columns: [],
    nrMissed: 0,
    ...changes,
  };
}

/** What is remembered after these events. */
export function makeHistory(...events: readonly Partial<ViewEvent>[]): TargetHistory {
  const history = createHistory();
  for (const event of events) addToHistory(history, makeView(event));
  return history;
}
