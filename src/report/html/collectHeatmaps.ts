import type { RecordReader } from '../../record/recording.ts';
import type { HeatmapChart } from '../chart/heatmapAxes.ts';
import { createMatrixBuilder } from '../heatmap/computeHeat.ts';
import type { StreamGuide } from '../heatmap/guide.ts';
import { fitGrid } from '../heatmap/heatGrid.ts';
import type { AddressRange } from '../heatmap/heatMatrix.ts';
import { selectSnapshots } from '../selectSnapshots.ts';
import type { SnapshotSelection } from '../selectSnapshots.ts';
import { createStreamFinder, describeStream } from '../streams.ts';

/** Half as many cells as the plot has pixels; powers of two divide pages evenly. */
const RESOLUTION = { nrTimes: 480, nrAddresses: 256 };
/** What a process has: program and heap, mappings, stack. */
const RANGES_PER_TARGET = 3;
const MAX_HEATMAPS = 12;

export interface HeatmapPlan {
  readonly guide: StreamGuide;
  readonly addressRange: AddressRange;
}

/** Which ranges are drawn: each target's largest, then the next ones, while there is room. */
export function planHeatmaps(guides: readonly StreamGuide[]): {
  readonly plans: readonly HeatmapPlan[];
  /** Ranges that were monitored and are not drawn. */
  readonly nrLeftOut: number;
} {
  const sizeOf = ({ startAddr, endAddr }: AddressRange): bigint => endAddr - startAddr;
  const byTarget = guides.map((guide) =>
    guide.regions
      .toSorted((a, b) => Number(sizeOf(b) - sizeOf(a)))
      .slice(0, RANGES_PER_TARGET)
      .map((addressRange): HeatmapPlan => ({ guide, addressRange })),
  );
  const byRank = Array.from({ length: RANGES_PER_TARGET }, (_, rank) =>
    byTarget.flatMap((plans) => plans.slice(rank, rank + 1)),
  );
  const chosen = new Set(byRank.flat().slice(0, MAX_HEATMAPS));
  const nrRanges = guides.reduce((sum, { regions }) => sum + regions.length, 0);
  return {
    // Of one target from the lowest address up, as maps are read.
    plans: byTarget.flatMap((plans) =>
      plans
        .filter((plan) => chosen.has(plan))
        .toSorted((a, b) => Number(a.addressRange.startAddr - b.addressRange.startAddr)),
    ),
    nrLeftOut: nrRanges - chosen.size,
  };
}

/** All heatmaps in one reading. */
export async function collectHeatmaps(
  reader: Pick<RecordReader, 'readSnapshots' | 'clockBase'>,
  selection: SnapshotSelection,
  { guides, plans }: { guides: readonly StreamGuide[]; plans: readonly HeatmapPlan[] },
): Promise<Omit<HeatmapChart, 'recordName'>[]> {
  const drawings = plans.map(({ guide, addressRange }) => ({
    guide,
    finder: createStreamFinder(guide, guides),
    builder: createMatrixBuilder(fitGrid(guide.timeRange, addressRange, RESOLUTION), {}),
  }));
  for await (const batch of selectSnapshots(reader, selection)) {
    for (const snapshot of batch) {
      for (const { finder, builder } of drawings) {
        if (finder.isTarget(snapshot.stream)) builder.add(snapshot);
      }
    }
  }
  return drawings.map(({ guide, builder }) => ({
    matrix: { ...builder.finish(guide.stream), clockBase: reader.clockBase },
    targetName: describeStream(guide.stream),
    recordStartNs: guides.reduce(
      (first, { timeRange }) => (timeRange.startNs < first ? timeRange.startNs : first),
      guide.timeRange.startNs,
    ),
    isAbsTime: false,
    isAbsAddr: false,
  }));
}
