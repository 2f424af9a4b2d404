import { readlinkSync } from 'node:fs';
import { systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { MachineKdamond, MachineReading } from '../../collect/machine.ts';
import type { KdamondOwner, Snapshot } from '../../damon/snapshot.ts';
import { createNodeKernelFs } from '../../kernel/nodeFs.ts';
import type { RecordedIntervals } from '../../record/recording.ts';
import { createRecordSink } from '../../record/rolling/recordSink.ts';
import type { RecordSink } from '../../record/rolling/recordSink.ts';
import { createRollingWriter } from '../../record/rolling/rollingWriter.ts';
import type { LockHolder } from '../../record/rolling/writerLock.ts';
import { createSnapshotConverter } from '../../record/snapshotConverter.ts';
import type { TargetDescription } from '../../record/snapshotConverter.ts';
import { isSameProcess, readBootId, readOwnIdentity } from '../kernelAccess.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import type { RecordSettings } from './settings.ts';

/** The record of a run of `serve`. */
export interface ServeRecording {
  readonly sink: RecordSink;
  /** To be called with each reading of the machine: it tells names and intervals of targets. */
  noteMachine(machine: MachineReading): void;
}

/**
 * What modules ask of the kernel but no file tells. They monitor physical memory, which has nothing
 * to update. Source: mm/damon/stat.c, reclaim.c, lru_sort.c.
 */
const MODULE_UPDATE_INTERVAL_US: Partial<Record<KdamondOwner, number>> = {
  damon_stat: 60_000_000,
  damon_reclaim: 0,
  damon_lru_sort: 0,
};

function findIntervals(
  { kdamond, contextIndex, sampleIntervalUs, aggrIntervalUs }: Snapshot,
  machine: MachineKdamond | undefined,
): RecordedIntervals | undefined {
  const configured = machine?.state?.contexts[contextIndex]?.intervals;
  if (configured !== undefined) {
    const { goal } = configured;
    return { ...configured, goal: goal?.accessBp === 0 ? undefined : goal };
  }
  const updateIntervalUs = MODULE_UPDATE_INTERVAL_US[kdamond.owner];
  const isKnown =
    updateIntervalUs !== undefined &&
    sampleIntervalUs !== undefined &&
    aggrIntervalUs !== undefined;
  return isKnown
    ? { sampleIntervalUs, aggrIntervalUs, updateIntervalUs, goal: undefined }
    : undefined;
}

function describeTarget(
  snapshot: Snapshot,
  machine: MachineKdamond | undefined,
): TargetDescription {
  return {
    targetName: machine?.processes.get(snapshot.target)?.command,
    intervals: findIntervals(snapshot, machine),
  };
}

function readPidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch (error) {
    // Kernels without namespaces have one of them.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return 'none';
  }
}

/** Of this process as its own /proc shows it, whatever kernel is observed. */
function identifySelf(): {
  readonly self: LockHolder;
  readonly isAlive: (h: LockHolder) => boolean;
} {
  const roots = { sys: undefined, proc: '/proc', trace: undefined, boot: undefined };
  const fs = createNodeKernelFs(roots);
  return {
    self: { ...readOwnIdentity(fs), bootId: readBootId(fs), pidNamespace: readPidNamespace() },
    isAlive: (holder) => isSameProcess(fs, holder),
  };
}

/**
 * Begins to record.
 *
 * @throws RecordError when another process records there, or nothing can be written there.
 */
export async function startRecording(
  settings: RecordSettings,
  kernel: KernelAccess,
  logger: Logger,
): Promise<ServeRecording> {
  const kdamonds = new Map<string, MachineKdamond>();
  const writer = await createRollingWriter(settings.path, {
    ...settings,
    ...identifySelf(),
    recordClock: kernel.clock,
    hostClock: systemClock,
    clockId: readBootId(kernel.fs).replaceAll('-', ''),
    logger,
  });
  logger.info('recording', { path: writer.base });
  const convert = createSnapshotConverter((snapshot) =>
    describeTarget(snapshot, kdamonds.get(snapshot.kdamond.label)),
  );
  return {
    sink: createRecordSink({ writer, convert }),
    noteMachine: (machine) => {
      kdamonds.clear();
      for (const kdamond of machine.kdamonds) kdamonds.set(kdamond.ref.label, kdamond);
    },
  };
}
