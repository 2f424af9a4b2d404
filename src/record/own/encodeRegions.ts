import { computeUnits } from './addrUnits.ts';
import type { RecordedRegions } from '../recording.ts';
import { pushVarint, pushSigned, reserveBytes, MAX_VARINT_BYTES } from './byteColumn.ts';
import type { ByteColumn } from './byteColumn.ts';
import type { UnitBoundaries } from './addrUnits.ts';
import { ACCESSES_TAG, AGE_TAG, END_TAG, NO_PREVIOUS_REGIONS, START_TAG } from './regionTag.ts';
import type { PreviousRegions } from './regionTag.ts';

/** The columns regions go to, one entry per region at most. */
export interface RegionOutput {
  readonly tags: ByteColumn;
  readonly gaps: ByteColumn;
  readonly sizes: ByteColumn;
  readonly accesses: ByteColumn;
  readonly ages: ByteColumn;
  /** Fixed-size addresses of snapshots that units cannot express. */
  readonly plain: ByteColumn;
}

export interface EncodedRegions {
  /** To compare the next snapshot of the stream with. */
  readonly next: PreviousRegions;
  /** Bits left out of every address; undefined: the addresses are in the plain column. */
  readonly shift: number | undefined;
  /** Whether the snapshot before was compared with. */
  readonly isDelta: boolean;
}

/** Appends the regions, told by their difference from those before them in the stream. */
export function encodeRegions(
  output: RegionOutput,
  regions: RecordedRegions,
  previous: PreviousRegions,
): EncodedRegions {
  let isDelta = previous.count > 0;
  let units = computeUnits(regions, previous.shift);
  if (isDelta && (units === undefined || units.shift < previous.shift)) {
    isDelta = false;
    units = computeUnits(regions, NO_PREVIOUS_REGIONS.shift);
  }
  if (units === undefined) {
    encodePlain(output, regions);
    return { next: NO_PREVIOUS_REGIONS, shift: undefined, isDelta: false };
  }
  encodeUnits(output, regions, units, isDelta ? previous : NO_PREVIOUS_REGIONS);
  const { count, nrAccesses, ageIntervals } = regions;
  return {
    next: { count, ...units, nrAccesses, ageIntervals, offset: 0 },
    shift: units.shift,
    isDelta,
  };
}

function encodeUnits(
  output: RegionOutput,
  regions: RecordedRegions,
  units: UnitBoundaries,
  previous: PreviousRegions,
): void {
  const { count, nrAccesses, ageIntervals, hasAges } = regions;
  const { startUnits, endUnits } = units;
  const { tags, gaps, sizes, accesses, ages } = output;
  const { count: before, startUnits: otherStarts, endUnits: otherEnds } = previous;
  const { nrAccesses: otherAccesses, ageIntervals: otherAges } = previous;
  // Properties of imported objects are looked up anew at each use.
  const { contiguous, asBefore: startAsBefore, afterGap } = START_TAG;
  const { asBefore: endAsBefore, oneFurther, bySize } = END_TAG;
  const { changed: accessesChanged } = ACCESSES_TAG;
  const { zero: ageZero, changed: ageChanged } = AGE_TAG;
  for (const column of [tags, gaps, sizes, accesses, ages]) {
    reserveBytes(column, count * MAX_VARINT_BYTES);
  }
  let lastEnd = 0;
  // The first region of the snapshot before that ends after `lastEnd`.
  let other = 0;
  for (let index = 0; index < count; index += 1) {
    const start = startUnits[index] ?? 0;
    const end = endUnits[index] ?? 0;
    let tag: number = contiguous;
    if (start !== lastEnd) {
      if (other < before && start === otherStarts[other]) tag = startAsBefore;
      else {
        tag = afterGap;
        pushVarint(gaps, start - lastEnd);
        while (other < before && (otherEnds[other] ?? 0) <= start) other += 1;
      }
    }
    const isKnown = other < before;
    if (isKnown && end === otherEnds[other]) tag |= endAsBefore;
    else if (other + 1 < before && end === otherEnds[other + 1]) tag |= oneFurther;
    else {
      tag |= bySize;
      pushVarint(sizes, end - start);
    }
    const samples = nrAccesses[index] ?? 0;
    const expected = isKnown ? (otherAccesses[other] ?? 0) : 0;
    if (samples !== expected) {
      tag |= accessesChanged;
      pushSigned(accesses, samples - expected);
    }
    if (hasAges) {
      const age = ageIntervals[index] ?? 0;
      const older = isKnown ? (otherAges[other] ?? 0) + 1 : 1;
      if (age === 0) tag |= ageZero;
      else if (age !== older) {
        tag |= ageChanged;
        pushSigned(ages, age - older);
      }
    }
    tags.bytes[tags.length++] = tag;
    lastEnd = end;
    while (other < before && (otherEnds[other] ?? 0) <= end) other += 1;
  }
}

function pushAddresses(column: ByteColumn, addresses: BigUint64Array, count: number): void {
  reserveBytes(column, 8 * count);
  const view = new DataView(column.bytes.buffer, column.length, 8 * count);
  for (let index = 0; index < count; index += 1) {
    view.setBigUint64(8 * index, addresses[index] ?? 0n, true);
  }
  column.length += 8 * count;
}

function encodePlain(output: RegionOutput, regions: RecordedRegions): void {
  const { count, startAddr, endAddr, nrAccesses, ageIntervals, hasAges } = regions;
  pushAddresses(output.plain, startAddr, count);
  pushAddresses(output.plain, endAddr, count);
  reserveBytes(output.accesses, count * MAX_VARINT_BYTES);
  reserveBytes(output.ages, count * MAX_VARINT_BYTES);
  for (let index = 0; index < count; index += 1) {
    pushVarint(output.accesses, nrAccesses[index] ?? 0);
    if (hasAges) pushVarint(output.ages, ageIntervals[index] ?? 0);
  }
}
