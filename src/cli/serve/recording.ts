import { readlinkSync } from 'node:fs';
import { systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { MachineReading } from '../../collect/machine.ts';
import { createNodeKernelFs } from '../../kernel/nodeFs.ts';
import { createRecordSink } from '../../record/rolling/recordSink.ts';
import type { RecordSink } from '../../record/rolling/recordSink.ts';
import { createRollingWriter } from '../../record/rolling/rollingWriter.ts';
import type { LockHolder } from '../../record/rolling/writerLock.ts';
import { createSnapshotConverter } from '../../record/snapshotConverter.ts';
import { createTargetDescriber } from '../collecting/createTargetDescriber.ts';
import { isSameProcess, readBootId, readOwnIdentity } from '../kernelAccess.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import type { RecordSettings } from './settings.ts';

/** The record of a run of `serve`. */
export interface ServeRecording {
  readonly sink: RecordSink;
  /** To be called with each reading of the machine: it tells names and intervals of targets. */
  noteMachine(machine: MachineReading): void;
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
  const { noteMachine, describe } = createTargetDescriber();
  const writer = await createRollingWriter(settings.path, {
    ...settings,
    ...identifySelf(),
    recordClock: kernel.clock,
    hostClock: systemClock,
    clockId: readBootId(kernel.fs).replaceAll('-', ''),
    logger,
  });
  logger.info('recording', { path: writer.base });
  return {
    sink: createRecordSink({ writer, convert: createSnapshotConverter(describe) }),
    noteMachine,
  };
}
