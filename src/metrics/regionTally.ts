import { HIGH_HALF, joinUint64Halves, LOW_HALF, viewUint64Halves } from '../base/uint64Halves.ts';
import type { RegionColumns } from '../damon/snapshot.ts';

const TWO_32 = 2 ** 32;
/** Far enough below 2^53 that one more product of at most 2^48 keeps a sum exact. */
const CARRY_ABOVE = 2 ** 52;

/**
 * A sum of products of a 64-bit size and a 32-bit weight, in doubles without rounding: the products
 * of halves are kept apart by their place (2^0, 2^16, 2^32, 2^48) and carried upwards in time.
 */
interface ExactSum {
  at0: number;
  at16: number;
  at32: number;
  at48: number;
}

/** What one target's regions are sorted by; thresholds ascend. */
export interface TallyPlan {
  readonly accessThresholds: Float64Array;
  readonly idleThresholds: Float64Array;
  /** Weights beyond it count as it. */
  readonly maxNrAccesses: number;
}

/** Bytes per bucket of one snapshot, and bytes weighted by nr_accesses and by idle age. */
export interface RegionTally {
  /**
   * Puts every region into the first bucket whose threshold is not below its nr_accesses, and the
   * first whose threshold is not below its idle age (0 while accessed).
   */
  tally(regions: RegionColumns, plan: TallyPlan): void;
  /** Gives the buckets that hold bytes; the last one is beyond all thresholds. */
  forEachAccess(take: (bucket: number, bytes: bigint) => void): void;
  forEachIdle(take: (bucket: number, bytes: bigint) => void): void;
  /** Sum of size x nr_accesses. */
  accessProduct(): bigint;
  /** Sum of size x age in aggregation intervals over regions without access. */
  idleProduct(): bigint;
}

function addProduct(sum: ExactSum, high: number, low: number, weight: number): void {
  const weightHigh = weight >>> 16;
  const weightLow = weight & 0xffff;
  sum.at0 += low * weightLow;
  sum.at16 += low * weightHigh;
  sum.at32 += high * weightLow;
  sum.at48 += high * weightHigh;
  if (sum.at0 > CARRY_ABOVE) {
    const carry = Math.floor(sum.at0 / TWO_32);
    sum.at0 -= carry * TWO_32;
    sum.at32 += carry;
  }
  if (sum.at16 > CARRY_ABOVE) {
    const carry = Math.floor(sum.at16 / TWO_32);
    sum.at16 -= carry * TWO_32;
    sum.at48 += carry;
  }
  if (sum.at32 > CARRY_ABOVE) {
    const carry = Math.floor(sum.at32 / 2 ** 16);
    sum.at32 -= carry * 2 ** 16;
    sum.at48 += carry;
  }
}

function joinSum({ at0, at16, at32, at48 }: ExactSum): bigint {
  return BigInt(at0) + (BigInt(at16) << 16n) + (BigInt(at32) << 32n) + (BigInt(at48) << 48n);
}

function clearSum(sum: ExactSum): void {
  sum.at0 = 0;
  sum.at16 = 0;
  sum.at32 = 0;
  sum.at48 = 0;
}

function findBucket(thresholds: Float64Array, value: number): number {
  let bucket = 0;
  while (bucket < thresholds.length && value > (thresholds[bucket] ?? 0)) bucket++;
  return bucket;
}

/** Most buckets of a snapshot are empty; making a bigint for each would cost more than the regions. */
function forEachFilled(
  high: Float64Array,
  low: Float64Array,
  take: (bucket: number, bytes: bigint) => void,
): void {
  for (let bucket = 0; bucket < high.length; bucket++) {
    const highPart = high[bucket] ?? 0;
    const lowPart = low[bucket] ?? 0;
    if (highPart !== 0 || lowPart !== 0) take(bucket, joinUint64Halves(highPart, lowPart));
  }
}

/** Makes a tally for up to `nrBuckets` thresholds; it is used again for every snapshot. */
export function createRegionTally(nrBuckets: number): RegionTally {
  const [accessHigh, accessLow, idleHigh, idleLow] = [0, 1, 2, 3].map(
    () => new Float64Array(nrBuckets + 1),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const accessSum: ExactSum = { at0: 0, at16: 0, at32: 0, at48: 0 };
  const idleSum: ExactSum = { at0: 0, at16: 0, at32: 0, at48: 0 };
  const clear = (): void => {
    for (const column of [accessHigh, accessLow, idleHigh, idleLow]) column.fill(0);
    clearSum(accessSum);
    clearSum(idleSum);
  };
  return {
    tally: (regions, plan) => {
      const { accessThresholds, idleThresholds, maxNrAccesses } = plan;
      clear();
      const start = viewUint64Halves(regions.startAddr);
      const end = viewUint64Halves(regions.endAddr);
      for (let index = 0; index < regions.count; index++) {
        const pair = index * 2;
        let high = (end[pair + HIGH_HALF] ?? 0) - (start[pair + HIGH_HALF] ?? 0);
        let low = (end[pair + LOW_HALF] ?? 0) - (start[pair + LOW_HALF] ?? 0);
        if (low < 0) {
          low += TWO_32;
          high -= 1;
        }
        const nrAccesses = regions.nrAccesses[index] ?? 0;
        const idleAge = nrAccesses > 0 ? 0 : (regions.ageIntervals[index] ?? 0);
        const accessBucket = findBucket(accessThresholds, nrAccesses);
        accessHigh[accessBucket] = (accessHigh[accessBucket] ?? 0) + high;
        accessLow[accessBucket] = (accessLow[accessBucket] ?? 0) + low;
        const idleBucket = findBucket(idleThresholds, idleAge);
        idleHigh[idleBucket] = (idleHigh[idleBucket] ?? 0) + high;
        idleLow[idleBucket] = (idleLow[idleBucket] ?? 0) + low;
        if (nrAccesses > 0) addProduct(accessSum, high, low, Math.min(nrAccesses, maxNrAccesses));
        else addProduct(idleSum, high, low, idleAge);
      }
    },
    forEachAccess: (take) => {
      forEachFilled(accessHigh, accessLow, take);
    },
    forEachIdle: (take) => {
      forEachFilled(idleHigh, idleLow, take);
    },
    accessProduct: () => joinSum(accessSum),
    idleProduct: () => joinSum(idleSum),
  };
}
