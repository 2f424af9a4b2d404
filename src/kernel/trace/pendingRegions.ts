import { createRegionColumns } from '../../damon/snapshot.ts';
import type { RegionColumns } from '../../damon/snapshot.ts';
import { MAX_PROBES } from './cpuEvents.ts';
import type { CpuEvents } from './cpuEvents.ts';

type OpenColumns = ReturnType<typeof createRegionColumns>;

/** Regions of a snapshot that arrives in pieces. */
export interface PendingRegions extends OpenColumns {
  /** Of each piece; undefined where not all of its regions have as many. */
  probePieces: (readonly Uint8Array[] | undefined)[];
}

export function createPendingRegions(): PendingRegions {
  return { ...createRegionColumns(0), probePieces: [] };
}

/** One column per probe; undefined without probes and where not all entries have as many. */
function copyProbeHits(
  { probes }: CpuEvents,
  from: number,
  to: number,
): readonly Uint8Array[] | undefined {
  const nrProbes = probes?.counts[from] ?? 0;
  if (probes === undefined || nrProbes === 0) return undefined;
  const { counts, hits } = probes;
  for (let index = from; index < to; index += 1) if (counts[index] !== nrProbes) return undefined;
  return Array.from({ length: nrProbes }, (_, probe) => {
    const column = new Uint8Array(to - from);
    for (let row = 0; row < column.length; row += 1) {
      column[row] = hits[MAX_PROBES * (from + row) + probe] ?? 0;
    }
    return column;
  });
}

/** Puts the pieces one behind the other; undefined where one has none, or another number of probes. */
function joinProbeHits(
  pieces: readonly (readonly Uint8Array[] | undefined)[],
): readonly Uint8Array[] | undefined {
  const [first] = pieces;
  if (first === undefined) return undefined;
  if (pieces.some((piece) => piece?.length !== first.length)) return undefined;
  return first.map((_, probe) => {
    const bytes = pieces.flatMap((piece) => [...(piece?.[probe] ?? [])]);
    return Uint8Array.from(bytes);
  });
}

/** Copies entries `[from, to)` into columns of exactly that size. */
export function copyEventRegions(events: CpuEvents, from: number, to: number): RegionColumns {
  const columns = createRegionColumns(to - from);
  copyColumns(columns, events, from, to);
  const probeHits = copyProbeHits(events, from, to);
  return probeHits === undefined ? columns : { ...columns, probeHits };
}

/** Copies what is pending into columns of exactly that size. */
export function copyPendingRegions({
  count,
  probePieces,
  ...pending
}: PendingRegions): RegionColumns {
  const columns = createRegionColumns(count);
  columns.count = count;
  columns.startAddr.set(pending.startAddr.subarray(0, count));
  columns.endAddr.set(pending.endAddr.subarray(0, count));
  columns.nrAccesses.set(pending.nrAccesses.subarray(0, count));
  columns.ageIntervals.set(pending.ageIntervals.subarray(0, count));
  const probeHits = joinProbeHits(probePieces);
  return probeHits === undefined ? columns : { ...columns, probeHits };
}

/** Appends entries `[from, to)`; grows by what has arrived, not by what was announced. */
export function appendRegions(
  pending: PendingRegions,
  events: CpuEvents,
  from: number,
  to: number,
): void {
  const { count } = pending;
  const needed = count + to - from;
  if (needed > pending.startAddr.length) {
    const grown = createRegionColumns(Math.max(needed, 2 * pending.startAddr.length));
    grown.startAddr.set(pending.startAddr);
    grown.endAddr.set(pending.endAddr);
    grown.nrAccesses.set(pending.nrAccesses);
    grown.ageIntervals.set(pending.ageIntervals);
    Object.assign(pending, grown, { count });
  }
  copyColumns(pending, events, from, to);
  if (count === 0) pending.probePieces = [];
  pending.probePieces.push(copyProbeHits(events, from, to));
}

function copyColumns(columns: OpenColumns, events: CpuEvents, from: number, to: number): void {
  const { count } = columns;
  columns.startAddr.set(events.startAddr.subarray(from, to), count);
  columns.endAddr.set(events.endAddr.subarray(from, to), count);
  columns.nrAccesses.set(events.nrAccesses.subarray(from, to), count);
  columns.ageIntervals.set(events.ageIntervals.subarray(from, to), count);
  columns.count = count + to - from;
}
