import type { RecordedRegions, RecordedSnapshot } from '../../record/recording.ts';
import type { WssOptions } from './wssOptions.ts';

export interface MeasuredWindow {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly bytes: number;
}

/** Snapshots that are measured together, because the work time spans several. */
export interface WorkWindow {
  readonly isEmpty: boolean;
  /**
   * Gives the measurement when the window is full; the next snapshot begins a new one. Copies what it
   * keeps.
   */
  add(snapshot: RecordedSnapshot): MeasuredWindow | undefined;
}

/** Accesses by address: `counts[i]` was found from `bounds[i]` up to `bounds[i + 1]`. */
interface AccessProfile {
  readonly bounds: BigUint64Array;
  readonly counts: Float64Array;
}

type RegionAccesses = Pick<RecordedRegions, 'count' | 'startAddr' | 'endAddr' | 'nrAccesses'>;

function copyAccesses({ count, startAddr, endAddr, nrAccesses }: RecordedRegions): RegionAccesses {
  return {
    count,
    startAddr: startAddr.slice(0, count),
    endAddr: endAddr.slice(0, count),
    nrAccesses: nrAccesses.slice(0, count),
  };
}

const NO_ACCESSES: AccessProfile = { bounds: new BigUint64Array(0), counts: new Float64Array(0) };

function collectBounds(profile: AccessProfile, all: readonly RegionAccesses[]): BigUint64Array {
  const nrRegions = all.reduce((sum, { count }) => sum + count, 0);
  const bounds = new BigUint64Array(profile.bounds.length + 2 * nrRegions);
  bounds.set(profile.bounds);
  let at = profile.bounds.length;
  for (const { count, startAddr, endAddr } of all) {
    bounds.set(startAddr.subarray(0, count), at);
    bounds.set(endAddr.subarray(0, count), at + count);
    at += 2 * count;
  }
  bounds.sort();
  let length = 0;
  for (const bound of bounds) {
    if (length === 0 || bounds[length - 1] !== bound) bounds[length++] = bound;
  }
  return bounds.slice(0, length);
}

/** Index of an address that is among the bounds. */
function findBound(bounds: BigUint64Array, addr: bigint): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? 0n) < addr) low = middle + 1;
    else high = middle;
  }
  return low;
}

function addDifference(
  changes: Float64Array,
  bounds: BigUint64Array,
  span: { readonly startAddr: bigint; readonly endAddr: bigint; readonly count: number },
): void {
  if (span.count === 0 || span.startAddr >= span.endAddr) return;
  const start = findBound(bounds, span.startAddr);
  const end = findBound(bounds, span.endAddr);
  changes[start] = (changes[start] ?? 0) + span.count;
  changes[end] = (changes[end] ?? 0) - span.count;
}

/** Adds snapshots to a profile, each address by itself: n log n in the number of regions. */
function addToProfile(
  profile: AccessProfile,
  all: readonly RegionAccesses[],
  { accessThreshold }: WssOptions,
): AccessProfile {
  const bounds = collectBounds(profile, all);
  const counts = new Float64Array(bounds.length);
  for (const [index, count] of profile.counts.entries()) {
    const [startAddr = 0n, endAddr = 0n] = profile.bounds.subarray(index, index + 2);
    addDifference(counts, bounds, { startAddr, endAddr, count });
  }
  for (const regions of all) {
    for (let index = 0; index < regions.count; index++) {
      addDifference(counts, bounds, {
        startAddr: regions.startAddr[index] ?? 0n,
        endAddr: regions.endAddr[index] ?? 0n,
        // Without a threshold, all that was monitored counts, but not the gaps.
        count: accessThreshold < 1 ? 1 : (regions.nrAccesses[index] ?? 0),
      });
    }
  }
  for (let index = 1; index < counts.length; index++) {
    counts[index] = (counts[index] ?? 0) + (counts[index - 1] ?? 0);
  }
  return { bounds, counts };
}

/** Bytes of the runs in which every address has accesses enough, if the run is long enough. */
function measureProfile({ bounds, counts }: AccessProfile, options: WssOptions): number {
  let bytes = 0n;
  let runStart: bigint | undefined;
  for (let index = 0; index < bounds.length; index++) {
    const bound = bounds[index] ?? 0n;
    const isAccessed =
      index + 1 < bounds.length && (counts[index] ?? 0) >= Math.max(options.accessThreshold, 1);
    if (isAccessed) runStart ??= bound;
    if (isAccessed || runStart === undefined) continue;
    if (bound - runStart >= options.sizeThreshold) bytes += bound - runStart;
    runStart = undefined;
  }
  return Number(bytes);
}

/** Regions kept until they are added to the profile: bounds the memory of a long window. */
const MAX_PENDING_REGIONS = 1 << 20;

export function createWorkWindow(options: WssOptions): WorkWindow {
  let startNs: bigint | undefined;
  let pending: RegionAccesses[] = [];
  let nrPending = 0;
  let profile = NO_ACCESSES;

  const settle = (): void => {
    profile = addToProfile(profile, pending, options);
    pending = [];
    nrPending = 0;
  };

  return {
    get isEmpty() {
      return startNs === undefined;
    },
    add: (snapshot) => {
      startNs ??= snapshot.startNs;
      pending.push(copyAccesses(snapshot.regions));
      nrPending += snapshot.regions.count;
      const isFull = snapshot.endNs - startNs >= options.workTimeNs;
      if (isFull || nrPending > MAX_PENDING_REGIONS) settle();
      if (!isFull) return undefined;
      const measured = {
        startNs,
        endNs: snapshot.endNs,
        bytes: measureProfile(profile, options),
      };
      startNs = undefined;
      profile = NO_ACCESSES;
      return measured;
    },
  };
}
