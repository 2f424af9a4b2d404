import type {
  ConfigHealth,
  Observation,
  RecordHealth,
  WebConfigHealth,
} from '../damon/observation.ts';
import type { Accumulators } from './accumulators.ts';
import type { CounterCarrier } from './counterCarrier.ts';
import type { WatermarkTracker } from './watermarkTracker.ts';

export interface BuildInfo {
  readonly version: string;
  /** Commit the program was built from; undefined in a working copy. */
  readonly revision: string | undefined;
  readonly nodeVersion: string;
}

/** What the exporter itself uses. */
export interface ProcessStats {
  readonly cpuSeconds: number;
  /** Undefined where it cannot be read. */
  readonly residentBytes: number | undefined;
  /** Seconds since 1970. */
  readonly startTimeSeconds: number;
  /** Undefined where /proc cannot be read. */
  readonly openFds: number | undefined;
}

export interface MetricsSettings {
  /** Accesses from which on a region belongs to the working set. */
  readonly wssThresholdSamples: number;
  /** Idle times for which cold bytes are told, ascending. */
  readonly coldIdleUs: readonly number[];
  /** Most series one family may have in one exposition; the rest is dropped and counted. */
  readonly maxSeriesPerFamily: number;
}

/** How pushing to an OpenTelemetry collector fares, since the exporter started. */
export interface OtlpHealth {
  readonly successes: number;
  /** Pushes given up after all retries. */
  readonly failures: number;
  /** Since the last success; undefined before the first. */
  readonly successAgeSeconds: number | undefined;
}

export type DropReason = 'limit' | 'duplicate';

export interface DroppedSeries {
  readonly family: string;
  readonly reason: DropReason;
  /** Since the exporter started. */
  readonly count: number;
}

/** Everything the values of the family table are computed from, at one moment. */
export interface MetricsInput {
  /** Undefined until the collector has gone round once. */
  readonly observation: Observation | undefined;
  /** Now, in the clock that stamped the snapshots. */
  readonly nowNs: bigint;
  readonly settings: MetricsSettings;
  readonly build: BuildInfo;
  readonly process: ProcessStats;
  /** Undefined when there is no configuration file. */
  readonly config: ConfigHealth | undefined;
  /** Undefined when there is no web configuration. */
  readonly web: WebConfigHealth | undefined;
  /** Undefined when nothing is to be recorded. */
  readonly record: RecordHealth | undefined;
  /** Undefined when nothing is pushed. */
  readonly otlp: OtlpHealth | undefined;
  readonly counters: Pick<CounterCarrier, 'totals'>;
  readonly watermarks: Pick<WatermarkTracker, 'isActive'>;
  readonly accumulators: Omit<Accumulators, 'add'>;
  readonly droppedSeries: Iterable<DroppedSeries>;
}
