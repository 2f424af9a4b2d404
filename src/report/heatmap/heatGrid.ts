import type { AddressRange, TimeRange } from './heatMatrix.ts';

/** The cells of a heat matrix. Both ranges are whole numbers of cells. */
export interface HeatGrid {
  readonly timeRange: TimeRange;
  readonly addressRange: AddressRange;
  readonly nrTimes: number;
  readonly nrAddresses: number;
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
