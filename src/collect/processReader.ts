import { KernelError } from '../base/errors.ts';
import type { KdamondState } from '../damon/kdamond.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { readProcessStat } from '../kernel/processes.ts';
import type { ProcessStat } from '../kernel/processes.ts';
import type { TargetProcess } from './machine.ts';

export interface ProcessReader {
  /** Undefined where it cannot be told. */
  readCpuSeconds(pid: number): number | undefined;
  /**
   * By target id; empty where the targets are no processes. A process that could not be looked at
   * is left out: it may well live.
   */
  readTargets(state: KdamondState | undefined): ReadonlyMap<string, TargetProcess>;
  /**
   * Forgets the processes that were not asked for since the last call.
   *
   * @throws KernelError when one of those asked for could not be looked at.
   */
  finishRound(): void;
}

/** Start time of a process that was gone when it was first looked for. */
const NEVER_SEEN = -1;

/**
 * Looks up monitored processes. A pid that was given to another process since its kdamond started
 * counts as gone: the kernel still holds the old one.
 */
export function createProcessReader(fs: KernelFs): ProcessReader {
  let known = new Map<string, number>();
  let asked = new Map<string, number>();
  let problem: KernelError | undefined;

  const readStat = (pid: number): ProcessStat | undefined | 'unreadable' => {
    try {
      return readProcessStat(fs, pid);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      problem ??= error;
      return 'unreadable';
    }
  };

  const readTarget = (kdamond: KdamondState, pid: number): TargetProcess | undefined => {
    const stat = readStat(pid);
    const key = `${String(kdamond.index)} ${String(kdamond.pid)} ${String(pid)}`;
    const knownTicks = known.get(key);
    if (stat === 'unreadable') {
      if (knownTicks !== undefined) asked.set(key, knownTicks);
      return undefined;
    }
    const startTicks = knownTicks ?? stat?.startTicks ?? NEVER_SEEN;
    asked.set(key, startTicks);
    // A zombie's memory is gone, though the kdamond stays on for it.
    const isAlive = stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
    return { pid, command: isAlive && stat.startTicks === startTicks ? stat.comm : undefined };
  };

  return {
    readCpuSeconds: (pid) => {
      const stat = readStat(pid);
      return stat === 'unreadable' ? undefined : stat?.cpuSeconds;
    },
    readTargets: (state) => {
      const context = state?.contexts[0];
      if (state === undefined || context === undefined || context.operations === 'paddr') {
        return new Map();
      }
      const targets = context.targets.map(({ pid }, index) => {
        const process = pid === undefined ? undefined : readTarget(state, pid);
        return process === undefined ? [] : [[String(index), process] as const];
      });
      return new Map(targets.flat());
    },
    finishRound: () => {
      known = asked;
      asked = new Map();
      const found = problem;
      problem = undefined;
      if (found !== undefined) throw found;
    },
  };
}
