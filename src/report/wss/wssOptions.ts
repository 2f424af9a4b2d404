/** What counts as working set, and over which time it is measured. */
export interface WssOptions {
  /** Snapshots left out at the beginning of each stream, while regions still settle. */
  readonly excludeSamples: number;
  /** Accesses a region needs to count. */
  readonly accessThreshold: number;
  /** Bytes a region needs to count. */
  readonly sizeThreshold: bigint;
  /** Accesses are added up over this time; up to one snapshot's length, each counts by itself. */
  readonly workTimeNs: bigint;
}
