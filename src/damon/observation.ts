import type { DamonModuleState, DamonStatState, KdamondState } from './kdamond.ts';
import type { KdamondRef, Snapshot } from './snapshot.ts';
import type { MachineMemory } from './watermarks.ts';

/** What the collector knows at one moment: the only input of metrics and pages. Never changed. */
export interface Observation {
  /** CLOCK_MONOTONIC of the observed kernel. */
  readonly takenAtNs: bigint;
  readonly kernelRelease: string | undefined;
  readonly kdamonds: readonly KdamondObservation[];
  readonly damonStat: DamonStatState | undefined;
  readonly modules: readonly DamonModuleState[];
  /** Undefined where it cannot be read. */
  readonly memory: MachineMemory | undefined;
  readonly collector: CollectorHealth;
}

export interface KdamondObservation {
  readonly ref: KdamondRef;
  readonly isRunning: boolean;
  /** User plus system time of the kernel thread. */
  readonly cpuSeconds: number | undefined;
  /** What sysfs says; undefined for kdamonds of modules and where sysfs cannot be read. */
  readonly state: KdamondState | undefined;
  /** In force now: from the newest snapshot, else as configured. */
  readonly intervals: KnownIntervals;
  readonly targets: readonly TargetObservation[];
}

/** A context's intervals as far as they are known. */
export interface KnownIntervals {
  readonly sampleIntervalUs: number | undefined;
  readonly aggrIntervalUs: number | undefined;
}

export interface TargetObservation {
  readonly target: string;
  /** Command name of the monitored process; undefined for physical memory. */
  readonly command: string | undefined;
  readonly latest: Snapshot;
}

export const SOURCE_NAMES = ['trace', 'sysfs', 'damon_stat'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** How collecting itself fares. Counters are since the exporter started. */
export interface CollectorHealth {
  /** Undefined while no source is usable. */
  readonly activeSource: SourceName | undefined;
  /** Nobody asked for a while: the source is closed until somebody does. */
  readonly isIdle: boolean;
  /** Why each source that was tried is not in use, as a sentence for people. */
  readonly sourceProblems: ReadonlyMap<SourceName, string>;
  readonly parts: readonly PartHealth[];
  readonly snapshots: number;
  /** Trace events the kernel overwrote before they were read. */
  readonly lostEvents: number;
  /** Snapshots thrown away because a part of them was lost. */
  readonly spoiledSnapshots: number;
  /** Writes and reads repeated because the kernel answered EBUSY. */
  readonly busyRetries: number;
}

/** One part of the collecting: a source, sysfs state, modules, processes. */
export interface PartHealth {
  readonly part: string;
  readonly wasSuccessful: boolean;
  readonly durationSeconds: number;
  /** Undefined when the last round was good. */
  readonly problem: string | undefined;
}

/** How far the kernel does what the configuration file says. */
export interface ConfigHealth {
  readonly isLastReloadGood: boolean;
  /** Milliseconds since 1970; undefined before the first. */
  readonly lastReloadSuccessMs: number | undefined;
  readonly kdamonds: readonly ConfiguredKdamondHealth[];
}

/** Whether the web configuration in force is that of its file. */
export interface WebConfigHealth {
  readonly isLastReloadGood: boolean;
  /** Milliseconds since 1970. */
  readonly lastReloadSuccessMs: number;
}

export interface ConfiguredKdamondHealth {
  readonly name: string;
  /** As in all metrics: its index below `kdamonds/`. */
  readonly kdamond: string;
  /** It runs, and is told what is configured and nothing else. */
  readonly isInForce: boolean;
  /** There is nothing to monitor yet. */
  readonly isWaiting: boolean;
  /** Settings that somebody else has changed. */
  readonly nrDriftedSettings: number;
}

/** How recording fares. Counts are since the exporter started. */
export interface RecordHealth {
  /** False from an error on until recording goes on. */
  readonly isRecording: boolean;
  /** Of all segments, those of earlier runs too. */
  readonly sizeBytes: number;
  readonly nrSegments: number;
  /** Since something was last written; undefined before. */
  readonly flushAgeSeconds: number | undefined;
  readonly droppedSnapshots: number;
  readonly errors: number;
}
