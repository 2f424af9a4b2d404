import type { RecordedRegions } from '../../record/recording.ts';
import { selectLentSnapshots } from '../selectSnapshots.ts';
import type { ReadableSnapshots } from '../selectSnapshots.ts';
import { createStreamFinder } from '../streams.ts';
import type { StreamFilter } from '../streams.ts';
import { createGuideBuilder } from './guide.ts';
import type { StreamGuide } from './guide.ts';
import type { AddressRange, HeatMatrix } from './heatMatrix.ts';

/** Where the accesses are that a heatmap does not show. */
export interface HotterRange {
  readonly range: AddressRange;
  /** Of all accesses to the target, 0 to 1. */
  readonly share: number;
  /** The same of what the heatmap shows. */
  readonly shownShare: number;
}

/** A heatmap as hot as this somewhere is worth looking at. */
const DULL_SHARE = 0.5;

function isDull({ values, maxValue }: HeatMatrix): boolean {
  if (maxValue === undefined) return true;
  // NaN, where nothing was observed, is not hot.
  return !values.some((value) => value >= maxValue * DULL_SHARE);
}

/** Adds accesses times bytes of each region to the range that holds it. Both ascend. */
function addAccesses(
  sums: Float64Array,
  ranges: StreamGuide['regions'],
  { count, startAddr, endAddr, nrAccesses }: RecordedRegions,
): void {
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const accesses = nrAccesses[index] ?? 0;
    if (accesses === 0) continue;
    const [start, end] = [startAddr[index] ?? 0n, endAddr[index] ?? 0n];
    while (at < ranges.length - 1 && (ranges[at]?.endAddr ?? 0n) <= start) at += 1;
    sums[at] = (sums[at] ?? 0) + accesses * Number(end - start);
  }
}

async function readGuides(
  reader: ReadableSnapshots,
  streams: StreamFilter,
): Promise<readonly StreamGuide[]> {
  const guide = createGuideBuilder();
  for await (const batch of selectLentSnapshots(reader, { streams }, { withAges: false })) {
    for (const snapshot of batch) guide.add(snapshot);
  }
  return guide.finish();
}

/**
 * Of a target whose heatmap shows the biggest range of addresses: the one with the most accesses.
 * Undefined when that is the same, or when there is something to see all the same. The biggest range
 * of a small program is the gap between it and its heap.
 */
export async function findHotterRange(
  reader: ReadableSnapshots,
  streams: StreamFilter,
  matrix: HeatMatrix,
): Promise<HotterRange | undefined> {
  if (!isDull(matrix)) return undefined;
  const guides = await readGuides(reader, streams);
  const [guide] = guides;
  if (guide === undefined || guide.regions.length < 2) return undefined;
  const ranges = guide.regions;
  const sums = new Float64Array(ranges.length);
  const finder = createStreamFinder(guide, guides);
  for await (const batch of selectLentSnapshots(reader, { streams }, { withAges: false })) {
    for (const { stream, regions } of batch) {
      if (finder.isTarget(stream)) addAccesses(sums, ranges, regions);
    }
  }
  const total = sums.reduce((sum, one) => sum + one, 0);
  const { startAddr } = matrix.addressRange;
  const shown = ranges.findIndex((range) => startAddr < range.endAddr);
  const hottest = sums.indexOf(Math.max(...sums));
  const range = ranges[hottest];
  if (range === undefined || hottest === shown || total === 0) return undefined;
  return { range, share: (sums[hottest] ?? 0) / total, shownShare: (sums[shown] ?? 0) / total };
}
