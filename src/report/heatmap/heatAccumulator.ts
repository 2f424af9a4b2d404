import type { RecordedSnapshot } from '../../record/recording.ts';
import { computeAggrIntervalUs } from '../snapshotIntervals.ts';
import { createAddressProfile } from './addressProfile.ts';
import type { AddressProfile } from './addressProfile.ts';
import type { AddressRange, HeatUnit, TimeRange } from './heatMatrix.ts';

/** The cells of a heat matrix. Both ranges are whole numbers of cells. */
export interface HeatGrid {
  readonly timeRange: TimeRange;
  readonly addressRange: AddressRange;
  readonly nrTimes: number;
  readonly nrAddresses: number;
}

/** Sums up one stream's snapshots in the cells of a grid. */
export interface HeatAccumulator {
  /** Snapshots in ascending time; what lies outside the grid is left out. */
  add(snapshot: RecordedSnapshot): void;
  /** Mean accesses by cell (see HeatMatrix.values). */
  finish(): { readonly values: Float64Array; readonly unit: HeatUnit };
}

/**
 * The grid that fits the ranges: cells are whole nanoseconds and bytes, so the ranges shrink to whole
 * cells as they do in damo, and there are no more cells than nanoseconds or bytes.
 */
export function fitGrid(
  timeRange: TimeRange,
  addressRange: AddressRange,
  resolution: { readonly nrTimes: number; readonly nrAddresses: number },
): HeatGrid {
  const fit = (span: bigint, cells: number): { nr: number; size: bigint } => {
    const nr = BigInt(cells) > span ? Number(span) : cells;
    return { nr, size: span / BigInt(nr) };
  };
  const times = fit(timeRange.endNs - timeRange.startNs, resolution.nrTimes);
  const addresses = fit(addressRange.endAddr - addressRange.startAddr, resolution.nrAddresses);
  return {
    timeRange: {
      startNs: timeRange.startNs,
      endNs: timeRange.startNs + times.size * BigInt(times.nr),
    },
    addressRange: {
      startAddr: addressRange.startAddr,
      endAddr: addressRange.startAddr + addresses.size * BigInt(addresses.nr),
    },
    nrTimes: times.nr,
    nrAddresses: addresses.nr,
  };
}

/** Weighted sums by cell. */
interface HeatSums {
  /** The first value of the cell: sums are relative to it, so that a constant stays exact. */
  readonly reference: Float64Array;
  readonly excess: Float64Array;
  /** Observed nanoseconds times bytes. */
  readonly area: Float64Array;
}

function createSums(nrCells: number): HeatSums {
  return {
    reference: new Float64Array(nrCells),
    excess: new Float64Array(nrCells),
    area: new Float64Array(nrCells),
  };
}

/** Adds what was seen in a span of time to one row of cells. */
function addToRow(
  { reference, excess, area }: HeatSums,
  { heat, bytes, first, end }: AddressProfile,
  rowStart: number,
  { durationNs, scale }: { readonly durationNs: number; readonly scale: number },
): void {
  for (let cell = first; cell < end; cell++) {
    const observed = bytes[cell] ?? 0;
    if (observed === 0) continue;
    const at = rowStart + cell;
    const seen = (heat[cell] ?? 0) * scale;
    if (area[at] === 0) reference[at] = seen / observed;
    excess[at] = (excess[at] ?? 0) + (seen - (reference[at] ?? 0) * observed) * durationNs;
    area[at] = (area[at] ?? 0) + observed * durationNs;
  }
}

function computeMeans({ reference, excess, area }: HeatSums, intervalS: number): Float64Array {
  return area.map((observed, at) =>
    observed === 0
      ? NaN
      : Math.max(0, (reference[at] ?? 0) + (excess[at] ?? 0) / observed) / intervalS,
  );
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

/** Memory: three numbers for each cell. Time: regions, and touched cells for each row touched. */
export function createHeatAccumulator(grid: HeatGrid, options: HeatOptions = {}): HeatAccumulator {
  const { timeRange, nrTimes, nrAddresses } = grid;
  const sums = createSums(nrTimes * nrAddresses);
  const profile = createAddressProfile(grid.addressRange, nrAddresses);
  const spanNs = Number(timeRange.endNs - timeRange.startNs);
  const rowNs = spanNs / nrTimes;
  let previousEndNs = -Infinity;
  /** Accesses are summed as counts of this interval, and become a rate in the end. */
  let baseAggrUs: number | undefined;

  const addSpan = (fromNs: number, toNs: number, scale: number): void => {
    const from = Math.max(fromNs, 0);
    const to = Math.min(toNs, spanNs);
    if (to <= from) return;
    const last = Math.min(Math.ceil(to / rowNs), nrTimes) - 1;
    for (let row = Math.min(Math.floor(from / rowNs), nrTimes - 1); row <= last; row++) {
      const durationNs = Math.min(to, (row + 1) * rowNs) - Math.max(from, row * rowNs);
      if (durationNs > 0) addToRow(sums, profile, row * nrAddresses, { durationNs, scale });
    }
  };

  const fillByAge = (
    { regions }: RecordedSnapshot,
    startNs: number,
    aggr: { readonly intervalNs: number; readonly scale: number },
  ): void => {
    if (!regions.hasAges || startNs <= previousEndNs || startNs <= 0) return;
    for (let index = 0; index < regions.count; index++) {
      const ageNs = (regions.ageIntervals[index] ?? 0) * aggr.intervalNs;
      if (ageNs === 0) continue;
      profile.project(regions, index, index + 1);
      addSpan(Math.max(previousEndNs, startNs - ageNs), startNs, aggr.scale);
      profile.clear();
    }
  };

  return {
    add: (snapshot) => {
      const startNs = Number(snapshot.startNs - timeRange.startNs);
      const endNs = Number(snapshot.endNs - timeRange.startNs);
      const aggrUs = computeAggrIntervalUs(snapshot);
      if (options.unit !== 'samples') baseAggrUs ??= aggrUs;
      const scale = aggrUs === undefined || baseAggrUs === undefined ? 1 : baseAggrUs / aggrUs;
      if (options.isFilledByAge && aggrUs !== undefined) {
        fillByAge(snapshot, startNs, { intervalNs: aggrUs * 1000, scale });
      }
      if (endNs > 0 && startNs < spanNs) {
        profile.project(snapshot.regions, 0, snapshot.regions.count);
        addSpan(startNs, endNs, scale);
        profile.clear();
      }
      previousEndNs = Math.max(previousEndNs, endNs);
    },
    finish: () => ({
      values: computeMeans(sums, baseAggrUs === undefined ? 1 : baseAggrUs / 1e6),
      unit: baseAggrUs === undefined ? 'samples' : 'hz',
    }),
  };
}
