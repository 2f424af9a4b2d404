/** What the workloads do while they are recorded, for those who look at the records outside. */

/**
 * Step i is hot during period i. Until the first begins DAMON has found the mapping, one update
 * interval (1 s) after it was made at the latest, and has split it. A stair is long enough for most
 * of its snapshots to be of regions that have settled, on a busy machine, too.
 */
export const STAIRCASE = {
  record: 'staircase',
  nrSteps: 3,
  stepMib: 16,
  stepMs: 2700,
  rounds: 1,
  leadMs: 1800,
} as const;

/** The first part is hot all the time. */
export const HOT = { record: 'hot', hotMib: 32, totalMib: 128, seconds: 10 } as const;

/** Of physical memory, and of a process that has nothing there, in bytes. */
export const REGIONS = {
  record: 'regions',
  startAddr: 0x1000_0000,
  endAddr: 0x2000_0000,
} as const;
