import type { StagedValues } from './stagedValues.ts';

/**
 * What this exporter changed in the kernel, written down before it is changed, so that the next
 * start can undo what a killed exporter left behind.
 */
export interface OwnershipRecord {
  readonly version: 1;
  /** Identity of the boot: after another boot nothing is left to undo. */
  readonly bootId: string;
  readonly exporter: ProcessIdentity;
  /** Left running on purpose, by an exporter that may have ended since. */
  readonly isKept: boolean;
  /** DAMON_STAT was switched off to make room, and is switched on again at the end. */
  readonly hasSwitchedOffDamonStat: boolean;
  /** In the order of their directories; empty until those are made. */
  readonly kdamonds: readonly OwnedKdamondRecord[];
  /** What had been staged, and did not run, before: the writes that put it back, in order. */
  readonly found: readonly FoundWrite[];
  /** What those writes make, kdamond by kdamond: half of it is known again by this. */
  readonly foundStaged?: readonly StagedValues[];
}

export interface OwnedKdamondRecord {
  /** Of the kernel thread; undefined between the intention and the start, and while it waits. */
  readonly pid: number | undefined;
  /**
   * What was to be staged there: tells our kdamond from another one at the same place. Two while a
   * change is under way; none while it waits for something to monitor.
   */
  readonly staged: readonly StagedValues[];
  /** Put back for somebody else, stopped as it was found: one that runs there is not ours. */
  readonly isPutBack?: boolean;
  /** In the order of the kernel, which knows no names; null for one without. */
  readonly schemeNames?: readonly (string | null)[];
  /**
   * The current values of its quota goals as they were told, in the order of the kernel: what is read
   * there may be what somebody feeds.
   */
  readonly goalValues?: readonly string[];
  /** What the kernel was seen to have, by id of the capability: of use to who takes it over. */
  readonly supports?: Readonly<Record<string, string>>;
}

/** Path as KernelFs has it, and value. */
export type FoundWrite = readonly [path: string, value: string];

/** A pid alone may be used again; with the start time it is one process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  readonly startTimeTicks: number;
}

/** Where the record is kept. All methods throw ExporterError. */
export interface OwnershipStore {
  /** Undefined when there is none. */
  read(): OwnershipRecord | undefined;
  /** The first one: false where another process was quicker, or has one there already. */
  create(record: OwnershipRecord): boolean;
  write(record: OwnershipRecord): void;
  remove(): void;
  /** Where it lies, for messages. */
  readonly location: string;
}
