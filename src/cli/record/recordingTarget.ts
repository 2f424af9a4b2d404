import { UsageError } from '../../base/errors.ts';
import { isMemoryTarget, isMonitoringAsked } from '../monitoringOptions.ts';
import type { MonitoringArguments } from '../monitoringOptions.ts';

/** What is to be recorded: who makes DAMON monitor it. */
export type RecordingTarget =
  | { readonly kind: 'ongoing' }
  /** A program to run, as one line for a shell. */
  | { readonly kind: 'command'; readonly line: string }
  /** Processes or physical memory: what the monitoring options say. */
  | { readonly kind: 'memory' };

const FORMS =
  'expected a command in one quoted string, process ids (behind "vaddr" or "fvaddr", too), "paddr", or "ongoing" for what already runs';

/** Options that say how a kdamond is to be started. */
const START_OPTIONS = [
  'ops',
  'target_pid',
  'regions',
  'monitoring_intervals',
  'monitoring_intervals_goal',
  'sample',
  'aggr',
  'updr',
  'monitoring_nr_regions_range',
  'minr',
  'maxr',
] as const satisfies readonly (keyof MonitoringArguments)[];

function checkOngoing(args: MonitoringArguments): void {
  const given = START_OPTIONS.find((name) => args[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(
    `--${given}: "ongoing" records what runs as it is, and this is for a kdamond to start; leave out one of the two`,
  );
}

function checkCommand(args: MonitoringArguments): void {
  if (args.target_pid !== undefined || args.ops === 'paddr') {
    throw new UsageError('a command is recorded alone, by its addresses: leave out other targets');
  }
}

/** @throws UsageError when it is none, or several that do not go together. */
export function parseRecordingTarget(args: MonitoringArguments): RecordingTarget {
  const words = args.target ?? [];
  const [first, second] = words;
  if (first === undefined || words.every(isMemoryTarget)) {
    if (!isMonitoringAsked(args)) throw new UsageError(`no target given: ${FORMS}; see --help`);
    return { kind: 'memory' };
  }
  if (second !== undefined) {
    throw new UsageError(
      `targets "${words.join('", "')}": ${FORMS}, and only process ids together`,
    );
  }
  if (first === 'ongoing') {
    checkOngoing(args);
    return { kind: 'ongoing' };
  }
  if (first.trim() === '') throw new UsageError(`target "${first}": ${FORMS}`);
  checkCommand(args);
  return { kind: 'command', line: first };
}
