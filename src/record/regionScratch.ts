import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../base/uint64Halves.ts';
import { createRegionColumns } from '../damon/snapshot.ts';
import type { RecordedRegions } from './recording.ts';

/** A snapshot that announces or brings more is damaged: DAMON's default maximum is 1,000. */
export const MAX_SNAPSHOT_REGIONS: number = 1 << 22;
/** The kernel has at most this many probes; each costs a column. */
export const MAX_PROBES = 8;

const UINT32_RANGE = 2 ** 32;
const FIRST_CAPACITY = 1024;

/**
 * Columns that grow while the regions of a snapshot are read; reused from one to the next. Readers
 * write at index `count` and then count it.
 */
export class RegionScratch {
  count = 0;
  /** Low and high 32 bits in the machine's order, as pairs. */
  startHalves: Uint32Array<ArrayBuffer>;
  endHalves: Uint32Array<ArrayBuffer>;
  nrAccesses: Uint32Array<ArrayBuffer>;
  ageIntervals: Uint32Array<ArrayBuffer>;
  filterPassedHalves: Uint32Array<ArrayBuffer>;
  probeHits: Uint8Array[] = [];
  nrWithAge = 0;
  nrWithFilterPassed = 0;
  hasFilterPassedBytes = false;
  #capacity: number;

  constructor(capacity: number = FIRST_CAPACITY) {
    this.#capacity = capacity;
    this.startHalves = new Uint32Array(2 * capacity);
    this.endHalves = new Uint32Array(2 * capacity);
    this.nrAccesses = new Uint32Array(capacity);
    this.ageIntervals = new Uint32Array(capacity);
    this.filterPassedHalves = new Uint32Array(2 * capacity);
  }

  clear(): void {
    this.count = 0;
    this.probeHits = [];
    this.nrWithAge = 0;
    this.nrWithFilterPassed = 0;
    this.hasFilterPassedBytes = false;
  }

  /** Room for one more at index `count`. @throws RangeError when there are too many. */
  reserve(): void {
    if (this.count < this.#capacity) return;
    if (this.count >= MAX_SNAPSHOT_REGIONS) {
      throw new RangeError(`a snapshot of more than ${MAX_SNAPSHOT_REGIONS} regions`);
    }
    this.#capacity *= 2;
    this.startHalves = grow(this.startHalves);
    this.endHalves = grow(this.endHalves);
    this.nrAccesses = grow(this.nrAccesses);
    this.ageIntervals = grow(this.ageIntervals);
    this.filterPassedHalves = grow(this.filterPassedHalves);
    this.probeHits = this.probeHits.map((column) => {
      const grown = new Uint8Array(this.#capacity);
      grown.set(column);
      return grown;
    });
  }

  /** For values below 2^53. */
  setAddresses(startAddr: number, endAddr: number): void {
    const at = 2 * this.count;
    this.startHalves[at + LOW_HALF] = startAddr;
    this.startHalves[at + HIGH_HALF] = startAddr / UINT32_RANGE;
    this.endHalves[at + LOW_HALF] = endAddr;
    this.endHalves[at + HIGH_HALF] = endAddr / UINT32_RANGE;
  }

  setHalves(startLow: number, startHigh: number, endLow: number, endHigh: number): void {
    const at = 2 * this.count;
    this.startHalves[at + LOW_HALF] = startLow;
    this.startHalves[at + HIGH_HALF] = startHigh;
    this.endHalves[at + LOW_HALF] = endLow;
    this.endHalves[at + HIGH_HALF] = endHigh;
  }

  /** For any 64-bit value. */
  setWideAddresses(startAddr: bigint, endAddr: bigint): void {
    const at = 2 * this.count;
    setWide(this.startHalves, at, startAddr);
    setWide(this.endHalves, at, endAddr);
  }

  setAge(ageIntervals: number): void {
    this.ageIntervals[this.count] = ageIntervals;
    this.nrWithAge += 1;
  }

  setFilterPassedBytes(bytes: bigint): void {
    setWide(this.filterPassedHalves, 2 * this.count, bytes);
    this.nrWithFilterPassed += 1;
    if (bytes !== 0n) this.hasFilterPassedBytes = true;
  }

  /** @throws RangeError when it is not one of the first eight probes. */
  setProbeHits(probe: number, hits: number, index: number = this.count): void {
    if (probe >= MAX_PROBES) throw new RangeError(`more than ${MAX_PROBES} probes`);
    while (this.probeHits.length <= probe) this.probeHits.push(new Uint8Array(this.#capacity));
    const column = this.probeHits[probe];
    if (column !== undefined) column[index] = Math.min(hits, 255);
  }

  addNothingPassed(): void {
    const at = 2 * this.count;
    this.filterPassedHalves[at] = 0;
    this.filterPassedHalves[at + 1] = 0;
    this.nrWithFilterPassed += 1;
  }

  /** A copy of what was read, of exactly its size. */
  copy(hasFilters: boolean): RecordedRegions {
    const { count } = this;
    const columns = createRegionColumns(count);
    viewUint64Halves(columns.startAddr).set(this.startHalves.subarray(0, 2 * count));
    viewUint64Halves(columns.endAddr).set(this.endHalves.subarray(0, 2 * count));
    columns.nrAccesses.set(this.nrAccesses.subarray(0, count));
    const hasAges = count > 0 && this.nrWithAge === count;
    if (hasAges) columns.ageIntervals.set(this.ageIntervals.subarray(0, count));
    const isPassedRecorded =
      this.nrWithFilterPassed === count && count > 0 && (hasFilters || this.hasFilterPassedBytes);
    return {
      ...columns,
      count,
      hasAges,
      probeHits: this.probeHits.map((column) => column.slice(0, count)),
      filterPassedBytes: isPassedRecorded
        ? new BigUint64Array(this.filterPassedHalves.slice(0, 2 * count).buffer)
        : undefined,
    };
  }
}

function grow(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * column.length);
  grown.set(column);
  return grown;
}

function setWide(halves: Uint32Array, at: number, value: bigint): void {
  halves[at + LOW_HALF] = Number(value & 0xffff_ffffn);
  halves[at + HIGH_HALF] = Number(value >> 32n);
}
