import type { LayoutJson } from '../live/liveEvents.ts';

/** A stretch of addresses without gaps, cut in rows of one size. */
export interface RowRange {
  readonly startAddr: bigint;
  /** First byte after it. */
  readonly endAddr: bigint;
  readonly firstRow: number;
  readonly nrRows: number;
}

/** How rows of a heatmap lie on addresses, from low to high. */
export interface RowLayout {
  readonly ranges: readonly RowRange[];
  readonly nrRows: number;
}

export function parseLayout({ ranges }: LayoutJson): RowLayout {
  let nrRows = 0;
  const parsed = ranges.map(([start, end, nr]) => {
    const firstRow = nrRows;
    nrRows += nr;
    return { startAddr: BigInt(`0x${start}`), endAddr: BigInt(`0x${end}`), firstRow, nrRows: nr };
  });
  return { ranges: parsed, nrRows };
}

/** Rows are cut between pages. */
const PAGE_MASK = 0xfffn;

/** Address where a place in rows lies; the end of the last row for what lies above. */
export function addressAt({ ranges, nrRows }: RowLayout, row: number): bigint {
  const at = Math.min(Math.max(row, 0), nrRows);
  const range = ranges.findLast(({ firstRow }) => firstRow <= at) ?? ranges[0];
  if (range === undefined) return 0n;
  const { startAddr, endAddr } = range;
  const share = Math.min((at - range.firstRow) / range.nrRows, 1);
  const offset = BigInt(Math.floor(Number(endAddr - startAddr) * share));
  return share === 1 ? endAddr : startAddr + (offset & ~PAGE_MASK);
}

/** Row in which an address lies; undefined for one that has none. */
export function rowOf({ ranges }: RowLayout, addr: bigint): number | undefined {
  const range = ranges.find(({ startAddr, endAddr }) => startAddr <= addr && addr < endAddr);
  if (range === undefined) return undefined;
  const { startAddr, endAddr, firstRow, nrRows } = range;
  const row = Math.floor((Number(addr - startAddr) / Number(endAddr - startAddr)) * nrRows);
  return firstRow + Math.min(row, nrRows - 1);
}

/** For each row the one that shows its middle in another layout; -1 where none does. */
export function mapRows(to: RowLayout, from: RowLayout): Int32Array {
  return Int32Array.from({ length: to.nrRows }, (_, row) => {
    return rowOf(from, addressAt(to, row + 0.5)) ?? -1;
  });
}

/** All bytes that have rows. */
export function countBytes({ ranges }: RowLayout): number {
  return ranges.reduce((sum, { startAddr, endAddr }) => sum + Number(endAddr - startAddr), 0);
}
