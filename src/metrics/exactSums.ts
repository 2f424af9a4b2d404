import { joinUint64Halves } from '../base/uint64Halves.ts';

const TWO_32 = 2 ** 32;
/** A sum up to here plus a product of numbers below 2^32 and 2^20 is exact in a double. */
const CARRY_ABOVE = 2 ** 52;
const WEIGHT_LIMIT = 2 ** 20;

/**
 * Sums without rounding and, nearly always, without bigints: making one costs more than adding a
 * region. Each slot is `carried + high x 2^32 + low`.
 */
export interface ExactSums {
  /** High and low part of each slot, one after the other. */
  readonly parts: Float64Array;
  readonly carried: bigint[];
}

export function createExactSums(nrSlots: number): ExactSums {
  return {
    parts: new Float64Array(2 * nrSlots),
    carried: Array.from({ length: nrSlots }, () => 0n),
  };
}

/** Adds any whole number. */
export function addBigint(sums: ExactSums, slot: number, amount: bigint): void {
  sums.carried[slot] = (sums.carried[slot] ?? 0n) + amount;
}

/** Adds `(high x 2^32 + low) x weight`; all three are whole, not negative, and below 2^53. */
export function addWeighted(
  sums: ExactSums,
  slot: number,
  { high, low }: { readonly high: number; readonly low: number },
  weight: number,
): void {
  const excess = Math.floor(low / TWO_32);
  const wholeHigh = high + excess;
  if (weight >= WEIGHT_LIMIT || wholeHigh >= TWO_32) {
    addBigint(sums, slot, joinUint64Halves(high, low) * BigInt(weight));
    return;
  }
  const { parts } = sums;
  let highPart = (parts[2 * slot] ?? 0) + wholeHigh * weight;
  let lowPart = (parts[2 * slot + 1] ?? 0) + (low - excess * TWO_32) * weight;
  if (lowPart > CARRY_ABOVE) {
    const carry = Math.floor(lowPart / TWO_32);
    lowPart -= carry * TWO_32;
    highPart += carry;
  }
  if (highPart > CARRY_ABOVE) {
    addBigint(sums, slot, joinUint64Halves(highPart, 0));
    highPart = 0;
  }
  parts[2 * slot] = highPart;
  parts[2 * slot + 1] = lowPart;
}

export function readSum({ parts, carried }: ExactSums, slot: number): bigint {
  return (carried[slot] ?? 0n) + joinUint64Halves(parts[2 * slot] ?? 0, parts[2 * slot + 1] ?? 0);
}

/** Gives a sum and begins it again at 0. */
export function takeSum(sums: ExactSums, slot: number): bigint {
  const sum = readSum(sums, slot);
  sums.carried[slot] = 0n;
  sums.parts.fill(0, 2 * slot, 2 * slot + 2);
  return sum;
}

export function clearSums({ parts, carried }: ExactSums): void {
  parts.fill(0);
  carried.fill(0n);
}
