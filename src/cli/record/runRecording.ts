import { KernelError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Collector, SnapshotSink } from '../../collect/collector.ts';
import { areInForeground } from '../../kernel/processes.ts';
import { createRecordSink } from '../../record/rolling/recordSink.ts';
import type { RecordSink } from '../../record/rolling/recordSink.ts';
import { createSnapshotConverter } from '../../record/snapshotConverter.ts';
import { createKernelCollector } from '../collecting/createKernelCollector.ts';
import { createTargetDescriber } from '../collecting/createTargetDescriber.ts';
import { createOwnMonitoring } from '../collecting/ownMonitoring.ts';
import type { OwnMonitoring } from '../collecting/ownMonitoring.ts';
import { readBootId } from '../kernelAccess.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import type { CommandProcess } from './commandProcess.ts';
import { createRecordOutput } from './createRecordOutput.ts';
import type { RecordOutput } from './createRecordOutput.ts';
import type { RecordingArguments } from './recordingArguments.ts';
import { waitForRecordingEnd } from './recordingEnd.ts';
import type { RecordingEnd } from './recordingEnd.ts';
import { createProgressCounter, formatProgress } from './recordingProgress.ts';
import type { ProgressCounter, StatusLine } from './recordingProgress.ts';
import type { RecordingSettings } from './recordingSettings.ts';

export interface RecordingOptions {
  readonly args: RecordingArguments;
  readonly settings: RecordingSettings;
  readonly kernel: KernelAccess;
  readonly logger: Logger;
  readonly statusLine: StatusLine;
  /** Starts and stops the command; undefined when something else is recorded. */
  readonly startCommand: (() => Promise<CommandProcess>) | undefined;
  /** Whether to record what runs already instead of starting a kdamond. */
  readonly isOngoing: boolean;
  readonly stopped: Promise<NodeJS.Signals>;
}

export interface RecordingOutcome {
  readonly end: RecordingEnd;
  readonly elapsedNs: bigint;
  readonly nrSnapshots: number;
  readonly sizeBytes: number;
  /** Came too fast to be written. */
  readonly droppedSnapshots: number;
  /** Overwritten by the kernel before they could be read. */
  readonly lostEvents: number;
  /** Why the record is not complete; what could be written of it is there. */
  readonly outputError: Error | undefined;
}

/** All parts of one recording. */
interface Recording extends RecordingOptions {
  readonly command: CommandProcess | undefined;
  readonly own: OwnMonitoring;
  readonly output: RecordOutput;
  readonly sink: RecordSink;
  readonly counter: ProgressCounter;
  readonly collector: Collector;
  /** Kernel threads whose snapshots are recorded. */
  readonly kdamondPids: Set<number>;
}

/** How often the trace is read: seldom enough to be cheap, often enough for a small buffer. */
const POLL_INTERVAL_MS = 100;

function openOutput({ settings, kernel }: RecordingOptions): Promise<RecordOutput> {
  return createRecordOutput({
    ...settings,
    clockBase: { recordNs: kernel.clock.monotonicNs(), wallMs: kernel.clock.wallMs() },
    clockId: readBootId(kernel.fs).replaceAll('-', ''),
  });
}

type TargetParts = Pick<Recording, 'command' | 'own'>;

/** A command is started when everything that can be refused without it was not. */
async function startTarget(options: RecordingOptions): Promise<TargetParts> {
  const { args, kernel, logger, startCommand, isOngoing } = options;
  const createOwn = (target: readonly string[] | undefined): OwnMonitoring =>
    createOwnMonitoring({ ...args, target }, kernel.fs, logger);
  if (startCommand === undefined) {
    return { command: undefined, own: createOwn(isOngoing ? undefined : args.target) };
  }
  const standIn = String(process.pid);
  await createOwn([standIn]).prepare();
  const command = await startCommand();
  return { command, own: createOwn([String(command.pid)]) };
}

function assemble(
  options: RecordingOptions,
  parts: TargetParts & Pick<Recording, 'output'>,
): Recording {
  const { settings, isOngoing } = options;
  const { own, output } = parts;
  const { noteMachine, describe } = createTargetDescriber();
  const sink = createRecordSink({ writer: output, convert: createSnapshotConverter(describe) });
  const counter = createProgressCounter();
  const kdamondPids = new Set<number>();
  const select = (whole: SnapshotSink): SnapshotSink => ({
    name: whole.name,
    take: (snapshot) => {
      const { pid } = snapshot.kdamond;
      if (pid !== undefined && kdamondPids.has(pid)) whole.take(snapshot);
    },
  });
  const collector = createKernelCollector({
    ...options,
    ...settings,
    own,
    sourceNames: ['trace', 'sysfs'],
    sinks: [select(sink), select({ name: 'progress', take: counter.take })],
    onMachine: (machine) => {
      noteMachine(machine);
      // What runs at the first look is what "ongoing" means.
      if (!isOngoing || kdamondPids.size > 0) return;
      for (const { ref, isRunning } of machine.kdamonds) {
        if (isRunning && ref.pid !== undefined) kdamondPids.add(ref.pid);
      }
    },
    pollIntervalMs: POLL_INTERVAL_MS,
    idleAfterMs: undefined,
  });
  return { ...options, ...parts, sink, counter, collector, kdamondPids };
}

async function createRecording(options: RecordingOptions): Promise<Recording> {
  const output = await openOutput(options);
  try {
    return assemble(options, { ...(await startTarget(options)), output });
  } catch (error) {
    await output.close();
    throw error;
  }
}

function checkCollecting({ kernel, collector, kdamondPids, isOngoing }: Recording): void {
  const refuse = (hint: string): never => {
    const path = kernel.fs.describePath('sys/kernel/mm/damon');
    throw new KernelError({ operation: 'record from', path, hint });
  };
  const health = collector.observe()?.collector;
  if (health?.activeSource === undefined) {
    const problems = [...(health?.sourceProblems.values() ?? [])].join('; ');
    refuse(`no source of snapshots can be used (${problems}); "doctor" says what to do`);
  }
  if (isOngoing && kdamondPids.size === 0) {
    refuse('no kdamond runs; name a command, processes or paddr to start one');
  }
}

async function begin(recording: Recording): Promise<void> {
  const { own, isOngoing, kdamondPids, collector, command } = recording;
  if (!isOngoing) await own.start();
  const pid = own.getKdamondPid();
  if (pid !== undefined) kdamondPids.add(pid);
  await collector.start();
  checkCollecting(recording);
  command?.resume();
}

/** A command ends with the recording when somebody wanted that to end. */
export function endCommand(
  { command, kernel }: Pick<Recording, 'command' | 'kernel'>,
  end: RecordingEnd,
): void {
  if (command === undefined) return;
  if (end.reason === 'timeout') command.signal('SIGTERM');
  if (end.reason !== 'signal') return;
  // For many programs a second ^C means "at once, without cleaning up".
  const hasGotIt =
    end.signal === 'SIGINT' && areInForeground(kernel.fs, [process.pid, command.pid]);
  if (!hasGotIt) command.signal(end.signal);
}

async function record(recording: Recording): Promise<[RecordingEnd, bigint]> {
  const { kernel, settings, own, output, sink, counter, collector, statusLine } = recording;
  const { clock } = kernel;
  await begin(recording);
  const beganNs = clock.monotonicNs();
  const end = await waitForRecordingEnd({
    ...recording,
    ...kernel,
    timeoutNs: settings.timeoutNs,
    pids: own.targetPids,
    observe: () => collector.observe(),
    hasOutputFailed: () => output.failure !== undefined,
    onTick: () => {
      const { sizeBytes } = sink.health();
      const elapsedNs = clock.monotonicNs() - beganNs;
      statusLine.show(formatProgress({ ...counter.count(), elapsedNs, sizeBytes }));
    },
  });
  endCommand(recording, end);
  return [end, clock.monotonicNs() - beganNs];
}

/** Waits for all of them, then throws what the first that failed threw. */
async function finishAll(...actions: readonly (() => Promise<void>)[]): Promise<void> {
  const [action, ...others] = actions;
  if (action === undefined) return;
  try {
    await action();
  } finally {
    await finishAll(...others);
  }
}

/**
 * Records until something ends it. Whatever happens, the kernel is as it was found and the record is
 * whole when this is over.
 *
 * @throws UsageError, KernelError, RecordError when it could not begin, or the kernel could not be
 *   left as found. A command has not run then, in the first case.
 */
export async function runRecording(options: RecordingOptions): Promise<RecordingOutcome> {
  const recording = await createRecording(options);
  const { own, output, sink, collector, statusLine } = recording;
  let outputError: Error | undefined;
  let end: RecordingEnd;
  let elapsedNs: bigint;
  try {
    [end, elapsedNs] = await record(recording);
  } finally {
    statusLine.clear();
    await finishAll(
      () => collector.stop(),
      () => own.stop(),
      async () => {
        try {
          await sink.close();
        } catch (error) {
          outputError = error as Error;
        }
      },
    );
  }
  const { sizeBytes, droppedSnapshots } = sink.health();
  return {
    end,
    elapsedNs,
    nrSnapshots: output.nrWritten,
    sizeBytes,
    droppedSnapshots,
    lostEvents: collector.observe()?.collector.lostEvents ?? 0,
    outputError,
  };
}
