import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../base/uint64Halves.ts';
import type { RegionColumns } from '../damon/snapshot.ts';
import { addBigint, addWeighted } from './exactSums.ts';
import type { ExactSums } from './exactSums.ts';

const TWO_32 = 2 ** 32;
/** Far enough below 2^53 that one more product of at most 2^52 keeps a sum exact. */
const CARRY_ABOVE = 2 ** 52;
/** Values below it find their bucket in a table. */
const NR_TABULATED = 1024;

/** Upper bounds of buckets, ascending; one more bucket is beyond all of them. */
export interface Thresholds {
  readonly bounds: Float64Array;
  /** Bucket of each small value. */
  readonly table: Uint16Array;
}

/** What one target's regions are sorted by. */
export interface TallyPlan {
  readonly access: Thresholds;
  readonly idle: Thresholds;
  /** Weights beyond it count as it. */
  readonly maxNrAccesses: number;
  /** Accesses from which on a region belongs to the working set. */
  readonly wssThresholdSamples: number;
}

/**
 * A sum of products of a 64-bit size and a 32-bit weight, in doubles without rounding: the products
 * of halves are kept apart by their place (2^0, 2^16, 2^32, 2^48) and carried upwards in time. The
 * highest needs no carrying: regions are disjoint, so that all sizes together have 64 bits.
 */
interface ProductSum {
  at0: number;
  at16: number;
  at32: number;
  at48: number;
}

/** What one snapshot comes to. Bytes are `high x 2^32 + low`, the two one after the other. */
export interface RegionTally {
  /** By bucket. */
  readonly accessBytes: Float64Array;
  readonly idleBytes: Float64Array;
  /** Just one entry. */
  readonly wssBytes: Float64Array;
  /** Of all regions, rounded beyond 2^53. */
  monitoredBytes: number;
  /** Sum of size x nr_accesses. */
  readonly accessProduct: ProductSum;
  /** Sum of size x age in aggregation intervals over regions without access. */
  readonly idleProduct: ProductSum;
}

function findBucket(bounds: Float64Array, value: number, from: number): number {
  let bucket = from;
  while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
  return bucket;
}

export function createThresholds(bounds: Float64Array): Thresholds {
  let bucket = 0;
  const table = Uint16Array.from({ length: NR_TABULATED }, (_, value) => {
    bucket = findBucket(bounds, value, bucket);
    return bucket;
  });
  return { bounds, table };
}

/** The first bucket whose bound is not below the value. */
function locate({ bounds, table }: Thresholds, value: number): number {
  if (value < NR_TABULATED) return table[value] ?? 0;
  return findBucket(bounds, value, table[NR_TABULATED - 1] ?? 0);
}

function addBytes(bytes: Float64Array, bucket: number, high: number, low: number): void {
  const at = 2 * bucket;
  bytes[at] = (bytes[at] ?? 0) + high;
  bytes[at + 1] = (bytes[at + 1] ?? 0) + low;
}

function addProduct(sum: ProductSum, high: number, low: number, weight: number): void {
  if (weight < 2 ** 20) {
    sum.at0 += low * weight;
    sum.at32 += high * weight;
  } else {
    const weightHigh = weight >>> 16;
    const weightLow = weight & 0xffff;
    sum.at0 += low * weightLow;
    sum.at16 += low * weightHigh;
    sum.at32 += high * weightLow;
    sum.at48 += high * weightHigh;
  }
  if (sum.at0 > CARRY_ABOVE || sum.at16 > CARRY_ABOVE || sum.at32 > CARRY_ABOVE) carry(sum);
}

/** Moves what is above 2^32 two places up. */
function carry(sum: ProductSum): void {
  const from0 = Math.floor(sum.at0 / TWO_32);
  const from16 = Math.floor(sum.at16 / TWO_32);
  const from32 = Math.floor(sum.at32 / 2 ** 16);
  sum.at0 -= from0 * TWO_32;
  sum.at16 -= from16 * TWO_32;
  sum.at32 += from0 - from32 * 2 ** 16;
  sum.at48 += from16 + from32;
}

function createProductSum(): ProductSum {
  return { at0: 0, at16: 0, at32: 0, at48: 0 };
}

/** Makes a tally for these numbers of bounds; it is used again for every snapshot. */
export function createRegionTally(nrAccessBounds: number, nrIdleBounds: number): RegionTally {
  return {
    accessBytes: new Float64Array(2 * (nrAccessBounds + 1)),
    idleBytes: new Float64Array(2 * (nrIdleBounds + 1)),
    wssBytes: new Float64Array(2),
    monitoredBytes: 0,
    accessProduct: createProductSum(),
    idleProduct: createProductSum(),
  };
}

function clearProduct(sum: ProductSum): void {
  sum.at0 = 0;
  sum.at16 = 0;
  sum.at32 = 0;
  sum.at48 = 0;
}

function clearTally(tally: RegionTally): void {
  tally.accessBytes.fill(0);
  tally.idleBytes.fill(0);
  tally.wssBytes.fill(0);
  clearProduct(tally.accessProduct);
  clearProduct(tally.idleProduct);
}

/**
 * Puts every region into the bucket of its nr_accesses and that of its idle age (0 while accessed).
 * Exact for a million regions.
 */
export function tallyRegions(tally: RegionTally, regions: RegionColumns, plan: TallyPlan): void {
  clearTally(tally);
  const { accessBytes, idleBytes, wssBytes, accessProduct, idleProduct } = tally;
  const { access, idle, maxNrAccesses, wssThresholdSamples } = plan;
  const { count, nrAccesses, ageIntervals } = regions;
  const start = viewUint64Halves(regions.startAddr);
  const end = viewUint64Halves(regions.endAddr);
  let [accessedHigh, accessedLow, unaccessedHigh, unaccessedLow] = [0, 0, 0, 0];
  for (let index = 0; index < count; index++) {
    const pair = index * 2;
    let high = (end[pair + HIGH_HALF] ?? 0) - (start[pair + HIGH_HALF] ?? 0);
    let low = (end[pair + LOW_HALF] ?? 0) - (start[pair + LOW_HALF] ?? 0);
    if (low < 0) {
      low += TWO_32;
      high -= 1;
    }
    const accesses = nrAccesses[index] ?? 0;
    if (accesses >= wssThresholdSamples) addBytes(wssBytes, 0, high, low);
    if (accesses > 0) {
      accessedHigh += high;
      accessedLow += low;
      addBytes(accessBytes, locate(access, accesses), high, low);
      addProduct(accessProduct, high, low, Math.min(accesses, maxNrAccesses));
    } else {
      const age = ageIntervals[index] ?? 0;
      unaccessedHigh += high;
      unaccessedLow += low;
      addBytes(idleBytes, locate(idle, age), high, low);
      addProduct(idleProduct, high, low, age);
    }
  }
  addBytes(idleBytes, locate(idle, 0), accessedHigh, accessedLow);
  addBytes(accessBytes, locate(access, 0), unaccessedHigh, unaccessedLow);
  tally.monitoredBytes = (accessedHigh + unaccessedHigh) * TWO_32 + (accessedLow + unaccessedLow);
}

/** Just one entry as one number, the nearest double beyond 2^53. */
export function readWssBytes(wssBytes: Float64Array): number {
  return (wssBytes[0] ?? 0) * TWO_32 + (wssBytes[1] ?? 0);
}

/** Adds bytes, times a weight, to the slots of their buckets. */
export function addBucketsTo(sums: ExactSums, bytes: Float64Array, weight: number): void {
  for (let at = 0; at < bytes.length; at += 2) {
    const high = bytes[at] ?? 0;
    const low = bytes[at + 1] ?? 0;
    // Most buckets of a snapshot are empty.
    if (high !== 0 || low !== 0) addWeighted(sums, at / 2, { high, low }, weight);
  }
}

/** Adds a product, times a weight, to a slot. */
export function addProductTo(
  sums: ExactSums,
  slot: number,
  { at0, at16, at32, at48 }: ProductSum,
  weight: number,
): void {
  addWeighted(sums, slot, { high: at32, low: at0 }, weight);
  if (at16 === 0 && at48 === 0) return;
  const rest = (BigInt(at16) << 16n) + (BigInt(at48) << 48n);
  addBigint(sums, slot, rest * BigInt(weight));
}
