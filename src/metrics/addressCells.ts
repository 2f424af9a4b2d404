import { crc32 } from 'node:zlib';
import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../base/uint64Halves.ts';
import type { RegionColumns } from '../damon/snapshot.ts';

/** Addresses here are doubles: exact for whole pages anywhere in 64 bits. */
export interface Range {
  readonly start: number;
  /** First byte after it. */
  readonly end: number;
}

/** An address space divided: cells lie on what is monitored, gaps have none. Columns, ascending. */
export interface AddressCells {
  readonly starts: Float64Array;
  /** First byte after each cell. */
  readonly ends: Float64Array;
  /** What lies below and not below the limit before belongs to the cell: half of a gap beside it too. */
  readonly limits: Float64Array;
  /** Stands for the edges: the same for the same cells, also after a restart. */
  readonly layout: string;
}

const PAGE_BYTES = 4096;

/** What is monitored, without the borders of regions: few ranges as a rule. */
export function listRanges(regions: RegionColumns): Range[] {
  const starts = viewUint64Halves(regions.startAddr);
  const ends = viewUint64Halves(regions.endAddr);
  const ranges: Range[] = [];
  let [start, end] = [0, -1];
  for (let index = 0; index < regions.count; index++) {
    const pair = index * 2;
    const nextStart = (starts[pair + HIGH_HALF] ?? 0) * 2 ** 32 + (starts[pair + LOW_HALF] ?? 0);
    const nextEnd = (ends[pair + HIGH_HALF] ?? 0) * 2 ** 32 + (ends[pair + LOW_HALF] ?? 0);
    if (nextStart !== end) {
      if (end > start) ranges.push({ start, end });
      start = nextStart;
    }
    end = nextEnd;
  }
  if (end > start) ranges.push({ start, end });
  return ranges;
}

function joinRanges(ranges: readonly Range[], isJoined: (gap: number, at: number) => boolean) {
  const joined: Range[] = [];
  for (const [at, range] of ranges.entries()) {
    const last = joined.at(-1);
    if (last !== undefined && isJoined(range.start - last.end, at)) {
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else {
      joined.push(range);
    }
  }
  return joined;
}

/** Whole pages, ascending, and no more than so many: the smallest gaps are closed. */
function simplify(ranges: readonly Range[], maxRanges: number): Range[] {
  const paged = ranges
    .map(({ start, end }) => ({
      start: Math.floor(start / PAGE_BYTES) * PAGE_BYTES,
      end: Math.ceil(end / PAGE_BYTES) * PAGE_BYTES,
    }))
    .sort((left, right) => left.start - right.start);
  const apart = joinRanges(paged, (gap) => gap <= 0);
  const gaps = apart.map(({ start }, at) => ({ at, size: start - (apart[at - 1]?.end ?? 0) }));
  const nrClosed = Math.max(apart.length - maxRanges, 0);
  const closed = new Set(
    gaps
      .slice(1)
      .sort((left, right) => left.size - right.size)
      .slice(0, nrClosed)
      .map(({ at }) => at),
  );
  return joinRanges(apart, (_gap, at) => closed.has(at));
}

/** Cells of each range: at least one, and the rest where cells are largest. */
function shareCells(ranges: readonly Range[], nrCells: number): number[] {
  const pages = ranges.map(({ start, end }) => (end - start) / PAGE_BYTES);
  const shares = ranges.map(() => 1);
  const cellPages = (index: number): number => (pages[index] ?? 0) / (shares[index] ?? 1);
  for (let left = nrCells - ranges.length; left > 0; left -= 1) {
    let largest = 0;
    for (let index = 1; index < ranges.length; index += 1) {
      if (cellPages(index) > cellPages(largest)) largest = index;
    }
    if (cellPages(largest) <= 1) break;
    shares[largest] = (shares[largest] ?? 0) + 1;
  }
  return shares;
}

function cutRange({ start, end }: Range, nrCells: number): Range[] {
  const pages = (end - start) / PAGE_BYTES;
  const edge = (index: number): number =>
    start + Math.floor((pages * index) / nrCells) * PAGE_BYTES;
  return Array.from({ length: nrCells }, (_, index) => ({
    start: edge(index),
    end: edge(index + 1),
  }));
}

/**
 * Divides what is monitored into at most `nrCells` cells of whole pages and much the same size, so
 * that a heap and a stack with nothing for 40 TiB in between both show. Undefined for no memory.
 */
export function layCells(monitored: readonly Range[], nrCells: number): AddressCells | undefined {
  const ranges = simplify(monitored, nrCells);
  const shares = shareCells(ranges, nrCells);
  const cells = ranges.flatMap((range, index) => cutRange(range, shares[index] ?? 1));
  if (cells.length === 0) return undefined;
  return {
    starts: Float64Array.from(cells, ({ start }) => start),
    ends: Float64Array.from(cells, ({ end }) => end),
    limits: Float64Array.from(cells, ({ end }, index) => {
      const next = cells[index + 1];
      return next === undefined ? Infinity : Math.floor((end + next.start) / 2);
    }),
    layout: crc32(cells.map(({ start, end }) => `${start}-${end}`).join())
      .toString(16)
      .padStart(8, '0'),
  };
}

function sumSizes(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/**
 * Whether the cells still do: no more than this share of what is monitored now lies beside them, and
 * no less than half of what they lie on is monitored. By default a heap that grows by a few per cent
 * changes nothing.
 */
export function isFitting(
  { starts, ends }: AddressCells,
  monitored: readonly Range[],
  maxBesideShare: number = 1 / 8,
): boolean {
  let onCells = 0;
  let laid = 0;
  let at = 0;
  for (let cell = 0; cell < starts.length; cell += 1) {
    const [start, end] = [starts[cell] ?? 0, ends[cell] ?? 0];
    laid += end - start;
    while ((monitored[at]?.end ?? Infinity) <= start) at += 1;
    for (let next = at; (monitored[next]?.start ?? Infinity) < end; next += 1) {
      const range = monitored[next] ?? { start: 0, end: 0 };
      onCells += Math.min(range.end, end) - Math.max(range.start, start);
    }
  }
  const total = sumSizes(monitored);
  return total - onCells <= total * maxBesideShare && onCells >= laid / 2;
}
