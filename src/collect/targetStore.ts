import type { TargetObservation } from '../damon/observation.ts';
import type { RegionColumns, Snapshot } from '../damon/snapshot.ts';
import { SnapshotStream, computeIntervals } from './intervals.ts';
import type { MachineKdamond } from './machine.ts';
import type { Aggregation } from './source.ts';

interface TargetEntry {
  readonly stream: SnapshotStream;
  latest: Snapshot | undefined;
}

interface KdamondEntry {
  readonly targets: Map<string, TargetEntry>;
  tunedSampleIntervalUs: number | undefined;
}

/** Targets of one kdamond are bounded by the kernel's memory; a broken source's are not. */
const MAX_TARGETS = 20_000;

/**
 * The newest snapshot of every live target, by kernel thread. Threads and targets are forgotten
 * when the machine says that they are gone, so that their series vanish.
 */
export class TargetStore {
  readonly #kdamonds = new Map<number, KdamondEntry>();

  noteTunedInterval(kdamondPid: number, sampleIntervalUs: number): void {
    this.#kdamond(kdamondPid).tunedSampleIntervalUs = sampleIntervalUs;
  }

  /**
   * Makes the snapshot and keeps it. Undefined for a target whose process is gone (the kernel goes
   * on reporting its regions as long as another target lives) and for one target too many.
   */
  add(aggregation: Aggregation, kdamond: MachineKdamond): Snapshot | undefined {
    if (isProcessGone(kdamond, aggregation.targetId)) return undefined;
    const entry = this.#kdamond(aggregation.kdamondPid);
    let target = entry.targets.get(aggregation.targetId);
    if (target === undefined) {
      if (entry.targets.size >= MAX_TARGETS) return undefined;
      target = { stream: new SnapshotStream(), latest: undefined };
      entry.targets.set(aggregation.targetId, target);
    }
    const intervals = computeIntervals({
      configured: kdamond.configuredIntervals,
      tunedSampleIntervalUs: entry.tunedSampleIntervalUs,
      measuredAggrIntervalUs: aggregation.isSelected
        ? undefined
        : target.stream.measuredAggrIntervalUs,
    });
    const startNs = target.stream.noteEnd(aggregation, intervals.aggrIntervalUs);
    target.latest = {
      kdamond: kdamond.ref,
      contextIndex: 0,
      target: aggregation.targetId,
      startNs,
      endNs: aggregation.endNs,
      ...intervals,
      regions: toBytes(aggregation, kdamond.state?.contexts[0]?.addrUnit ?? 1n),
    };
    return target.latest;
  }

  /** Forgets threads that do not run any more and targets whose process is gone. */
  retain(kdamonds: readonly MachineKdamond[]): void {
    const byPid = new Map(kdamonds.filter((k) => k.isRunning).map((k) => [k.ref.pid, k]));
    for (const [pid, entry] of this.#kdamonds) {
      const kdamond = byPid.get(pid);
      if (kdamond === undefined) {
        this.#kdamonds.delete(pid);
        continue;
      }
      for (const targetId of entry.targets.keys()) {
        if (isProcessGone(kdamond, targetId)) entry.targets.delete(targetId);
      }
    }
  }

  targetsOf(kdamond: MachineKdamond): TargetObservation[] {
    const entry = kdamond.ref.pid === undefined ? undefined : this.#kdamonds.get(kdamond.ref.pid);
    if (!entry || !kdamond.isRunning) return [];
    return [...entry.targets].flatMap(([target, { latest }]) => {
      if (latest === undefined) return [];
      return [{ target, command: kdamond.processes.get(target)?.command, latest }];
    });
  }

  #kdamond(pid: number): KdamondEntry {
    let entry = this.#kdamonds.get(pid);
    if (entry === undefined) {
      entry = { targets: new Map(), tunedSampleIntervalUs: undefined };
      this.#kdamonds.set(pid, entry);
    }
    return entry;
  }
}

function toBytes({ regions, isInAddrUnits }: Aggregation, addrUnit: bigint): RegionColumns {
  if (!isInAddrUnits || addrUnit === 1n) return regions;
  const scale = (addr: bigint): bigint => addr * addrUnit;
  return {
    ...regions,
    startAddr: regions.startAddr.map(scale),
    endAddr: regions.endAddr.map(scale),
  };
}

function isProcessGone(kdamond: MachineKdamond, targetId: string): boolean {
  const process = kdamond.processes.get(targetId);
  return process !== undefined && process.command === undefined;
}
