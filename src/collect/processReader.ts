import type { KdamondState } from '../damon/kdamond.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { readProcessStat } from '../kernel/processes.ts';
import type { TargetProcess } from './machine.ts';

export interface ProcessReader {
  readCpuSeconds(pid: number): number | undefined;
  /** By target id; empty where the targets are no processes. */
  readTargets(state: KdamondState | undefined): ReadonlyMap<string, TargetProcess>;
  /** Forgets the processes that were not asked for since the last call. */
  forgetOthers(): void;
}

/**
 * Looks up monitored processes. A pid that was given to another process since its kdamond started
 * counts as gone: the kernel still holds the old one.
 */
export function createProcessReader(fs: KernelFs): ProcessReader {
  let known = new Map<string, number>();
  let asked = new Map<string, number>();

  const readCommand = (kdamond: KdamondState, pid: number): string | undefined => {
    const stat = readProcessStat(fs, pid);
    const key = `${String(kdamond.index)} ${String(kdamond.pid)} ${String(pid)}`;
    const startTicks = known.get(key) ?? stat?.startTicks;
    if (startTicks !== undefined) asked.set(key, startTicks);
    // A zombie's memory is gone, though the kdamond stays on for it.
    const isAlive = stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
    return isAlive && stat.startTicks === startTicks ? stat.comm : undefined;
  };
  return {
    readCpuSeconds: (pid) => readProcessStat(fs, pid)?.cpuSeconds,
    readTargets: (state) => {
      const context = state?.contexts[0];
      if (state === undefined || context === undefined || context.operations === 'paddr') {
        return new Map();
      }
      return new Map(
        context.targets.flatMap(({ pid }, index) =>
          pid === undefined ? [] : [[String(index), { pid, command: readCommand(state, pid) }]],
        ),
      );
    },
    forgetOthers: () => {
      known = asked;
      asked = new Map();
    },
  };
}
