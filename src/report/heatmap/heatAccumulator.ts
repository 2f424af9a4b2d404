import type { RecordedSnapshot } from '../../record/recording.ts';
import { computeAggrIntervalUs } from '../snapshotIntervals.ts';
import type { HeatGrid } from './heatGrid.ts';
import { createHeatRows } from './heatRows.ts';
import type { HeatSums } from './heatRows.ts';
import type { HeatUnit } from './heatMatrix.ts';

/** Sums up one stream's snapshots in the cells of a grid. */
export interface HeatAccumulator {
  /** Snapshots in ascending time; what lies outside the grid is left out. */
  add(snapshot: RecordedSnapshot): void;
  /** Mean accesses by cell (see HeatMatrix.values). */
  finish(): { readonly values: Float64Array; readonly unit: HeatUnit };
}

function computeMeans({ reference, excess, area }: HeatSums, intervalS: number): Float64Array {
  const means = new Float64Array(area.length).fill(NaN);
  for (let at = 0; at < means.length; at++) {
    const observed = area[at] ?? 0;
    if (observed === 0) continue;
    means[at] = Math.max(0, (reference[at] ?? 0) + (excess[at] ?? 0) / observed) / intervalS;
  }
  return means;
}

export interface HeatOptions {
  /**
   * Also count the time before a snapshot that no other covers, as far back as a region's age says
   * that it has been so.
   */
  readonly isFilledByAge?: boolean;
  /** Accesses per aggregation even where the intervals are known. */
  readonly unit?: HeatUnit | undefined;
}

/** Memory and time: see createHeatRows. */
export function createHeatAccumulator(grid: HeatGrid, options: HeatOptions = {}): HeatAccumulator {
  const { timeRange } = grid;
  const rows = createHeatRows(grid);
  let previousEndNs = -Infinity;
  /** Mostly a snapshot starts where the one before it ended: one subtraction of bigints is saved. */
  let latestNs: bigint | undefined;
  let latestInGridNs = NaN;
  /** Accesses are summed as counts of this interval, and become a rate in the end. */
  let baseAggrUs: number | undefined;

  const fillByAge = (
    { regions }: RecordedSnapshot,
    startNs: number,
    aggr: { readonly intervalNs: number; readonly scale: number },
  ): void => {
    if (!regions.hasAges || startNs <= previousEndNs || startNs <= 0) return;
    for (let index = 0; index < regions.count; index++) {
      const ageNs = (regions.ageIntervals[index] ?? 0) * aggr.intervalNs;
      if (ageNs === 0) continue;
      const fromNs = Math.max(previousEndNs, startNs - ageNs);
      rows.add({ regions, from: index, to: index + 1 }, { fromNs, toNs: startNs }, aggr.scale);
    }
  };

  return {
    add: (snapshot) => {
      const startNs =
        snapshot.startNs === latestNs
          ? latestInGridNs
          : Number(snapshot.startNs - timeRange.startNs);
      const endNs = Number(snapshot.endNs - timeRange.startNs);
      latestNs = snapshot.endNs;
      latestInGridNs = endNs;
      const aggrUs = computeAggrIntervalUs(snapshot);
      if (options.unit !== 'samples') baseAggrUs ??= aggrUs;
      const scale = aggrUs === undefined || baseAggrUs === undefined ? 1 : baseAggrUs / aggrUs;
      if (options.isFilledByAge && aggrUs !== undefined) {
        fillByAge(snapshot, startNs, { intervalNs: aggrUs * 1000, scale });
      }
      const { regions } = snapshot;
      rows.add({ regions, from: 0, to: regions.count }, { fromNs: startNs, toNs: endNs }, scale);
      previousEndNs = Math.max(previousEndNs, endNs);
    },
    finish: () => ({
      values: computeMeans(rows.finish(), baseAggrUs === undefined ? 1 : baseAggrUs / 1e6),
      unit: baseAggrUs === undefined ? 'samples' : 'hz',
    }),
  };
}
