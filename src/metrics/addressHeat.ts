import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../base/uint64Halves.ts';
import type { RegionColumns, Snapshot } from '../damon/snapshot.ts';
import { isFitting, layCells, listRanges } from './addressCells.ts';
import type { AddressCells, Range } from './addressCells.ts';
import { RATIO_SCALE, reserveCount, US_PER_SECOND } from './distribution.ts';
import type { Counting, Span } from './distribution.ts';
import { addWeighted, clearSums, createExactSums, readSum, takeSum } from './exactSums.ts';
import type { ExactSums } from './exactSums.ts';
import type { HistogramPoint } from './metricFamily.ts';

/** Heat of one target by address, as it stands. */
export interface HeatReading {
  readonly cells: AddressCells;
  /**
   * Bounds are the ends of the cells. The sum is that of the addresses in the middle of cells: every
   * histogram has one.
   */
  readonly readHistogram: () => Omit<HistogramPoint, 'labels'>;
}

/**
 * Where a target's memory is accessed, and how much: bytes weighed by their access ratio and by time.
 * The cells stay where they are as long as they do for what is monitored; other cells begin at 0.
 */
export interface AddressHeat {
  add(snapshot: Snapshot, maxNrAccesses: number, span: Span): void;
  /** Undefined before anything was monitored. */
  read(): HeatReading | undefined;
}

/** Heat by cell, under one layout. */
interface LaidHeat extends Counting {
  readonly cells: AddressCells;
  /** Their ends; the same array for as long as they are there. */
  readonly bounds: readonly number[];
  readonly laidAtNs: bigint;
  /** Re-laying again is left for so long. */
  readonly minLifeNs: bigint;
  /** Byte-microseconds x accesses under the number of samples in force. */
  readonly slots: ExactSums;
  /** Byte-microseconds x access ratio x RATIO_SCALE under those before. */
  readonly earlier: bigint[];
  maxNrAccesses: number;
}

const CHECK_INTERVAL_NS = 1_000_000_000n;
/**
 * New cells are new series. A program that starts gets them soon; one that never settles gets them
 * ever less often.
 */
const MIN_LIFE_NS = 10_000_000_000n;
const MAX_MIN_LIFE_NS = 640_000_000_000n;

/** Adds size x accesses of each region to the cells it lies in; what is not accessed costs nothing. */
function addProducts(
  products: Float64Array,
  { limits }: AddressCells,
  regions: RegionColumns,
  maxNrAccesses: number,
): void {
  const { count, nrAccesses } = regions;
  const starts = viewUint64Halves(regions.startAddr);
  const ends = viewUint64Halves(regions.endAddr);
  let cell = 0;
  for (let index = 0; index < count; index++) {
    const accesses = nrAccesses[index] ?? 0;
    if (accesses === 0) continue;
    const weight = Math.min(accesses, maxNrAccesses);
    const pair = index * 2;
    let start = (starts[pair + HIGH_HALF] ?? 0) * 2 ** 32 + (starts[pair + LOW_HALF] ?? 0);
    const end = (ends[pair + HIGH_HALF] ?? 0) * 2 ** 32 + (ends[pair + LOW_HALF] ?? 0);
    // Regions ascend; if ever they did not, the search begins again.
    if (cell > 0 && start < (limits[cell - 1] ?? 0)) cell = 0;
    while ((limits[cell] ?? Infinity) <= start) cell += 1;
    for (let limit = limits[cell] ?? Infinity; end > limit; limit = limits[cell] ?? Infinity) {
      products[cell] = (products[cell] ?? 0) + (limit - start) * weight;
      start = limit;
      cell += 1;
    }
    products[cell] = (products[cell] ?? 0) + (end - start) * weight;
  }
}

function scale(product: bigint, maxNrAccesses: number): bigint {
  return (product * RATIO_SCALE) / BigInt(maxNrAccesses);
}

/** Puts aside what was counted with another number of samples. */
function changeSamples(laid: LaidHeat, maxNrAccesses: number): void {
  for (const [cell, earlier] of laid.earlier.entries()) {
    laid.earlier[cell] = earlier + scale(takeSum(laid.slots, cell), laid.maxNrAccesses);
  }
  laid.maxNrAccesses = maxNrAccesses;
}

function addToCells(laid: LaidHeat, products: Float64Array, { startUs, endUs }: Span): void {
  const { slots, earlier, maxNrAccesses } = laid;
  const weightUs = endUs - startUs;
  const nrCells = laid.cells.ends.length;
  let total = 0;
  for (let cell = 0; cell < nrCells; cell += 1) total += products[cell] ?? 0;
  const count = (total / maxNrAccesses) * (weightUs / 1e6);
  const room = reserveCount(laid, count, startUs);
  if (room === 'refuse') return;
  if (room === 'restart') {
    clearSums(slots);
    earlier.fill(0n);
  }
  for (let cell = 0; cell < nrCells; cell += 1) {
    const product = products[cell] ?? 0;
    if (product === 0) continue;
    const high = Math.floor(product / 2 ** 32);
    addWeighted(slots, cell, { high, low: product - high * 2 ** 32 }, weightUs);
  }
}

function readHistogram({
  cells,
  bounds,
  slots,
  earlier,
  ...laid
}: LaidHeat): ReturnType<HeatReading['readHistogram']> {
  const unit = US_PER_SECOND * RATIO_SCALE;
  let total = 0n;
  let sum = 0;
  const counts = bounds.map((end, cell) => {
    const heat = (earlier[cell] ?? 0n) + scale(readSum(slots, cell), laid.maxNrAccesses);
    total += heat;
    sum += ((Number(heat) / Number(unit)) * ((cells.starts[cell] ?? 0) + end)) / 2;
    return total / unit;
  });
  const cumulativeCounts = [...counts, total / unit];
  return { bounds, cumulativeCounts, sum, startNs: BigInt(laid.startUs) * 1000n };
}

function computeMinLifeNs(last: LaidHeat | undefined, nowNs: bigint): bigint {
  if (last === undefined || nowNs - last.laidAtNs >= MAX_MIN_LIFE_NS) return MIN_LIFE_NS;
  const doubledNs = last.minLifeNs * 2n;
  return doubledNs < MAX_MIN_LIFE_NS ? doubledNs : MAX_MIN_LIFE_NS;
}

function createLaidHeat(
  cells: AddressCells,
  maxNrAccesses: number,
  { startUs }: Span,
): Omit<LaidHeat, 'laidAtNs' | 'minLifeNs'> {
  const slots = createExactSums(cells.ends.length);
  const earlier = Array.from(cells.ends, () => 0n);
  return { cells, bounds: [...cells.ends], slots, earlier, maxNrAccesses, startUs, roughCount: 0 };
}

export function createAddressHeat(nrCells: number): AddressHeat {
  const products = new Float64Array(nrCells);
  let laid: LaidHeat | undefined;
  let checkedAtNs = 0n;

  /** The ranges to lay cells on anew; undefined while those there are do. */
  const findNewRanges = ({ endNs, regions }: Snapshot): readonly Range[] | undefined => {
    if (laid === undefined) return listRanges(regions);
    const isDue =
      endNs - laid.laidAtNs >= laid.minLifeNs && endNs - checkedAtNs >= CHECK_INTERVAL_NS;
    if (!isDue) return undefined;
    checkedAtNs = endNs;
    const ranges = listRanges(regions);
    return isFitting(laid.cells, ranges) ? undefined : ranges;
  };

  return {
    add: (snapshot, maxNrAccesses, span) => {
      const ranges = findNewRanges(snapshot);
      const cells = ranges && layCells(ranges, nrCells);
      if (cells !== undefined) {
        const laidAtNs = snapshot.endNs;
        const minLifeNs = computeMinLifeNs(laid, laidAtNs);
        laid = { ...createLaidHeat(cells, maxNrAccesses, span), laidAtNs, minLifeNs };
      }
      if (laid === undefined) return;
      if (laid.maxNrAccesses !== maxNrAccesses) changeSamples(laid, maxNrAccesses);
      products.fill(0);
      addProducts(products, laid.cells, snapshot.regions, maxNrAccesses);
      addToCells(laid, products, span);
    },
    read: () => {
      const now = laid;
      return now && { cells: now.cells, readHistogram: () => readHistogram(now) };
    },
  };
}
