import { sleep } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { KdamondObservation } from '../../damon/observation.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { isProcessAlive } from '../../kernel/processes.ts';
import type { CommandEnd, CommandProcess } from './commandProcess.ts';
import { describeFailure } from './commandProcess.ts';

/** Why a recording is over. */
export type RecordingEnd =
  | { readonly reason: 'command'; readonly end: CommandEnd }
  /** All monitored processes have ended. */
  | { readonly reason: 'targets' }
  /** The kdamonds do not run any more. */
  | { readonly reason: 'kdamonds' }
  | { readonly reason: 'timeout' }
  | { readonly reason: 'signal'; readonly signal: NodeJS.Signals }
  /** The record cannot be written any more. */
  | { readonly reason: 'output' };

interface Seen {
  readonly kdamonds: readonly Pick<KdamondObservation, 'ref' | 'isRunning'>[];
}

export interface WatchOptions {
  readonly fs: KernelFs;
  /** Time of the recorded kernel. */
  readonly clock: Clock;
  readonly timeoutNs: bigint | undefined;
  readonly stopped: Promise<NodeJS.Signals>;
  readonly command: CommandProcess | undefined;
  /** Monitored processes of our own kdamond; empty for anything else. */
  readonly pids: readonly number[];
  readonly kdamondPids: ReadonlySet<number>;
  readonly observe: () => Seen | undefined;
  readonly hasOutputFailed: () => boolean;
  /** Called about ten times a second. */
  readonly onTick: () => void;
}

const WATCH_MS = 100;

function isAnyRunning({ observe, kdamondPids }: WatchOptions): boolean {
  const kdamonds = observe()?.kdamonds ?? [];
  return kdamonds.some(
    ({ ref, isRunning }) => isRunning && ref.pid !== undefined && kdamondPids.has(ref.pid),
  );
}

function findEnd(options: WatchOptions, endNs: bigint | undefined): RecordingEnd | undefined {
  const { fs, clock, command, pids, hasOutputFailed } = options;
  if (hasOutputFailed()) return { reason: 'output' };
  // The end of a command comes with its status, at once.
  const areTargetsGone = command === undefined && pids.length > 0;
  if (areTargetsGone && !pids.some((pid) => isProcessAlive(fs, pid))) return { reason: 'targets' };
  if (!isAnyRunning(options)) return { reason: 'kdamonds' };
  return endNs !== undefined && clock.monotonicNs() >= endNs ? { reason: 'timeout' } : undefined;
}

/** Waits until one thing or another ends the recording. */
export async function waitForRecordingEnd(options: WatchOptions): Promise<RecordingEnd> {
  const { clock, timeoutNs, stopped, command, onTick } = options;
  const endNs = timeoutNs === undefined ? undefined : clock.monotonicNs() + timeoutNs;
  const told: { end?: RecordingEnd } = {};
  const over = new AbortController();
  const finish = (end: RecordingEnd): void => {
    told.end ??= end;
    over.abort();
  };
  void stopped.then((signal) => {
    finish({ reason: 'signal', signal });
  });
  void command?.ended.then((end) => {
    finish({ reason: 'command', end });
  });
  for (;;) {
    // What is told first: a command that ended leaves no kdamond either.
    const end = told.end ?? findEnd(options, endNs);
    if (end !== undefined) return end;
    onTick();
    await sleep(WATCH_MS, over.signal);
  }
}

/** As the end of a sentence. */
export function describeRecordingEnd(end: RecordingEnd): string {
  switch (end.reason) {
    case 'command': {
      const failure = describeFailure(end.end);
      return failure === '' ? 'the command has ended' : `the command has ended (${failure})`;
    }
    case 'targets':
      return 'the monitored processes have ended';
    case 'kdamonds':
      return 'the kdamonds do not run any more';
    case 'timeout':
      return 'the time is over';
    case 'signal':
      return end.signal;
    case 'output':
      return 'the record cannot be written any more';
  }
}
