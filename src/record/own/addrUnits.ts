import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../../base/uint64Halves.ts';
import type { RegionColumns } from '../../damon/snapshot.ts';
import { LIMITS } from './layout.ts';

/** Boundaries as whole numbers of 2^shift bytes that a double holds exactly. */
export interface UnitBoundaries {
  readonly shift: number;
  readonly startUnits: Float64Array;
  readonly endUnits: Float64Array;
}

const MAX_EXACT = 2 ** 53;
const ADDRESS_LIMIT = 2 ** 64;
/** By shift: raising to a power for each snapshot takes longer than a good part of its regions. */
const UNIT_BYTES = Float64Array.from({ length: LIMITS.shift + 1 }, (_, shift) => 2 ** shift);

/** Bits below the lowest one that is set in any of the addresses, at most `limit`. */
function countCommonZeros(
  columns: readonly Uint32Array[],
  nrHalves: number,
  limit: number,
): number {
  const lowHalf = LOW_HALF;
  const highHalf = HIGH_HALF;
  let low = 0;
  let high = 0;
  for (const halves of columns) {
    for (let at = 0; at < nrHalves; at += 2) {
      low |= halves[at + lowHalf] ?? 0;
      high |= halves[at + highHalf] ?? 0;
    }
  }
  const zeros =
    low !== 0 ? 31 - Math.clz32(low & -low) : high !== 0 ? 63 - Math.clz32(high & -high) : 64;
  return Math.min(zeros, limit);
}

/**
 * The boundaries in the largest unit that divides them all and `2^maxShift`. Undefined when they are
 * no ascending, disjoint, non-empty regions, or need more than 53 bits even so.
 */
export function computeUnits(
  { count, startAddr, endAddr }: RegionColumns,
  maxShift: number,
): UnitBoundaries | undefined {
  const starts = viewUint64Halves(startAddr);
  const ends = viewUint64Halves(endAddr);
  const shift = countCommonZeros([starts, ends], 2 * count, maxShift);
  const highFactor = 2 ** (32 - shift);
  const lowFactor = 2 ** -shift;
  const startUnits = new Float64Array(count);
  const endUnits = new Float64Array(count);
  // Imported values are looked up anew at each use: three times the time of the whole loop.
  const lowHalf = LOW_HALF;
  const highHalf = HIGH_HALF;
  let lastEnd = 0;
  for (let index = 0; index < count; index += 1) {
    const low = 2 * index + lowHalf;
    const high = 2 * index + highHalf;
    const start = (starts[high] ?? 0) * highFactor + (starts[low] ?? 0) * lowFactor;
    const end = (ends[high] ?? 0) * highFactor + (ends[low] ?? 0) * lowFactor;
    if (start < lastEnd || end <= start) return undefined;
    startUnits[index] = start;
    endUnits[index] = end;
    lastEnd = end;
  }
  return lastEnd > MAX_EXACT ? undefined : { shift, startUnits, endUnits };
}

/** Writes the numbers of units from `from` to `to` as the addresses with the same indexes. */
export function storeUnits(
  addresses: Uint32Array,
  units: Float64Array,
  { from, to, shift }: { readonly from: number; readonly to: number; readonly shift: number },
): void {
  const lowHalf = LOW_HALF;
  const highHalf = HIGH_HALF;
  const factor = UNIT_BYTES[shift] ?? NaN;
  const highFactor = factor / 0x1_0000_0000;
  for (let index = from; index < to; index += 1) {
    const number = units[index] ?? 0;
    const high = Math.floor(number * highFactor);
    const at = 2 * index;
    addresses[at + highHalf] = high;
    addresses[at + lowHalf] = number * factor - high * 0x1_0000_0000;
  }
}

/** Whether a boundary of so many units of 2^shift bytes is an address and exact. */
export function isAddressable(units: number, shift: number): boolean {
  return units <= MAX_EXACT && units * (UNIT_BYTES[shift] ?? NaN) < ADDRESS_LIMIT;
}
