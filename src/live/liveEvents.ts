import type { ObservationJson } from './observationJson.ts';

/**
 * What the stream behind the live page says. Times are milliseconds since 1970 on the clock of the
 * observed kernel's machine; unknown is null.
 */

/** Event `summary`: the same for every watcher, about once a second. */
export interface SummaryEvent extends ObservationJson {
  readonly version: string;
  readonly wallMs: number;
  readonly schemes: readonly SchemeJson[];
  readonly record: RecordJson | null;
  /** What the exporter itself uses. */
  readonly process: { readonly cpuSeconds: number; readonly residentBytes: number | undefined };
}

export interface SchemeJson {
  readonly kdamond: string;
  /** Empty for what kernel modules do. */
  readonly context: string;
  readonly scheme: string;
  readonly action: string;
  /** By name of the metric: the numbers of the same moment's exposition. */
  readonly values: Readonly<Record<string, number>>;
}

export interface RecordJson {
  readonly isRecording: boolean;
  readonly sizeBytes: number;
  readonly droppedSnapshots: number;
  readonly errors: number;
}

/** What is new of a heatmap since the event before. */
interface HeatEvent {
  /** As asked for. */
  readonly target: string;
  /** Those that the columns below refer to. */
  readonly layouts: readonly LayoutJson[];
  /** What is new, ascending. */
  readonly columns: readonly ColumnJson[];
  /** First event only: how it was before, as far as the ages of regions tell. Ascending. */
  readonly past?: readonly ColumnJson[];
  /** Columns this watcher never gets because it is too slow for them. */
  readonly nrMissed: number;
}

/** Event `view`: all of the target that a watcher asked for. */
export interface ViewEvent extends HeatEvent {
  /** Null while there is no such target. */
  readonly detail: TargetDetail | null;
  /** First event only: working set sizes of the last minutes. Ascending. */
  readonly wssHistory?: readonly (readonly [timeMs: number, bytes: number])[];
}

/** Event `zoom`: beside it the range of its addresses that the watcher looks at closer. */
export interface ZoomEvent extends HeatEvent {
  /** As asked for: START-END in hexadecimal. */
  readonly range: string;
}

export interface TargetDetail {
  readonly regions: number;
  readonly monitoredBytes: number;
  readonly wssBytes: number;
  readonly percentiles: readonly (readonly [percentile: number, bytes: number])[];
  readonly nrWindowSnapshots: number;
  /** Over which those percentiles are. */
  readonly windowSeconds: number;
  /** Bytes that are idle at least so long. */
  readonly cold: readonly (readonly [idle: string, bytes: number])[];
  /** Bytes by idle time; null where the aggregation interval is not known. */
  readonly idle: readonly IdleShare[] | null;
  readonly minRegions: number | null;
  readonly maxRegions: number | null;
}

export interface IdleShare {
  /** Null: accessed in the last aggregation. */
  readonly fromSeconds: number | null;
  readonly bytes: number;
}

/** How rows of a column lie on addresses: ranges from low to high, each cut in rows of one size. */
export interface LayoutJson {
  readonly id: number;
  readonly ranges: readonly (readonly [startHex: string, endHex: string, nrRows: number])[];
}

/**
 * One moment of a heatmap. `top` is what the highest level stands for, in accesses per second or,
 * where intervals are not known, per aggregation. Levels are those of `report/chart/colorMap.ts`, one
 * byte per row from the lowest address, as base64.
 */
export type ColumnJson = readonly [
  layoutId: number,
  startMs: number,
  endMs: number,
  top: number,
  unit: 'hz' | 'samples',
  wssBytes: number,
  levels: string,
];
