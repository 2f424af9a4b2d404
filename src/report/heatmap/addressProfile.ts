import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../../base/uint64Halves.ts';
import type { RegionColumns } from '../../damon/snapshot.ts';
import type { AddressRange } from './heatMatrix.ts';

/** Regions spread over the address cells of a grid. */
export interface AddressProfile {
  /** Accesses times bytes, by cell. */
  readonly heat: Float64Array;
  /** Bytes that were observed, by cell. */
  readonly bytes: Float64Array;
  /** The cells that may be other than zero: from `first` up to but not `end`. */
  first: number;
  end: number;
  clear(): void;
  /** Adds the regions with these indexes. */
  project(regions: RegionColumns, from: number, to: number): void;
}

/** Offsets from the range's start are exact below 2^53 bytes, which is every real address range. */
export function createAddressProfile(range: AddressRange, nrCells: number): AddressProfile {
  const heat = new Float64Array(nrCells);
  const bytes = new Float64Array(nrCells);
  const span = Number(range.endAddr - range.startAddr);
  const cellBytes = span / nrCells;
  const baseLow = Number(range.startAddr & 0xffff_ffffn);
  const baseHigh = Number(range.startAddr >> 32n);

  /** Both are offsets within the range. */
  const spread = (start: number, end: number, nrAccesses: number): void => {
    const first = Math.min(Math.floor(start / cellBytes), nrCells - 1);
    const last = Math.min(Math.ceil(end / cellBytes), nrCells) - 1;
    if (first < profile.first) profile.first = first;
    if (last >= profile.end) profile.end = last + 1;
    if (first >= last) {
      heat[first] = (heat[first] ?? 0) + nrAccesses * (end - start);
      bytes[first] = (bytes[first] ?? 0) + (end - start);
      return;
    }
    const head = (first + 1) * cellBytes - start;
    const tail = end - last * cellBytes;
    heat[first] = (heat[first] ?? 0) + nrAccesses * head;
    bytes[first] = (bytes[first] ?? 0) + head;
    const heatInside = nrAccesses * cellBytes;
    for (let cell = first + 1; cell < last; cell++) {
      heat[cell] = (heat[cell] ?? 0) + heatInside;
      bytes[cell] = (bytes[cell] ?? 0) + cellBytes;
    }
    heat[last] = (heat[last] ?? 0) + nrAccesses * tail;
    bytes[last] = (bytes[last] ?? 0) + tail;
  };

  const profile: AddressProfile = {
    heat,
    bytes,
    first: nrCells,
    end: 0,
    clear: () => {
      heat.fill(0, profile.first, profile.end);
      bytes.fill(0, profile.first, profile.end);
      profile.first = nrCells;
      profile.end = 0;
    },
    project: ({ startAddr, endAddr, nrAccesses }, from, to) => {
      const starts = viewUint64Halves(startAddr);
      const ends = viewUint64Halves(endAddr);
      for (let index = from; index < to; index++) {
        const high = 2 * index + HIGH_HALF;
        const low = 2 * index + LOW_HALF;
        const start =
          ((starts[high] ?? 0) - baseHigh) * 0x1_0000_0000 + ((starts[low] ?? 0) - baseLow);
        const end = ((ends[high] ?? 0) - baseHigh) * 0x1_0000_0000 + ((ends[low] ?? 0) - baseLow);
        if (end <= 0 || start >= span || end <= start) continue;
        spread(Math.max(start, 0), Math.min(end, span), nrAccesses[index] ?? 0);
      }
    },
  };
  return profile;
}
