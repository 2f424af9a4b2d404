import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../base/uint64Halves.ts';
import type { RegionColumns } from '../damon/snapshot.ts';
import type { AddressCells } from '../metrics/addressCells.ts';

/**
 * Tells each overlap of a region with a cell, ascending in both. Regions ascend; where they do not,
 * the search begins again.
 */
export function projectRegions(
  { starts, ends }: Pick<AddressCells, 'starts' | 'ends'>,
  regions: RegionColumns,
  noteOverlap: (cell: number, region: number, bytes: number) => void,
): void {
  const regionStarts = viewUint64Halves(regions.startAddr);
  const regionEnds = viewUint64Halves(regions.endAddr);
  let first = 0;
  let lastStart = 0;
  for (let region = 0; region < regions.count; region++) {
    const high = region * 2 + HIGH_HALF;
    const low = region * 2 + LOW_HALF;
    const start = (regionStarts[high] ?? 0) * 2 ** 32 + (regionStarts[low] ?? 0);
    const end = (regionEnds[high] ?? 0) * 2 ** 32 + (regionEnds[low] ?? 0);
    if (start < lastStart) first = 0;
    lastStart = start;
    while ((ends[first] ?? Infinity) <= start) first += 1;
    for (let cell = first; (starts[cell] ?? Infinity) < end; cell += 1) {
      const bytes = Math.min(end, ends[cell] ?? 0) - Math.max(start, starts[cell] ?? 0);
      if (bytes > 0) noteOverlap(cell, region, bytes);
    }
  }
}
