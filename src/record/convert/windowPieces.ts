import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../../base/uint64Halves.ts';
import { createRegionColumns } from '../../damon/snapshot.ts';
import type { RecordedRegions } from '../recording.ts';

const UINT32_RANGE = 2 ** 32;
const MAX_ADDR = 0xffff_ffff_ffff_ffffn;
/** More pieces than this many times the regions of a snapshot are merged before the window ends. */
const MAX_GROWTH = 8;
const MIN_PIECES = 4096;

/**
 * A column of pieces. Addresses are doubles: exact below 2^53, and beyond for pages, which is all
 * the kernel gives.
 */
interface Pieces {
  count: number;
  start: Float64Array;
  end: Float64Array;
  /** Accesses per µs times the µs observed. */
  accesses: Float64Array;
  observedUs: Float64Array;
  /** As told by the last snapshot that saw the piece. */
  ageUs: Float64Array;
}

function createPieces(capacity: number): Pieces {
  const column = (): Float64Array => new Float64Array(capacity);
  return {
    count: 0,
    start: column(),
    end: column(),
    accesses: column(),
    observedUs: column(),
    ageUs: column(),
  };
}

function readAddr(halves: Uint32Array, index: number): number {
  const at = 2 * index;
  return (halves[at + HIGH_HALF] ?? 0) * UINT32_RANGE + (halves[at + LOW_HALF] ?? 0);
}

/** Indexes in the order of the addresses; undefined when they are in order already. */
function findOrder(halves: Uint32Array, count: number): Uint32Array | undefined {
  for (let index = 1; index < count; index += 1) {
    if (readAddr(halves, index) < readAddr(halves, index - 1)) {
      const order = Uint32Array.from({ length: count }, (_, at) => at);
      return order.sort((left, right) => readAddr(halves, left) - readAddr(halves, right));
    }
  }
  return undefined;
}

/** How one snapshot counts. */
export interface SnapshotWeight {
  readonly durationUs: number;
  readonly aggrIntervalUs: number;
}

/**
 * What several snapshots saw, cut at every border any of them had. Every piece knows for how long
 * it was observed, so that what was mapped for a part of the time is not taken for idle.
 */
export class WindowPieces {
  #pieces = createPieces(256);
  #spare = createPieces(256);
  #maxRegions = 0;

  clear(): void {
    this.#pieces.count = 0;
    this.#maxRegions = 0;
  }

  /** Adds a snapshot. What overlaps a region before it is cut off. */
  add(regions: RecordedRegions, weight: SnapshotWeight): void {
    const { count, nrAccesses, ageIntervals } = regions;
    this.#maxRegions = Math.max(this.#maxRegions, count);
    const startHalves = viewUint64Halves(regions.startAddr);
    const endHalves = viewUint64Halves(regions.endAddr);
    const order = findOrder(startHalves, count);
    const merge = new PieceMerge(this.#pieces, this.#makeSpare(2 * count));
    for (let at = 0; at < count; at += 1) {
      const index = order?.[at] ?? at;
      merge.addRegion(
        readAddr(startHalves, index),
        readAddr(endHalves, index),
        ((nrAccesses[index] ?? 0) / weight.aggrIntervalUs) * weight.durationUs,
        {
          observedUs: weight.durationUs,
          ageUs: (ageIntervals[index] ?? 0) * weight.aggrIntervalUs,
        },
      );
    }
    this.#spare = this.#pieces;
    this.#pieces = merge.finish();
    const limit = Math.max(MIN_PIECES, MAX_GROWTH * this.#maxRegions);
    if (this.#pieces.count > limit) {
      this.#reduce(limit / 2, false);
      // A window of any length fits into memory, if it must at the cost of what is idle.
      if (this.#pieces.count > limit) this.#reduce(limit / 2, true);
    }
  }

  /**
   * The window as regions of one aggregation that long. Neighbours that differ least become one
   * until there are no more than the largest snapshot had; but what was accessed stays apart from
   * what was not, so that the working set is exactly what any of the snapshots saw accessed.
   */
  takeRegions(aggrIntervalUs: number, hasAges: boolean): RecordedRegions {
    this.#reduce(this.#maxRegions, false);
    const { count, start, end, accesses, observedUs, ageUs } = this.#pieces;
    const columns = createRegionColumns(count);
    columns.count = count;
    for (let index = 0; index < count; index += 1) {
      columns.startAddr[index] = BigInt(start[index] ?? 0);
      const endAddr = BigInt(end[index] ?? 0);
      columns.endAddr[index] = endAddr > MAX_ADDR ? MAX_ADDR : endAddr;
      const mean = ((accesses[index] ?? 0) / (observedUs[index] ?? 1)) * aggrIntervalUs;
      // A single access must not be rounded away: idle means that nothing was seen.
      columns.nrAccesses[index] = mean > 0 ? clampCount(Math.max(1, Math.round(mean))) : 0;
      columns.ageIntervals[index] = clampCount(Math.floor((ageUs[index] ?? 0) / aggrIntervalUs));
    }
    this.clear();
    return { ...columns, hasAges, probeHits: [], filterPassedBytes: undefined };
  }

  #makeSpare(extra: number): Pieces {
    const needed = 2 * this.#pieces.count + extra + 1;
    if (this.#spare.start.length < needed) this.#spare = createPieces(2 * needed);
    this.#spare.count = 0;
    return this.#spare;
  }

  #reduce(target: number, crossesIdle: boolean): void {
    const pieces = this.#pieces;
    mergeNeighbours(pieces, 0, false);
    const highest = findHighestRate(pieces);
    for (let step = 2 ** -10; pieces.count > target && step <= 1; step *= 2) {
      mergeNeighbours(pieces, step * highest, crossesIdle);
    }
  }
}

/** Columns would take what is too large modulo 2^32. */
const clampCount = (count: number): number => Math.min(count, UINT32_RANGE - 1);

const rateOf = ({ accesses, observedUs }: Pieces, index: number): number =>
  (accesses[index] ?? 0) / (observedUs[index] ?? 1);

function findHighestRate(pieces: Pieces): number {
  let highest = 0;
  for (let index = 0; index < pieces.count; index += 1) {
    highest = Math.max(highest, rateOf(pieces, index));
  }
  return highest;
}

/** Merges touching pieces whose rates differ by at most that much; means are weighted by size. */
function mergeNeighbours(pieces: Pieces, threshold: number, crossesIdle: boolean): void {
  const { start, end, accesses, observedUs, ageUs } = pieces;
  let last = -1;
  for (let index = 0; index < pieces.count; index += 1) {
    const touches = last >= 0 && start[index] === end[last];
    const lastRate = touches ? rateOf(pieces, last) : 0;
    const rate = rateOf(pieces, index);
    const isAlike =
      Math.abs(rate - lastRate) <= threshold && (crossesIdle || rate > 0 === lastRate > 0);
    // Without a threshold nothing may be lost, not even an age.
    if (touches && isAlike && (threshold > 0 || ageUs[index] === ageUs[last])) {
      const lastSize = (end[last] ?? 0) - (start[last] ?? 0);
      const size = (end[index] ?? 0) - (start[index] ?? 0);
      const share = size / (lastSize + size);
      for (const column of [observedUs, ageUs]) {
        const before = column[last] ?? 0;
        column[last] = before + ((column[index] ?? 0) - before) * share;
      }
      // The mean of the rates: what was observed for longer is not worth more.
      accesses[last] = (lastRate + (rate - lastRate) * share) * (observedUs[last] ?? 0);
      end[last] = end[index] ?? 0;
      continue;
    }
    last += 1;
    if (last === index) continue;
    for (const column of [start, end, accesses, observedUs, ageUs]) {
      column[last] = column[index] ?? 0;
    }
  }
  pieces.count = last + 1;
}

/** Walks along the pieces there are and lays regions over them, from the lowest address up. */
class PieceMerge {
  readonly #old: Pieces;
  readonly #out: Pieces;
  #index = 0;
  /** How far the old piece at `#index` has been dealt with. */
  #position = 0;

  constructor(old: Pieces, out: Pieces) {
    this.#old = old;
    this.#out = out;
    this.#position = old.start[0] ?? 0;
  }

  addRegion(
    regionStart: number,
    regionEnd: number,
    accesses: number,
    seen: { readonly observedUs: number; readonly ageUs: number },
  ): void {
    const out = this.#out;
    let at = Math.max(regionStart, out.count === 0 ? 0 : (out.end[out.count - 1] ?? 0));
    this.#copyOldUpTo(at);
    while (at < regionEnd) {
      const hasOld = this.#index < this.#old.count;
      const isInside = hasOld && this.#position <= at;
      const oldBorder = isInside ? (this.#old.end[this.#index] ?? 0) : this.#position;
      const end = hasOld ? Math.min(regionEnd, oldBorder) : regionEnd;
      const from = isInside ? this.#index : -1;
      this.#push(at, end, from);
      const index = out.count - 1;
      out.accesses[index] = (out.accesses[index] ?? 0) + accesses;
      out.observedUs[index] = (out.observedUs[index] ?? 0) + seen.observedUs;
      out.ageUs[index] = seen.ageUs;
      at = end;
      if (isInside) this.#advanceOld(end);
    }
  }

  finish(): Pieces {
    this.#copyOldUpTo(Infinity);
    return this.#out;
  }

  #copyOldUpTo(limit: number): void {
    while (this.#index < this.#old.count && this.#position < limit) {
      const end = Math.min(limit, this.#old.end[this.#index] ?? 0);
      this.#push(this.#position, end, this.#index);
      this.#advanceOld(end);
    }
  }

  #advanceOld(to: number): void {
    this.#position = to;
    if (to < (this.#old.end[this.#index] ?? 0)) return;
    this.#index += 1;
    this.#position = this.#old.start[this.#index] ?? 0;
  }

  #push(start: number, end: number, from: number): void {
    const out = this.#out;
    const index = out.count;
    out.start[index] = start;
    out.end[index] = end;
    out.accesses[index] = from < 0 ? 0 : (this.#old.accesses[from] ?? 0);
    out.observedUs[index] = from < 0 ? 0 : (this.#old.observedUs[from] ?? 0);
    out.ageUs[index] = from < 0 ? 0 : (this.#old.ageUs[from] ?? 0);
    out.count += 1;
  }
}
