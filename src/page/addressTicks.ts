import { computeAddressTicks } from '../report/chart/axisTicks.ts';
import { addressAt } from './layout.ts';
import type { RowLayout, RowRange } from './layout.ts';

export interface RowTick {
  /** Place in rows, from the lowest address. */
  readonly row: number;
  readonly label: string;
}

function formatAddr(addr: bigint): string {
  return `0x${addr.toString(16)}`;
}

/** Round addresses inside of one range. */
function listInner(range: RowRange, nrWanted: number): RowTick[] {
  const sizeBytes = Number(range.endAddr - range.startAddr);
  const { positions, formatTick } = computeAddressTicks(range.startAddr, sizeBytes, nrWanted);
  return positions.map((position) => ({
    row: range.firstRow + (position / sizeBytes) * range.nrRows,
    label: formatTick(position),
  }));
}

/**
 * Marks of an address axis whose gaps are folded: where ranges begin, and round addresses where there
 * is room for them, never closer together than `minRows`.
 */
export function placeAddresses(layout: RowLayout, minRows: number): RowTick[] {
  const starts = layout.ranges.map(({ startAddr, firstRow }) => ({
    row: firstRow,
    label: formatAddr(startAddr),
  }));
  const inner = layout.ranges.flatMap((range) => {
    const nrWanted = Math.floor(range.nrRows / minRows / 1.5);
    return nrWanted < 1 ? [] : listInner(range, nrWanted);
  });
  const end = { row: layout.nrRows, label: formatAddr(addressAt(layout, layout.nrRows)) };
  const placed: RowTick[] = [];
  for (const tick of [...starts, end, ...inner]) {
    if (placed.every(({ row }) => Math.abs(row - tick.row) >= minRows)) placed.push(tick);
  }
  return placed.sort((left, right) => left.row - right.row);
}
