import { computeMaxNrAccesses } from '../damon/derive.ts';
import type { RegionColumns, Snapshot } from '../damon/snapshot.ts';
import { isFitting, layCells, listRanges } from '../metrics/addressCells.ts';
import type { AddressCells, Range } from '../metrics/addressCells.ts';
import { BLANK_LEVEL, HIGHEST_LEVEL, LOWEST_LEVEL } from '../report/chart/colorMap.ts';
import type { ColumnJson, LayoutJson } from './liveEvents.ts';
import { projectRegions } from './projectRegions.ts';

export interface Layout {
  readonly id: number;
  readonly cells: AddressCells;
}

/** What accesses are told in, and the most there can be. */
export interface HeatScale {
  readonly unit: ColumnJson[4];
  /** Accesses per aggregation that the highest level stands for. */
  readonly maxNrAccesses: number;
  /** The same in the unit. */
  readonly top: number;
}

/** Where intervals are not known, the hottest region sets the scale. */
export function computeHeatScale({
  sampleIntervalUs,
  aggrIntervalUs,
  regions,
}: Snapshot): HeatScale {
  if (aggrIntervalUs === undefined || sampleIntervalUs === undefined || aggrIntervalUs <= 0) {
    let highest = 1;
    for (let at = 0; at < regions.count; at++) {
      highest = Math.max(highest, regions.nrAccesses[at] ?? 0);
    }
    return { unit: 'samples', maxNrAccesses: highest, top: highest };
  }
  const maxNrAccesses = computeMaxNrAccesses(aggrIntervalUs, sampleIntervalUs);
  return { unit: 'hz', maxNrAccesses, top: (maxNrAccesses * 1e6) / aggrIntervalUs };
}

/** Levels as text. The least access shows: it is not the level of none. */
export function encodeLevels(means: Float64Array, maxNrAccesses: number): string {
  const scale = (HIGHEST_LEVEL - LOWEST_LEVEL) / maxNrAccesses;
  const levels = Buffer.alloc(means.length);
  for (const [row, mean] of means.entries()) {
    const level = LOWEST_LEVEL + Math.ceil(Math.min(mean, maxNrAccesses) * scale - 1e-9);
    levels[row] = Number.isNaN(mean) ? BLANK_LEVEL : level;
  }
  return levels.toString('base64');
}

/** Rows of the same size that follow each other are one range. */
export function encodeLayout({ id, cells: { starts, ends } }: Layout): LayoutJson {
  const toHex = (addr: number): string => BigInt(addr).toString(16);
  const ranges: [string, string, number][] = [];
  let nrRows = 0;
  for (let row = 0; row < starts.length; row += 1) {
    nrRows += 1;
    if (ends[row] === starts[row + 1]) continue;
    const start = starts[row + 1 - nrRows] ?? 0;
    ranges.push([toHex(start), toHex(ends[row] ?? 0), nrRows]);
    nrRows = 0;
  }
  return { id, ranges };
}

function clipRanges(ranges: readonly Range[], clip: Range | undefined): readonly Range[] {
  if (clip === undefined) return ranges;
  return ranges.flatMap(({ start, end }) => {
    const clipped = { start: Math.max(start, clip.start), end: Math.min(end, clip.end) };
    return clipped.end > clipped.start ? [clipped] : [];
  });
}

const MIN_LAYOUT_LIFE_NS = 5_000_000_000n;
/** What lies beside the rows is not shown. */
const MAX_BESIDE_SHARE = 1 / 200;

/** Lays rows over what is monitored, anew when they do not fit any more. */
export interface LayoutKeeper {
  /** Undefined while nothing of the range is monitored. */
  findLayout(snapshot: Snapshot): Layout | undefined;
}

export function createLayoutKeeper(nrRows: number, clip: Range | undefined): LayoutKeeper {
  let layout: Layout | undefined;
  let checkedAtNs = 0n;
  let nrLaid = 0;
  return {
    findLayout: ({ endNs, regions }) => {
      if (layout !== undefined && endNs - checkedAtNs < MIN_LAYOUT_LIFE_NS) return layout;
      checkedAtNs = endNs;
      const ranges = clipRanges(listRanges(regions), clip);
      if (layout !== undefined && isFitting(layout.cells, ranges, MAX_BESIDE_SHARE)) return layout;
      const cells = layCells(ranges, nrRows);
      if (cells === undefined) return layout;
      nrLaid += 1;
      layout = { id: nrLaid, cells };
      return layout;
    },
  };
}

/** Sums up what snapshots say of each row. */
export class RowSums {
  readonly #heat: Float64Array;
  readonly #bytes: Float64Array;

  constructor(nrRows: number) {
    this.#heat = new Float64Array(nrRows);
    this.#bytes = new Float64Array(nrRows);
  }

  add(cells: AddressCells, regions: RegionColumns): void {
    const heat = this.#heat;
    const bytes = this.#bytes;
    const { nrAccesses } = regions;
    projectRegions(cells, regions, (row, region, overlap) => {
      heat[row] = (heat[row] ?? 0) + overlap * (nrAccesses[region] ?? 0);
      bytes[row] = (bytes[row] ?? 0) + overlap;
    });
  }

  /** Mean accesses by row, NaN where nothing was seen; begins again at nothing. */
  takeMeans(): Float64Array {
    const means = this.#heat.map((sum, row) => sum / (this.#bytes[row] ?? 0));
    this.#heat.fill(0);
    this.#bytes.fill(0);
    return means;
  }
}
