import { computeWssBytes } from '../damon/derive.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import type { Range } from '../metrics/addressCells.ts';
import { createColumnRing } from './columnRing.ts';
import {
  computeHeatScale,
  createLayoutKeeper,
  encodeLayout,
  encodeLevels,
  RowSums,
} from './heatColumns.ts';
import type { HeatScale, Layout } from './heatColumns.ts';
import type { ColumnJson, LayoutJson } from './liveEvents.ts';
import { computePastColumns } from './pastColumns.ts';

export interface LiveViewOptions {
  readonly nrRows: number;
  /** Undefined: all that is monitored. */
  readonly range: Range | undefined;
  readonly wssThresholdSamples: number;
  /** Milliseconds since 1970 of a time on the monotonic clock. */
  readonly toWallMs: (timeNs: bigint) => number;
}

/** Columns with the layouts they refer to. */
export interface Batch {
  readonly layouts: readonly LayoutJson[];
  readonly columns: readonly ColumnJson[];
}

/** One target as a heatmap, while somebody watches it. */
export interface LiveView {
  /** Takes each snapshot of the target. */
  add(snapshot: Snapshot): void;
  /** Number of the column that comes next. */
  readonly next: number;
  /** Columns from this number on that are still known. */
  since(number: number): Batch;
  /** What was before the snapshot, as its regions' ages tell. */
  describePast(snapshot: Snapshot): Batch;
}

/** Shorter aggregations share a column: nobody sees more than some ten moments of a second. */
const MIN_COLUMN_NS = 90_000_000n;

/** A minute of the shortest columns: who lags behind further than that misses some. */
const MAX_COLUMNS = 600;

interface MadeColumn {
  readonly layout: Layout;
  readonly column: ColumnJson;
}

const NR_SPACINGS = 9;
/** Of the usual distance of snapshots: more is a time nobody observed. */
const MAX_SPACINGS = 3n;

/**
 * Tells when what a snapshot says began to be so. A source that takes one aggregation of many is
 * taken at its word for the time in between; a time in which it took none stays a gap.
 */
function createStartFinder(): (snapshot: Pick<Snapshot, 'startNs' | 'endNs'>) => bigint {
  const spacings: bigint[] = [];
  let lastEndNs: bigint | undefined;
  return ({ startNs, endNs }) => {
    const spacing = lastEndNs === undefined ? undefined : endNs - lastEndNs;
    const continuedNs = lastEndNs;
    lastEndNs = endNs;
    if (spacing === undefined || continuedNs === undefined || spacing <= 0n) return startNs;
    const sorted = spacings.toSorted((left, right) => (left < right ? -1 : 1));
    const usual = sorted[sorted.length >> 1];
    spacings.push(spacing);
    if (spacings.length > NR_SPACINGS) spacings.shift();
    return usual !== undefined && spacing <= usual * MAX_SPACINGS ? continuedNs : startNs;
  };
}

/** The column that is being made. */
interface OpenColumn {
  readonly layout: Layout;
  readonly scale: HeatScale;
  readonly sums: RowSums;
  readonly startNs: bigint;
  endNs: bigint;
  wssBytes: number;
}

function isContinuing(open: OpenColumn, next: Omit<OpenColumn, 'sums'>): boolean {
  return (
    open.layout === next.layout &&
    open.scale.unit === next.scale.unit &&
    open.scale.maxNrAccesses === next.scale.maxNrAccesses &&
    open.scale.top === next.scale.top &&
    open.endNs === next.startNs
  );
}

function toBatch(made: readonly MadeColumn[]): Batch {
  const layouts = new Set(made.map(({ layout }) => layout));
  return {
    layouts: Array.from(layouts, encodeLayout),
    columns: made.map(({ column }) => column),
  };
}

export function createLiveView(options: LiveViewOptions): LiveView {
  const { nrRows, range, wssThresholdSamples, toWallMs } = options;
  const layouts = createLayoutKeeper(nrRows, range);
  const ring = createColumnRing<MadeColumn>(MAX_COLUMNS);
  const findStart = createStartFinder();
  let open: OpenColumn | undefined;

  const close = ({ layout, scale, sums, startNs, endNs, wssBytes }: OpenColumn): void => {
    const levels = encodeLevels(sums.takeMeans(), scale.maxNrAccesses);
    const times = [toWallMs(startNs), toWallMs(endNs)] as const;
    ring.add({
      layout,
      column: [layout.id, ...times, scale.top, scale.unit, wssBytes, levels],
    });
    open = undefined;
  };

  return {
    get next() {
      return ring.next;
    },
    add: (snapshot) => {
      const layout = layouts.findLayout(snapshot);
      if (layout === undefined) return;
      const { endNs, regions } = snapshot;
      const startNs = findStart(snapshot);
      const scale = computeHeatScale(snapshot);
      const wssBytes = Number(computeWssBytes(regions, wssThresholdSamples));
      const next = { layout, scale, startNs, endNs, wssBytes };
      if (open !== undefined && !isContinuing(open, next)) close(open);
      open ??= { ...next, sums: new RowSums(layout.cells.starts.length) };
      open.sums.add(layout.cells, regions);
      open.endNs = endNs;
      // No peak is lost in columns that several share.
      open.wssBytes = Math.max(open.wssBytes, wssBytes);
      if (endNs - open.startNs >= MIN_COLUMN_NS) close(open);
    },
    since: (number) => toBatch(ring.since(number)),
    describePast: (snapshot) => {
      const layout = layouts.findLayout(snapshot);
      const { aggrIntervalUs, regions, endNs } = snapshot;
      if (layout === undefined || aggrIntervalUs === undefined) return toBatch([]);
      const { maxNrAccesses, top, unit } = computeHeatScale(snapshot);
      const endMs = toWallMs(endNs);
      const past = computePastColumns(layout.cells, regions, aggrIntervalUs).reverse();
      return toBatch(
        past.map(({ fromSeconds, toSeconds, nrAccesses }) => {
          const times = [endMs - fromSeconds * 1e3, endMs - toSeconds * 1e3] as const;
          const levels = encodeLevels(nrAccesses, maxNrAccesses);
          return { layout, column: [layout.id, ...times, top, unit, 0, levels] };
        }),
      );
    },
  };
}
