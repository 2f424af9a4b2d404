import type { KdamondState, SchemeState, SchemeStats } from '../../src/damon/kdamond.ts';
import type {
  CollectorHealth,
  KdamondObservation,
  Observation,
} from '../../src/damon/observation.ts';
import { createRegionColumns } from '../../src/damon/snapshot.ts';
import type { KdamondRef, RegionColumns, Snapshot } from '../../src/damon/snapshot.ts';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';

/** start, end, nr_accesses, age in aggregation intervals */
export type RegionRow = readonly [
  startAddr: bigint,
  endAddr: bigint,
  nrAccesses: number,
  ageIntervals: number,
];

export const MIB: bigint = 1n << 20n;

export function makeRegions(rows: readonly RegionRow[]): RegionColumns {
  const columns = createRegionColumns(rows.length);
  rows.forEach(([startAddr, endAddr, nrAccesses, ageIntervals], index) => {
    columns.startAddr[index] = startAddr;
    columns.endAddr[index] = endAddr;
    columns.nrAccesses[index] = nrAccesses;
    columns.ageIntervals[index] = ageIntervals;
  });
  columns.count = rows.length;
  return columns;
}

export const OWN_KDAMOND: KdamondRef = { label: '0', owner: 'own', pid: 101 };

/** One aggregation of 100 ms that ended 10 s after boot, unless told otherwise. */
export function makeSnapshot(
  rows: readonly RegionRow[],
  changes: Partial<Omit<Snapshot, 'regions'>> = {},
): Snapshot {
  return {
    kdamond: OWN_KDAMOND,
    contextIndex: 0,
    target: '0',
    startNs: 9_900_000_000n,
    endNs: 10_000_000_000n,
    sampleIntervalUs: 5000,
    aggrIntervalUs: 100_000,
    regions: makeRegions(rows),
    ...changes,
  };
}

export const NO_STATS: SchemeStats = {
  triedRegions: 0n,
  triedBytes: 0n,
  appliedRegions: 0n,
  appliedBytes: 0n,
  quotaExceeds: 0n,
};

export function makeScheme(
  stats: Partial<SchemeStats>,
  changes: Partial<SchemeState> = {},
): SchemeState {
  return { ...CATCH_ALL_STAT, stats: { ...NO_STATS, ...stats }, ...changes };
}

export function makeKdamondState(
  schemes: readonly SchemeState[],
  changes: Partial<KdamondState> = {},
): KdamondState {
  return {
    index: 0,
    isRunning: true,
    pid: 101,
    contexts: [
      {
        operations: 'vaddr',
        addrUnit: 1n,
        intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
        minNrRegions: 10n,
        maxNrRegions: 1000n,
        targets: [],
        schemes,
      },
    ],
    ...changes,
  };
}

export function makeKdamond(changes: Partial<KdamondObservation> = {}): KdamondObservation {
  return {
    ref: OWN_KDAMOND,
    isRunning: true,
    cpuSeconds: 1.25,
    state: makeKdamondState([]),
    intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 },
    targets: [],
    ...changes,
  };
}

const HEALTHY: CollectorHealth = {
  activeSource: 'trace',
  isIdle: false,
  sourceProblems: new Map(),
  parts: [],
  snapshots: 0,
  lostEvents: 0,
  spoiledSnapshots: 0,
  busyRetries: 0,
};

export function makeObservation(
  kdamonds: readonly KdamondObservation[],
  changes: Partial<Omit<Observation, 'collector'>> & { collector?: Partial<CollectorHealth> } = {},
): Observation {
  return {
    takenAtNs: 10_000_000_000n,
    kernelRelease: '7.2.0-test',
    kdamonds,
    damonStat: undefined,
    modules: [],
    memory: undefined,
    ...changes,
    collector: { ...HEALTHY, ...changes.collector },
  };
}
