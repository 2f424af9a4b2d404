/**
 * Regions as columns: one entry per region, ascending by address within one target. Only the maker
 * of a snapshot writes to them; everybody else treats them as readonly.
 */
export interface RegionColumns {
  /** How many entries are valid; the arrays may be longer. */
  readonly count: number;
  /** First byte of each region. */
  readonly startAddr: BigUint64Array;
  /** First byte after each region. */
  readonly endAddr: BigUint64Array;
  /** Samples with an access in the aggregation interval. At most aggregation / sampling interval. */
  readonly nrAccesses: Uint32Array;
  /** Aggregation intervals the pattern has lasted. */
  readonly ageIntervals: Uint32Array;
  /**
   * Samples in the aggregation interval that hit memory of each data attribute probe's kind: one
   * column per probe. Absent without probes, and where any of the hits are not known. Since 7.2.
   */
  readonly probeHits?: readonly Uint8Array[];
}

/** Who started a kdamond. `own` = this exporter, `sysfs` = anybody else through sysfs. */
export type KdamondOwner =
  'own' | 'sysfs' | 'damon_stat' | 'damon_reclaim' | 'damon_lru_sort' | 'unknown';

/** Where a snapshot belongs. The label is stable: a sysfs index ("0"), a module's name, never a pid. */
export interface KdamondRef {
  readonly label: string;
  readonly owner: KdamondOwner;
  readonly pid: number | undefined;
}

/** One aggregation of one target: whole, never changed after it was made. */
export interface Snapshot {
  readonly kdamond: KdamondRef;
  /** Index of the context in its kdamond; kernels up to 7.2 have exactly one. */
  readonly contextIndex: number;
  /** Index of the target as decimal text; the full number on kernels that print a pointer. */
  readonly target: string;
  /** When the aggregation began; equals the previous end unless one was missed. CLOCK_MONOTONIC. */
  readonly startNs: bigint;
  /** When the kernel reported it. CLOCK_MONOTONIC. */
  readonly endNs: bigint;
  /** Undefined where no source tells it (a foreign kdamond whose sysfs files cannot be read). */
  readonly sampleIntervalUs: number | undefined;
  /** As configured or tuned; measured from the spacing of snapshots where no source tells it. */
  readonly aggrIntervalUs: number | undefined;
  readonly regions: RegionColumns;
}

/**
 * Makes columns with room for `capacity` regions; the maker fills them and sets `count`. They share
 * one buffer, which halves the cost of a snapshot: a view of a column must take its `byteOffset`.
 */
export function createRegionColumns(capacity: number): {
  -readonly [K in keyof RegionColumns]: RegionColumns[K];
} {
  const buffer = new ArrayBuffer(24 * capacity);
  return {
    count: 0,
    startAddr: new BigUint64Array(buffer, 0, capacity),
    endAddr: new BigUint64Array(buffer, 8 * capacity, capacity),
    nrAccesses: new Uint32Array(buffer, 16 * capacity, capacity),
    ageIntervals: new Uint32Array(buffer, 20 * capacity, capacity),
  };
}
