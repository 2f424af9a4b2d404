import { addWeighted, clearSums, createExactSums, readSum, takeSum } from './exactSums.ts';
import type { ExactSums } from './exactSums.ts';
import type { IntervalPlan } from './intervalPlan.ts';
import type { HistogramPoint } from './metricFamily.ts';
import { addBucketsTo, addProductTo, readWssBytes } from './regionTally.ts';
import type { RegionTally } from './regionTally.ts';

export type HistogramName = 'wss' | 'accessRatio' | 'idle';

/**
 * A slot per bucket, the one beyond all bounds included, then one for the sum under the intervals in
 * force: of bytes, or of byte-microseconds times what the kernel counts.
 */
export interface Distribution extends Counting {
  readonly slots: ExactSums;
  readonly sumSlot: number;
  /** Sum under all intervals before, in the units that `readDistribution` divides by. */
  earlierSum: bigint;
}

/** The time something stands for, whole microseconds of CLOCK_MONOTONIC. */
export interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

/**
 * Counts stay below 2^63, which is the most that readers of OpenTelemetry's integers are sure to
 * take: 1 TiB gets there in 97 days. The rest is for what doubles lose on the way.
 */
const MAX_COUNT = 2 ** 63 * 0.999;

export const US_PER_SECOND = 1_000_000n;
/** Resolution of access ratios in sums: far below what a double shows. */
export const RATIO_SCALE = 1_000_000_000_000n;

const DIVISORS: Readonly<Record<HistogramName, { count: bigint; sum: bigint }>> = {
  wss: { count: 1n, sum: 1n },
  accessRatio: { count: US_PER_SECOND, sum: US_PER_SECOND * RATIO_SCALE },
  idle: { count: US_PER_SECOND, sum: US_PER_SECOND * US_PER_SECOND },
};

export function createDistribution(nrBounds: number, startUs: number): Distribution {
  return {
    slots: createExactSums(nrBounds + 2),
    sumSlot: nrBounds + 1,
    earlierSum: 0n,
    startUs,
    roughCount: 0,
  };
}

/** Something that counts up, and begins again at 0 before it becomes too large. */
export interface Counting {
  /** Where counting began. */
  startUs: number;
  /** The count, as near as doubles add up. */
  roughCount: number;
}

/**
 * Takes note of what is going to be added, in which case readers see a restart as that of a counter:
 * `restart` = begin again at 0 first; `refuse` = there is no room for it even then.
 */
export function reserveCount(
  counting: Counting,
  count: number,
  startUs: number,
): 'add' | 'restart' | 'refuse' {
  if (count > MAX_COUNT) return 'refuse';
  if (counting.roughCount + count <= MAX_COUNT) {
    counting.roughCount += count;
    return 'add';
  }
  counting.startUs = startUs;
  counting.roughCount = count;
  return 'restart';
}

/** Counts one working set. */
export function addWss(
  { slots, sumSlot }: Distribution,
  { wssBytes }: RegionTally,
  bounds: readonly number[],
): void {
  const bytes = readWssBytes(wssBytes);
  let bucket = 0;
  while (bucket < bounds.length && bytes > (bounds[bucket] ?? 0)) bucket += 1;
  addWeighted(slots, bucket, { high: 0, low: 1 }, 1);
  addWeighted(slots, sumSlot, { high: wssBytes[0] ?? 0, low: wssBytes[1] ?? 0 }, 1);
}

/** Counts every byte for as long as the span is. */
export function addTally(
  distribution: Distribution,
  kind: 'access' | 'idle',
  tally: RegionTally,
  { startUs, endUs }: Span,
): void {
  const weightUs = endUs - startUs;
  const { slots, sumSlot } = distribution;
  const room = reserveCount(distribution, (tally.monitoredBytes * weightUs) / 1e6, startUs);
  if (room === 'refuse') return;
  if (room === 'restart') {
    clearSums(slots);
    distribution.earlierSum = 0n;
  }
  const isIdle = kind === 'idle';
  addBucketsTo(slots, isIdle ? tally.idleBytes : tally.accessBytes, weightUs);
  addProductTo(slots, sumSlot, isIdle ? tally.idleProduct : tally.accessProduct, weightUs);
}

/** A sum of what the kernel counts, in the units that `readDistribution` divides by. */
function scaleSum(name: HistogramName, sum: bigint, plan: IntervalPlan | undefined): bigint {
  if (plan === undefined || name === 'wss') return sum;
  if (name === 'idle') return sum * BigInt(Math.round(plan.aggrIntervalUs));
  return (sum * RATIO_SCALE) / BigInt(plan.maxNrAccesses);
}

/** Puts the sum under a plan aside, before another one comes into force. */
export function settleSum(
  distribution: Distribution,
  name: HistogramName,
  plan: IntervalPlan | undefined,
): void {
  const sum = takeSum(distribution.slots, distribution.sumSlot);
  distribution.earlierSum += scaleSum(name, sum, plan);
}

/** The nearest double that whole and remainder allow. */
function divide(numerator: bigint, denominator: bigint): number {
  const whole = numerator / denominator;
  return Number(whole) + Number(numerator - whole * denominator) / Number(denominator);
}

export function readDistribution(
  { slots, sumSlot, earlierSum, startUs }: Distribution,
  name: HistogramName,
  { plan, bounds }: { readonly plan: IntervalPlan | undefined; readonly bounds: readonly number[] },
): Omit<HistogramPoint, 'labels'> {
  const { count, sum } = DIVISORS[name];
  let total = 0n;
  const cumulativeCounts = Array.from({ length: bounds.length + 1 }, (_, bucket) => {
    total += readSum(slots, bucket);
    return total / count;
  });
  const scaled = earlierSum + scaleSum(name, readSum(slots, sumSlot), plan);
  return {
    bounds,
    cumulativeCounts,
    sum: divide(scaled, sum),
    startNs: BigInt(startUs) * 1000n,
  };
}
