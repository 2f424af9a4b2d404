import type { DamonModuleState, DamonStatState, KdamondState } from '../damon/kdamond.ts';
import type { KnownIntervals, PartHealth } from '../damon/observation.ts';
import type { KdamondRef } from '../damon/snapshot.ts';
import type { MachineMemory } from '../damon/watermarks.ts';

/** Everything about DAMON on this machine that is not a snapshot, read at one moment. */
export interface MachineReading {
  readonly kernelRelease: string | undefined;
  readonly kdamonds: readonly MachineKdamond[];
  readonly damonStat: DamonStatState | undefined;
  readonly modules: readonly DamonModuleState[];
  /** Undefined where it cannot be read. */
  readonly memory: MachineMemory | undefined;
  /** One entry per part that was read. */
  readonly parts: readonly PartHealth[];
}

export interface MachineKdamond {
  readonly ref: KdamondRef;
  readonly isRunning: boolean;
  readonly cpuSeconds: number | undefined;
  readonly state: KdamondState | undefined;
  /** Staged or parameter values; undefined where nothing tells them. */
  readonly configuredIntervals: ConfiguredIntervals | undefined;
  /** By target id. Empty for physical memory and for kdamonds nobody describes. */
  readonly processes: ReadonlyMap<string, TargetProcess>;
}

export type ConfiguredIntervals = { readonly [K in keyof KnownIntervals]: number };

export interface TargetProcess {
  readonly pid: number;
  /** Undefined once the process is gone. */
  readonly command: string | undefined;
}
