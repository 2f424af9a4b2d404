/** Working set sizes of the last minutes of one target, in order of size at any moment. */
export interface WssWindow {
  /** Takes a size in; what ended a window's length before or earlier goes, and the oldest one too many. */
  add(endNs: bigint, bytes: number, maxSizes: number): void;
  /** Ascending. A view: good until the next `add`. */
  readSizes(): Float64Array;
  /** The same as they came. */
  readSeries(): WssSeries;
}

/** Working set sizes by the end of their aggregation (CLOCK_MONOTONIC), ascending in time. */
export interface WssSeries {
  readonly endNs: BigInt64Array;
  readonly bytes: Float64Array;
}

const MIN_CAPACITY = 32;
/** Dropping more than so many is cheaper by sorting anew. */
const MAX_SINGLE_DROPS = 32;

/** The first index at which an ascending value is not below this one. */
function findPlace(sorted: Float64Array, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Makes an empty window. Sizes are kept twice, by time and by size: a new one is put into its place,
 * so that reading costs nothing. Memory: 24 bytes for each size.
 */
export function createWssWindow(lengthNs: bigint): WssWindow {
  let capacity = 0;
  /** By time, a ring that begins at `first`. */
  let endNs = new BigInt64Array();
  let bytes = new Float64Array();
  let sorted = new Float64Array();
  let first = 0;
  let count = 0;

  const resize = (wanted: number): void => {
    const at = (index: number): number => (first + index) % capacity;
    endNs = BigInt64Array.from({ length: wanted }, (_, i) =>
      i < count ? (endNs[at(i)] ?? 0n) : 0n,
    );
    bytes = Float64Array.from({ length: wanted }, (_, i) => (i < count ? (bytes[at(i)] ?? 0) : 0));
    const resorted = new Float64Array(wanted);
    resorted.set(sorted.subarray(0, count));
    sorted = resorted;
    capacity = wanted;
    first = 0;
  };

  const resort = (): void => {
    for (let index = 0; index < count; index += 1) {
      sorted[index] = bytes[(first + index) % capacity] ?? 0;
    }
    sorted.subarray(0, count).sort();
  };

  /** Drops the oldest ones. */
  const drop = (nrDrops: number): void => {
    for (let nr = 0; nr < nrDrops; nr += 1) {
      if (nrDrops <= MAX_SINGLE_DROPS) {
        const place = findPlace(sorted, count, bytes[first] ?? 0);
        sorted.copyWithin(place, place + 1, count);
      }
      first = (first + 1) % capacity;
      count -= 1;
    }
    if (nrDrops > MAX_SINGLE_DROPS) resort();
  };

  const countDrops = (sinceNs: bigint, maxKept: number): number => {
    let nrDrops = Math.max(count - maxKept, 0);
    while (nrDrops < count && (endNs[(first + nrDrops) % capacity] ?? 0n) <= sinceNs) nrDrops += 1;
    return nrDrops;
  };

  return {
    add: (newEndNs, newBytes, maxSizes) => {
      drop(countDrops(newEndNs - lengthNs, maxSizes - 1));
      if (count === capacity) resize(Math.max(2 * capacity, MIN_CAPACITY));
      else if (capacity > MIN_CAPACITY && count < capacity / 8) resize(capacity / 2);
      const last = (first + count) % capacity;
      endNs[last] = newEndNs;
      bytes[last] = newBytes;
      const place = findPlace(sorted, count, newBytes);
      sorted.copyWithin(place + 1, place, count);
      sorted[place] = newBytes;
      count += 1;
    },
    readSizes: () => sorted.subarray(0, count),
    readSeries: () => ({
      endNs: BigInt64Array.from({ length: count }, (_, i) => endNs[(first + i) % capacity] ?? 0n),
      bytes: Float64Array.from({ length: count }, (_, i) => bytes[(first + i) % capacity] ?? 0),
    }),
  };
}
