import { sleep, systemClock } from '../../base/clock.ts';
import { KernelError, UsageError, describeError } from '../../base/errors.ts';
import { formatTimeNs } from '../../base/format.ts';
import { createLogger } from '../../base/log.ts';
import type { Logger } from '../../base/log.ts';
import type { MachineKdamond } from '../../collect/machine.ts';
import { createMachineReader } from '../../collect/readMachine.ts';
import { writeState } from '../../kernel/state.ts';
import { checkFree } from '../../reconcile/freeDamon.ts';
import { startOwnedKdamonds } from '../../reconcile/ownedKdamonds.ts';
import type { OwnedKdamonds } from '../../reconcile/ownedSet.ts';
import { openKernel } from '../collecting/openKernel.ts';
import { createOwnKernel } from '../collecting/ownMonitoring.ts';
import type { OwnKernel } from '../collecting/ownMonitoring.ts';
import { waitForStop } from '../collecting/waitForStop.ts';
import { formatSchemeTable } from '../formatStatus.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import { parseOption } from '../options.ts';
import type { LogArguments, SimulatorArguments } from '../options.ts';
import { startStopped } from '../record/commandProcess.ts';
import type { CommandProcess } from '../record/commandProcess.ts';
import { describeRecordingEnd, waitForRecordingEnd } from '../record/recordingEnd.ts';
import type { RecordingEnd } from '../record/recordingEnd.ts';
import { createStatusLine } from '../record/recordingProgress.ts';
import type { StatusLine } from '../record/recordingProgress.ts';
import { parseTimeoutNs } from '../record/recordingSettings.ts';
import { leaveCommand } from '../record/runRecord.ts';
import { endCommand } from '../record/runRecording.ts';
import type { ChangingArguments } from './changingOptions.ts';
import { printPlan } from './runPlan.ts';
import { formatSchemesProgress } from './schemesProgress.ts';
import { parseWantedOptions } from './wantedKdamonds.ts';
import type { WantedKdamond } from './wantedKdamonds.ts';

export interface SchemesArguments extends ChangingArguments, LogArguments, SimulatorArguments {
  readonly timeout?: string | undefined;
  readonly quiet: boolean;
  readonly source: 'auto' | 'simulator';
  readonly 'dry-run': boolean;
}

const NO_COMMAND = /^(?:paddr|\d+(?:,\d+)*)$/;

/** The command to run; undefined where processes or physical memory are the target. */
function parseCommand({ target = [], source }: SchemesArguments): string | undefined {
  const line = target.find((word) => !NO_COMMAND.test(word));
  if (line === undefined) return undefined;
  if (target.length > 1 || line.trim() === '') {
    throw new UsageError(
      `targets "${target.join('", "')}": expected a command in one quoted string, process ids, or "paddr"`,
    );
  }
  if (source === 'simulator') {
    throw new UsageError(
      `target "${line}": a simulated kernel runs no commands; expected its process ids, or "paddr"`,
    );
  }
  return line;
}

interface Run {
  readonly args: SchemesArguments;
  readonly kernel: KernelAccess;
  readonly own: OwnKernel;
  readonly logger: Logger;
  readonly statusLine: StatusLine;
  readonly stopped: Promise<NodeJS.Signals>;
}

function wantFor(
  { args, kernel }: Pick<Run, 'args' | 'kernel'>,
  pid: number | undefined,
): readonly WantedKdamond[] {
  const target = pid === undefined ? args.target : [String(pid)];
  const wanted = parseWantedOptions({ ...args, target }, kernel.fs);
  const contexts = wanted.flatMap(({ spec }) => spec?.contexts ?? []);
  if (contexts.every(({ schemes }) => schemes.length === 0)) {
    throw new UsageError(
      'found no scheme: expected --damos_action with what it is for, or --schemes; see --help',
    );
  }
  return wanted;
}

function listPids(wanted: readonly WantedKdamond[]): number[] {
  return wanted.flatMap(({ spec }) =>
    (spec?.contexts ?? []).flatMap(({ targets }) => targets.flatMap(({ pid }) => pid ?? [])),
  );
}

/** How often counters are read for the line on a terminal. */
const READ_INTERVAL_NS = 1_000_000_000n;

/** A kdamond that rests by its watermarks may answer only after their interval. */
const RENEWAL_PATIENCE_MS = 2000;

/** What was done last is not yet among the counters: the kernel renews them when it is told to. */
async function renewCounters({ own, logger }: Run, owned: OwnedKdamonds): Promise<void> {
  const { fs, retry } = own.deps;
  try {
    await owned.refresh();
    for (const running of owned.list()) {
      if (running !== undefined) await writeState(fs, running.index, 'update_schemes_stats', retry);
    }
  } catch (error) {
    logger.debug('counters are those of the last look', { reason: describeError(error) });
  }
}

/** Watches until the end; resolves to it, and to what the schemes had done by then. */
async function watch(
  run: Run,
  {
    owned,
    command,
    pids,
  }: {
    readonly owned: OwnedKdamonds;
    readonly command: CommandProcess | undefined;
    readonly pids: readonly number[];
  },
): Promise<readonly [RecordingEnd, readonly MachineKdamond[]]> {
  const { args, kernel, own, statusLine, stopped } = run;
  const { fs, clock } = kernel;
  const read = createMachineReader({
    fs,
    hostClock: systemClock,
    retry: own.deps.retry,
    listOwnIndexes: () => new Set(owned.list().keys()),
  });
  let { kdamonds } = await read();
  let reading: Promise<void> | undefined;
  const beganNs = clock.monotonicNs();
  let lastNs = beganNs;
  const readAgain = async (): Promise<void> => {
    ({ kdamonds } = await read());
    reading = undefined;
  };
  const end = await waitForRecordingEnd({
    ...{ fs, clock, stopped, command, pids },
    timeoutNs: args.timeout === undefined ? undefined : parseTimeoutNs(args.timeout),
    kdamondPids: new Set(owned.list().flatMap((running) => running?.pid ?? [])),
    observe: () => ({ kdamonds }),
    hasOutputFailed: () => false,
    onTick: () => {
      const nowNs = clock.monotonicNs();
      if (reading === undefined && nowNs - lastNs >= READ_INTERVAL_NS) {
        lastNs = nowNs;
        reading = readAgain();
      }
      statusLine.show(formatSchemesProgress(kdamonds, nowNs - beganNs));
    },
  });
  await reading;
  await Promise.race([renewCounters(run, owned), sleep(RENEWAL_PATIENCE_MS)]);
  await readAgain();
  endCommand({ command, kernel }, end);
  return [end, kdamonds];
}

function formatSummary(
  end: RecordingEnd,
  elapsedNs: bigint,
  kdamonds: readonly MachineKdamond[],
): string {
  const elapsed = formatTimeNs((elapsedNs / 1_000_000n) * 1_000_000n);
  return `schemes ran for ${elapsed}: ${describeRecordingEnd(end)}\n${formatSchemeTable(kdamonds)}`;
}

/** From the start of the kdamonds to their end; the kernel is as it was found then. */
async function apply(run: Run, line: string | undefined): Promise<void> {
  const { args, own, kernel, statusLine, stopped } = run;
  const base = await own.prepare();
  // A command is started when everything that can be refused without it was not.
  wantFor(run, line === undefined ? undefined : process.pid);
  await checkFree(own.deps, base.takeover);
  const command = line === undefined ? undefined : await startStopped(line);
  let end: RecordingEnd | undefined;
  try {
    const wanted = wantFor(run, command?.pid);
    const specs = wanted.map(({ spec }) => spec);
    const owned = await startOwnedKdamonds(own.deps, { ...base, specs });
    const beganNs = kernel.clock.monotonicNs();
    let kdamonds: readonly MachineKdamond[];
    try {
      command?.resume();
      [end, kdamonds] = await watch(run, { owned, command, pids: listPids(wanted) });
    } finally {
      statusLine.clear();
      await owned.release();
    }
    if (!args.quiet) {
      statusLine.write(formatSummary(end, kernel.clock.monotonicNs() - beganNs, kdamonds));
    }
    if (end.reason === 'kdamonds') throw createDiedError(run);
  } finally {
    const afterwards = { write: statusLine.write, isQuiet: args.quiet, stopped };
    if (command !== undefined) await leaveCommand(command, end, afterwards);
  }
}

function createDiedError({ kernel }: Run): KernelError {
  return new KernelError({
    operation: 'keep schemes running in',
    path: kernel.fs.describePath('sys/kernel/mm/damon'),
    hint: 'the kdamonds do not run any more: somebody stopped them, or the kernel did',
  });
}

/**
 * Applies schemes until something ends it. A command has ended, too, when this is over.
 *
 * @throws UsageError, ConfigError, KernelError.
 */
export async function runSchemes(args: SchemesArguments): Promise<void> {
  if (args.timeout !== undefined) parseOption(() => parseTimeoutNs(args.timeout ?? ''));
  const line = parseCommand(args);
  const isItsTerminal = line !== undefined && process.stdout.isTTY;
  const statusLine = createStatusLine(process.stderr, args.quiet || isItsTerminal);
  const logger = createLogger({
    level: args['log.level'],
    format: args['log.format'],
    clock: systemClock,
    write: statusLine.write,
  });
  const kernel = openKernel(args, { isScene: false, logger });
  const own = createOwnKernel(args, kernel.fs, logger);
  if (args['dry-run']) {
    const standIn = line === undefined ? undefined : process.pid;
    if (standIn !== undefined) {
      statusLine.write(
        `the command is not run: this program's own process, ${standIn}, stands in\n`,
      );
    }
    await printPlan({ args, deps: own.deps, wanted: wantFor({ args, kernel }, standIn) });
    return;
  }
  const stopped = waitForStop(logger, systemClock);
  await apply({ args, kernel, own, logger, statusLine, stopped }, line);
}
