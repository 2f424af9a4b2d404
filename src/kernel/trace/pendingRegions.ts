import { createRegionColumns } from '../../damon/snapshot.ts';
import type { RegionColumns } from '../../damon/snapshot.ts';
import type { CpuEvents } from './cpuEvents.ts';

/** Regions of a snapshot that arrives in pieces. */
export type PendingRegions = ReturnType<typeof createRegionColumns>;

/** Copies entries `[from, to)` into columns of exactly that size. */
export function copyEventRegions(events: CpuEvents, from: number, to: number): RegionColumns {
  const columns = createRegionColumns(to - from);
  appendRegions(columns, events, from, to);
  return columns;
}

/** Copies what is pending into columns of exactly that size. */
export function copyPendingRegions({ count, ...pending }: PendingRegions): RegionColumns {
  const columns = createRegionColumns(count);
  columns.count = count;
  columns.startAddr.set(pending.startAddr.subarray(0, count));
  columns.endAddr.set(pending.endAddr.subarray(0, count));
  columns.nrAccesses.set(pending.nrAccesses.subarray(0, count));
  columns.ageIntervals.set(pending.ageIntervals.subarray(0, count));
  return columns;
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
    Object.assign(pending, grown);
  }
  pending.startAddr.set(events.startAddr.subarray(from, to), count);
  pending.endAddr.set(events.endAddr.subarray(from, to), count);
  pending.nrAccesses.set(events.nrAccesses.subarray(from, to), count);
  pending.ageIntervals.set(events.ageIntervals.subarray(from, to), count);
  pending.count = needed;
}
