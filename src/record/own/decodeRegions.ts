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
  /** The same two, one after the other. */
  readonly addrHalves: Uint32Array;
  readonly nrAccesses: Uint32Array;
  readonly ageIntervals: Uint32Array;
  /** Boundaries in the units of each snapshot, for comparing the next one with it. */
  readonly startUnits: Float64Array;
  readonly endUnits: Float64Array;
  /** Of the snapshot that was read last, as RecordedRegions.runStarts. */
  readonly runStarts: number[];
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
  const { startUnits, endUnits, nrAccesses, ageIntervals, runStarts } = regions;
  const { tags, gaps, sizes, accesses, ages } = input;
  const { shift, startUnits: otherStarts, endUnits: otherEnds } = previous;
  const { nrAccesses: otherAccesses, ageIntervals: otherAges } = previous;
  // Properties of imported objects are looked up anew at each use.
  const { start: startMask, end: endMask, age: ageMask } = TAG_MASK;
  const { contiguous, asBefore: startAsBefore } = START_TAG;
  const { asBefore: endAsBefore, bySize } = END_TAG;
  const { changed: accessesChanged } = ACCESSES_TAG;
  const { zero: ageZero, changed: ageChanged } = AGE_TAG;
  const to = offset + count;
  const othersTo = previous.offset + previous.count;
  const tagBytes = tags.bytes;
  let tagAt = tags.at;
  const accessBytes = accesses.bytes;
  let accessAt = accesses.at;
  let lastEnd = 0;
  runStarts.length = 0;
  let other = previous.offset;
  for (let at = offset; at < to; at += 1) {
    const tag = tagBytes[tagAt++] ?? 0;
    let start = lastEnd;
    if ((tag & startMask) !== contiguous) {
      if (at > offset) runStarts.push(at - offset);
      if ((tag & startMask) === startAsBefore) {
        start = other < othersTo ? (otherStarts[other] ?? NaN) : NaN;
      } else {
        start += takeVarint(gaps);
        while (other < othersTo && (otherEnds[other] ?? 0) <= start) other += 1;
      }
    }
    const isKnown = other < othersTo;
    // Mostly one byte. Whether there is one is as good as random: asking would cost more than reading.
    const changed = (tag & accessesChanged) >> 4;
    const byte = accessBytes[accessAt] ?? 0;
    let difference = ((byte >>> 1) ^ -(byte & 1)) & -changed;
    if ((byte & -changed) > 0x7f) {
      accesses.at = accessAt;
      difference = takeSigned(accesses);
      accessAt = accesses.at;
    } else {
      accessAt += changed;
    }
    nrAccesses[at] = (isKnown ? (otherAccesses[other] ?? 0) : 0) + difference;
    if (hasAges) {
      let age = 0;
      if ((tag & ageMask) !== ageZero) {
        age = isKnown ? (otherAges[other] ?? 0) + 1 : 1;
        if ((tag & ageMask) === ageChanged) age += takeSigned(ages);
      }
      ageIntervals[at] = age;
    }
    let end = NaN;
    const endTag = tag & endMask;
    if (endTag === endAsBefore) {
      if (isKnown) end = otherEnds[other++] ?? NaN;
    } else {
      if (endTag === bySize) end = start + takeVarint(sizes);
      else if (other + 1 < othersTo) end = otherEnds[other + 1] ?? NaN;
      while (other < othersTo && (otherEnds[other] ?? 0) <= end) other += 1;
    }
    // Also false when a number is missing.
    if (!(start >= lastEnd && end > start)) throw new RangeError('regions that do not ascend');
    startUnits[at] = start;
    endUnits[at] = end;
    lastEnd = end;
  }
  tags.at = tagAt;
  accesses.at = accessAt;
  if (!isAddressable(lastEnd, shift)) throw new RangeError('addresses beyond 2^64');
  storeAddresses(regions, { from: offset, to, shift });
  return { count, startUnits, endUnits, shift, nrAccesses, ageIntervals, offset };
}

/** Most regions start where the one before them ends: those starts are copied. */
function storeAddresses(
  { addrHalves, startHalves, endHalves, startUnits, endUnits, runStarts }: BlockRegions,
  { from, to, shift }: { readonly from: number; readonly to: number; readonly shift: number },
): void {
  storeUnits(endHalves, endUnits, { from, to, shift });
  const ends = addrHalves.length / 2;
  addrHalves.copyWithin(2 * from + 2, ends + 2 * from, ends + 2 * to - 2);
  storeUnits(startHalves, startUnits, { from, to: Math.min(from + 1, to), shift });
  for (const run of runStarts) {
    storeUnits(startHalves, startUnits, { from: from + run, to: from + run + 1, shift });
  }
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
