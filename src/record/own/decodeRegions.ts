import { isAddressable, storeUnits } from './addrUnits.ts';
import { takeSigned, takeVarint } from './byteColumn.ts';
import type { ByteCursor } from './byteColumn.ts';
import { ACCESSES_TAG, AGE_TAG, END_TAG, START_TAG, TAG_MASK } from './regionTag.ts';
import type { PreviousRegions } from './regionTag.ts';

/** The columns of a block that regions are read from. */
export interface RegionInput {
  readonly tags: ByteCursor;
  readonly gaps: ByteCursor;
  readonly sizes: ByteCursor;
  readonly accesses: ByteCursor;
  readonly ages: ByteCursor;
  readonly plain: ByteCursor;
}

/** Columns for the regions of all snapshots of a block; a snapshot has a part of them. */
export interface BlockRegions {
  readonly startAddr: BigUint64Array;
  readonly endAddr: BigUint64Array;
  readonly startHalves: Uint32Array;
  readonly endHalves: Uint32Array;
  readonly nrAccesses: Uint32Array;
  readonly ageIntervals: Uint32Array;
  /** Boundaries in the units of each snapshot, for comparing the next one with it. */
  readonly startUnits: Float64Array;
  readonly endUnits: Float64Array;
}

/** Which regions of a block are read. */
export interface RegionRange {
  readonly offset: number;
  readonly count: number;
  readonly hasAges: boolean;
}

/**
 * Reads regions told in units of 2^shift bytes into `[offset, offset + count)`.
 *
 * @throws RangeError when they are not ascending, non-empty and below 2^64.
 */
export function decodeUnits(
  input: RegionInput,
  regions: BlockRegions,
  { offset, count, hasAges }: RegionRange,
  previous: PreviousRegions,
): PreviousRegions {
  const { startHalves, endHalves, nrAccesses, ageIntervals } = regions;
  const startUnits = regions.startUnits.subarray(offset, offset + count);
  const endUnits = regions.endUnits.subarray(offset, offset + count);
  const { tags, gaps, sizes, accesses, ages } = input;
  const { shift, count: before, offset: previousOffset } = previous;
  const { startUnits: otherStarts, endUnits: otherEnds } = previous;
  const { nrAccesses: otherAccesses, ageIntervals: otherAges } = previous;
  // Properties of imported objects are looked up anew at each use.
  const { start: startMask, end: endMask, age: ageMask } = TAG_MASK;
  const { contiguous, asBefore: startAsBefore } = START_TAG;
  const { asBefore: endAsBefore, bySize } = END_TAG;
  const { changed: accessesChanged } = ACCESSES_TAG;
  const { zero: ageZero, changed: ageChanged } = AGE_TAG;
  let tagAt = tags.at;
  let lastEnd = 0;
  let other = 0;
  for (let index = 0; index < count; index += 1) {
    const tag = tags.bytes[tagAt++] ?? 0;
    if (tag === 0 && other < before) {
      // Most regions of a quiet workload.
      const end = otherEnds[other] ?? 0;
      startUnits[index] = lastEnd;
      endUnits[index] = end;
      nrAccesses[offset + index] = otherAccesses[previousOffset + other] ?? 0;
      if (hasAges) {
        ageIntervals[offset + index] = (otherAges[previousOffset + other] ?? 0) + 1;
      }
      lastEnd = end;
      other += 1;
      continue;
    }
    let start = lastEnd;
    if ((tag & startMask) !== contiguous) {
      if ((tag & startMask) === startAsBefore) start = otherStarts[other] ?? NaN;
      else {
        start += takeVarint(gaps);
        while (other < before && (otherEnds[other] ?? 0) <= start) other += 1;
      }
    }
    const endTag = tag & endMask;
    let end: number;
    if (endTag === bySize) end = start + takeVarint(sizes);
    else end = otherEnds[endTag === endAsBefore ? other : other + 1] ?? NaN;
    // Also false when a number is missing.
    if (!(start >= lastEnd && end > start)) throw new RangeError('regions that do not ascend');
    const at = offset + index;
    const isKnown = other < before;
    const reference = previousOffset + other;
    let samples = isKnown ? (otherAccesses[reference] ?? 0) : 0;
    if (tag & accessesChanged) samples += takeSigned(accesses);
    nrAccesses[at] = samples;
    if (hasAges && (tag & ageMask) !== ageZero) {
      let age = isKnown ? (otherAges[reference] ?? 0) + 1 : 1;
      if ((tag & ageMask) === ageChanged) age += takeSigned(ages);
      ageIntervals[at] = age;
    }
    startUnits[index] = start;
    endUnits[index] = end;
    lastEnd = end;
    while (other < before && (otherEnds[other] ?? 0) <= end) other += 1;
  }
  tags.at = tagAt;
  if (!isAddressable(lastEnd, shift)) throw new RangeError('addresses beyond 2^64');
  storeUnits(startHalves, offset, startUnits, shift);
  storeUnits(endHalves, offset, endUnits, shift);
  return { count, startUnits, endUnits, shift, nrAccesses, ageIntervals, offset };
}

/** Reads regions whose addresses were written out. */
export function decodePlain(
  { plain, accesses, ages }: RegionInput,
  { startAddr, endAddr, nrAccesses, ageIntervals }: BlockRegions,
  { offset, count, hasAges }: RegionRange,
): void {
  if (plain.at + 16 * count > plain.end) throw new RangeError('fewer addresses than regions');
  const view = new DataView(plain.bytes.buffer, plain.bytes.byteOffset + plain.at, 16 * count);
  plain.at += 16 * count;
  for (let index = 0; index < count; index += 1) {
    startAddr[offset + index] = view.getBigUint64(8 * index, true);
    endAddr[offset + index] = view.getBigUint64(8 * (count + index), true);
    nrAccesses[offset + index] = takeVarint(accesses);
    if (hasAges) ageIntervals[offset + index] = takeVarint(ages);
  }
}
