import { systemClock } from '../../base/clock.ts';
import { ExporterError, RecordError, UsageError, describeError } from '../../base/errors.ts';
import { formatCount, formatSize, formatTimeNs } from '../../base/format.ts';
import { createLogger } from '../../base/log.ts';
import { openKernel } from '../collecting/openKernel.ts';
import { waitForStop } from '../collecting/waitForStop.ts';
import { readPackageInfo } from '../packageInfo.ts';
import { readRecord } from '../report/readRecord.ts';
import { printOwnPlan } from '../schemes/printOwnPlan.ts';
import { writeConverted } from '../runConvert.ts';
import { describeFailure, startStopped } from './commandProcess.ts';
import type { CommandProcess } from './commandProcess.ts';
import type { RecordingArguments } from './recordingArguments.ts';
import { describeRecordingEnd } from './recordingEnd.ts';
import type { RecordingEnd } from './recordingEnd.ts';
import { createStatusLine } from './recordingProgress.ts';
import { parseRecordingSettings } from './recordingSettings.ts';
import type { RecordingSettings } from './recordingSettings.ts';
import { parseRecordingTarget } from './recordingTarget.ts';
import type { RecordingTarget } from './recordingTarget.ts';
import { runRecording } from './runRecording.ts';
import type { RecordingOutcome } from './runRecording.ts';

function parseTarget(args: RecordingArguments): RecordingTarget {
  const target = parseRecordingTarget(args);
  if (target.kind === 'command' && args.source === 'simulator') {
    throw new UsageError(
      `target "${target.line}": a simulated kernel runs no commands; expected its process ids, "paddr", or "ongoing"`,
    );
  }
  return target;
}

/** Rewrites the record in the format that was asked for. */
async function convertRecord(
  { path, mode, format }: RecordingSettings,
  interruption: AbortSignal,
): Promise<void> {
  if (format === 'damon-exporter') return;
  const conversion = {
    input: path,
    output: path,
    format,
    selection: {},
    aggrIntervalUs: undefined,
    interruption,
    mode,
  };
  try {
    await readRecord(path, (reader) => writeConverted(reader, conversion));
  } catch (error) {
    throw new RecordError({
      operation: 'write',
      path,
      hint: `could not make it ${format} (${describeError(error)}); it stays in the format of ${readPackageInfo().name}, which "convert" reads`,
      cause: error,
    });
  }
}

function formatSummary({ path }: RecordingSettings, outcome: RecordingOutcome): string {
  const { end, nrSnapshots, elapsedNs, sizeBytes } = outcome;
  const elapsed = formatTimeNs((elapsedNs / 1_000_000n) * 1_000_000n);
  return `recorded ${formatCount(nrSnapshots)} snapshots in ${elapsed} to ${path} (${formatSize(BigInt(sizeBytes))}): ${describeRecordingEnd(end)}\n`;
}

function listWarnings(outcome: RecordingOutcome): string[] {
  const { droppedSnapshots, lostEvents, outputError } = outcome;
  const dropped = `${formatCount(droppedSnapshots)} snapshots came faster than they could be written and are not in the record`;
  const lost = `${formatCount(lostEvents)} events were lost, and the snapshots they belonged to; a larger --trace.buffer-size helps`;
  return [
    // What came after an error was dropped because of that.
    ...(droppedSnapshots > 0 && outputError === undefined ? [dropped] : []),
    ...(lostEvents > 0 ? [lost] : []),
  ];
}

function createEmptyError({ path }: RecordingSettings, outcome: RecordingOutcome): ExporterError {
  const { end, elapsedNs } = outcome;
  const elapsed = formatTimeNs((elapsedNs / 1_000_000n) * 1_000_000n);
  return new ExporterError(
    'failure',
    `record to ${path}: no snapshot came in ${elapsed}, and ${describeRecordingEnd(end)}; nothing was written. DAMON gives one per aggregation interval (-a)`,
  );
}

export interface Afterwards {
  readonly write: (line: string) => void;
  readonly isQuiet: boolean;
  readonly stopped: Promise<NodeJS.Signals>;
}

/** What is left to do when the recording is over and the kernel as it was found. */
async function finishRecord(
  settings: RecordingSettings,
  outcome: RecordingOutcome,
  { write, isQuiet, stopped }: Afterwards,
): Promise<void> {
  for (const warning of listWarnings(outcome)) {
    write(`${readPackageInfo().name}: warning: ${warning}\n`);
  }
  if (outcome.nrSnapshots === 0 && outcome.outputError === undefined) {
    throw createEmptyError(settings, outcome);
  }
  if (!isQuiet && outcome.nrSnapshots > 0) write(formatSummary(settings, outcome));
  if (outcome.outputError !== undefined) throw outcome.outputError;
  const interruption = new AbortController();
  if (outcome.end.reason !== 'signal') {
    void stopped.then(() => {
      interruption.abort();
    });
  }
  await convertRecord(settings, interruption.signal);
}

/** How long a command may take to end before it is said that it does. */
const PATIENCE_MS = 1000;

/** Its failure is its own: the record may be worth the more. `end`: undefined = the recording failed. */
export async function leaveCommand(
  { pid, ended, abandon }: CommandProcess,
  end: RecordingEnd | undefined,
  { write, isQuiet }: Afterwards,
): Promise<void> {
  const { name } = readPackageInfo();
  if (abandon()) return;
  const why = end === undefined ? '' : `${describeRecordingEnd(end)}; `;
  const note = setTimeout(() => {
    write(`${name}: ${why}waiting for the command (process ${pid}) to end\n`);
  }, PATIENCE_MS);
  const failure = describeFailure(await ended);
  clearTimeout(note);
  const isWanted = end?.reason === 'signal' || end?.reason === 'timeout';
  const isTold = end?.reason === 'command' && !isQuiet;
  if (failure !== '' && !isWanted && !isTold) write(`${name}: the command ended ${failure}\n`);
}

/**
 * Records what was asked for into a file. A command has ended, too, when this is over.
 *
 * @throws ExporterError for whatever kept it from that.
 */
export async function runRecord(args: RecordingArguments): Promise<void> {
  const settings = parseRecordingSettings(args);
  const target = parseTarget(args);
  const isQuiet = args.quiet;
  // A command has the terminal for itself: what it writes there must not be erased.
  const isItsTerminal = target.kind === 'command' && process.stdout.isTTY;
  const statusLine = createStatusLine(process.stderr, isQuiet || isItsTerminal);
  const logger = createLogger({
    level: args['log.level'],
    format: args['log.format'],
    clock: systemClock,
    write: statusLine.write,
  });
  const isOngoing = target.kind === 'ongoing';
  const kernel = openKernel(args, { isScene: isOngoing, logger });
  if (args['dry-run']) {
    const given = { ongoing: undefined, command: [String(process.pid)], memory: args.target };
    const planned = { ...args, target: given[target.kind] };
    await printOwnPlan({ args: planned, fs: kernel.fs, logger, config: undefined });
    return;
  }
  const stopped = waitForStop(logger, systemClock);
  const afterwards = { write: statusLine.write, isQuiet, stopped };
  let command: CommandProcess | undefined;
  const startCommand =
    target.kind === 'command' ? async () => (command = await startStopped(target.line)) : undefined;
  let end: RecordingEnd | undefined;
  try {
    const outcome = await runRecording({
      ...{ args, settings, kernel, logger, statusLine, startCommand, isOngoing, stopped },
    });
    ({ end } = outcome);
    await finishRecord(settings, outcome, afterwards);
  } finally {
    if (command !== undefined) await leaveCommand(command, end, afterwards);
  }
}
