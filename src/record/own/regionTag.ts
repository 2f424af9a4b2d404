import { LIMITS } from './layout.ts';

/**
 * One byte says how a region follows from the region before it and from the snapshot before it: four
 * fields side by side. FORMAT.md tells what each value means; the values are file format.
 */
export const START_TAG = { contiguous: 0, asBefore: 1, afterGap: 2 } as const;
export const END_TAG = { asBefore: 0, oneFurther: 4, bySize: 8 } as const;
export const ACCESSES_TAG = { asBefore: 0, changed: 16 } as const;
export const AGE_TAG = { oneOlder: 0, zero: 32, changed: 64 } as const;

export const TAG_MASK = { start: 3, end: 12, accesses: 16, age: 96 } as const;

/** What the next snapshot of the stream is compared with. */
export interface PreviousRegions {
  readonly count: number;
  /** Boundaries in units of 2^shift bytes, exact. */
  readonly startUnits: Float64Array;
  readonly endUnits: Float64Array;
  readonly shift: number;
  readonly nrAccesses: Uint32Array;
  readonly ageIntervals: Uint32Array;
  /** Where in the columns the snapshot begins. */
  readonly offset: number;
}

const NO_UNITS = new Float64Array(0);
const NO_COUNTS = new Uint32Array(0);

/**
 * Before the first snapshot of a stream in a block. A new object, made as all others are: the code
 * that reads both stays optimized.
 */
export function createNoPrevious(shift: number): PreviousRegions {
  return {
    count: 0,
    startUnits: NO_UNITS,
    endUnits: NO_UNITS,
    shift,
    nrAccesses: NO_COUNTS,
    ageIntervals: NO_COUNTS,
    offset: 0,
  };
}

export const NO_PREVIOUS_REGIONS: PreviousRegions = createNoPrevious(LIMITS.shift);
