import type { RegionColumns } from '../damon/snapshot.ts';

/**
 * What every record format comes down to: streams of snapshots. Readers give it, writers and
 * reports take it; nothing else crosses between them.
 */

/** What snapshots of one stream have in common. One object per stream: identity tells streams apart. */
export interface RecordedStream {
  /** Sysfs index as decimal text, or a module's name; undefined where the format does not tell. */
  readonly kdamond: string | undefined;
  readonly contextIndex: number | undefined;
  /** Set for snapshots made through a scheme's tried regions. */
  readonly schemeIndex: number | undefined;
  /** Decimal text of up to 64 bits: an index, or a kernel pointer on old kernels. */
  readonly targetId: string | undefined;
  /** Command name of the target, where it was recorded. */
  readonly targetName: string | undefined;
  readonly intervals: RecordedIntervals | undefined;
  readonly schemeFilters: readonly RecordedFilter[];
  /** `unknown`, `damon_stat`, …; undefined where the format does not tell. */
  readonly dataSource: string | undefined;
}

export interface RecordedIntervals {
  readonly sampleIntervalUs: number;
  readonly aggrIntervalUs: number;
  readonly updateIntervalUs: number;
  /** Undefined when the format had none, or an empty one. */
  readonly goal: RecordedIntervalsGoal | undefined;
}

export interface RecordedIntervalsGoal {
  /** 1/10,000; may be fractional in damo's files. */
  readonly accessBp: number;
  readonly aggrs: number;
  readonly minSampleIntervalUs: number;
  readonly maxSampleIntervalUs: number;
}

export interface RecordedFilter {
  readonly type: string;
  readonly isMatching: boolean;
  readonly isAllowing: boolean;
  readonly memcgPath: string | undefined;
  readonly addrRange: { readonly startAddr: bigint; readonly endAddr: bigint } | undefined;
  readonly targetIndex: number | undefined;
  readonly hugepageSizeBytes: { readonly min: bigint; readonly max: bigint } | undefined;
}

/**
 * Regions as recorded. `ageIntervals` means nothing where `hasAges` is false. They ascend, except
 * where damo put several targets into one snapshot (`targetId` undefined): those may even overlap.
 */
export interface RecordedRegions extends RegionColumns {
  readonly hasAges: boolean;
  /** One column per probe (7.2); empty without probes. */
  readonly probeHits: readonly Uint8Array[];
  /** Bytes that passed the scheme's operations filters; undefined where not recorded. */
  readonly filterPassedBytes: BigUint64Array | undefined;
  /**
   * Which regions, besides the first, do not begin where the one before them ends; undefined where
   * nobody has looked.
   */
  readonly runStarts?: readonly number[] | undefined;
}

/** One aggregation of one stream. Snapshots of a stream come in ascending time. */
export interface RecordedSnapshot {
  readonly stream: RecordedStream;
  /** Nanoseconds of the record's clock: CLOCK_MONOTONIC, perf's clock, or since 1970. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly regions: RecordedRegions;
  /** As tuned at this snapshot; undefined: as in the stream's intervals. */
  readonly sampleIntervalUs: number | undefined;
  readonly totalBytes: bigint | undefined;
  readonly schemeStats: RecordedSchemeStats | undefined;
}

/** Cumulative counters of the scheme at the moment of the snapshot. */
export interface RecordedSchemeStats {
  readonly triedRegions: bigint;
  readonly triedBytes: bigint;
  readonly appliedRegions: bigint;
  readonly appliedBytes: bigint;
  readonly opsFilterPassedBytes: bigint;
  readonly quotaExceeds: bigint;
  readonly nrSnapshots: bigint;
  readonly maxNrSnapshots: bigint;
}

/** Times are signed 64-bit numbers: 292 years from whatever they count from. */
export const MAX_TIME_NS: bigint = 2n ** 63n - 1n;

/** What was wrong with a record that could still be read in part. */
export interface RecordDamage {
  readonly byteOffset: number;
  /** What was found and what was expected there, and what was left out because of it. */
  readonly message: string;
}

/** Relation of the record's clock to the time of day, where the format tells it. */
export interface ClockBase {
  readonly recordNs: bigint;
  readonly wallMs: number;
}

/** Limits of reading: a reader may use an index to skip what lies outside. Half-open, record clock. */
export interface ReadRange {
  readonly startNs: bigint | undefined;
  readonly endNs: bigint | undefined;
}

/** What the borrower of snapshots looks at. */
export interface LendOptions {
  /** False: ages may be left out, as if they were not recorded. */
  readonly withAges: boolean;
}

/** An open record of any format. */
export interface RecordReader {
  /** `damon-exporter`, `json`, `json_compressed`, `perf_script`, `binary`, … for people. */
  readonly format: string;
  /** Undefined where the format does not tell; known once reading has begun. */
  readonly clockBase: ClockBase | undefined;
  /** Found so far; complete after the last batch. */
  readonly damages: readonly RecordDamage[];
  /**
   * The snapshots in the order of the file, in batches; each call reads from the beginning. Memory
   * is bounded by one batch. The consumer may keep snapshots: they are never written to again.
   *
   * @throws RecordError when nothing at all can be read, or what is read makes no sense.
   */
  readSnapshots(range?: ReadRange): AsyncIterable<readonly RecordedSnapshot[]>;
  /**
   * The same, but each snapshot means something only until the next one is asked for: its columns
   * are written again. There where that is faster; else the snapshots of `readSnapshots` will do.
   */
  lendSnapshots?(
    range: ReadRange | undefined,
    options: LendOptions,
  ): AsyncIterable<Iterable<RecordedSnapshot>>;
  /**
   * Lends the first snapshots and the last ones, where they can be found without reading what is
   * between; else nothing. Enough to guess what the record is of.
   */
  lendEnds?(options: LendOptions): AsyncIterable<Iterable<RecordedSnapshot>>;
  close(): Promise<void>;
}

/** Takes snapshots one by one and makes a file of them. */
export interface RecordWriter {
  /** @throws RecordError when it could not be written (disk full, …). */
  write(snapshot: RecordedSnapshot): Promise<void>;
  /** Ends the file: whole and on disk when this resolves. */
  close(): Promise<void>;
}
