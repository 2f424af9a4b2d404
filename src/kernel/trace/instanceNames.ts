import { isKernelErrno } from '../../base/errors.ts';
import type { KernelFs, KernelPath } from '../kernelFs.ts';

export const TRACE_INSTANCES: KernelPath = 'trace/instances';

const INSTANCE_NAME = /^damon-exporter-(?<pid>\d{1,10})(?:-(?<startTicks>\d{1,20}))?$/;

/**
 * When a process was started, in clock ticks since boot: with the pid it names a process for ever,
 * while the pid alone may come back.
 *
 * Files: `/proc/<pid>/stat`, field 22.
 * Absent: the process does not exist, or `/proc` shows another pid namespace.
 * @throws KernelError when the file is there and cannot be read.
 */
function readStartTicks(fs: KernelFs, pid: string): string | undefined {
  try {
    // The second field is the command name in parentheses, which may hold anything.
    const text = fs.readText(`proc/${pid}/stat`);
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (isKernelErrno(error, 'ENOENT', 'ESRCH', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** `damon-exporter-<pid>-<start>`; without the start where `/proc` does not show the process. */
export function readInstanceName(fs: KernelFs, pid: number): string {
  const startTicks = readStartTicks(fs, String(pid));
  const suffix = startTicks === undefined ? '' : `-${startTicks}`;
  return `damon-exporter-${pid}${suffix}`;
}

function isOwnerAlive(fs: KernelFs, pid: string, startTicks: string | undefined): boolean {
  const found = readStartTicks(fs, pid);
  return found !== undefined && (startTicks === undefined || found === startTicks);
}

export interface StaleInstances {
  readonly removed: readonly string[];
  /** Left by a dead exporter, too, but the kernel refused: somebody has a file in it open. */
  readonly kept: readonly string[];
}

/**
 * Removes trace instances of exporters that did not end in order. An instance is stale when no
 * process with its pid and start time exists. Should that err (an exporter in another pid
 * namespace), the kernel still protects a living one: it refuses to remove an instance somebody has
 * files open in.
 *
 * @throws KernelError when tracefs cannot be listed or a removal fails for another reason.
 */
export function removeStaleInstances(fs: KernelFs): StaleInstances {
  const removed: string[] = [];
  const kept: string[] = [];
  for (const name of fs.list(TRACE_INSTANCES).sort()) {
    const groups = INSTANCE_NAME.exec(name)?.groups;
    if (groups?.['pid'] === undefined) continue;
    if (isOwnerAlive(fs, groups['pid'], groups['startTicks'])) continue;
    try {
      fs.removeDir(`${TRACE_INSTANCES}/${name}`);
      removed.push(name);
    } catch (error) {
      if (isKernelErrno(error, 'EBUSY')) kept.push(name);
      // Another exporter may have been quicker.
      else if (!isKernelErrno(error, 'ENOENT')) throw error;
    }
  }
  return { removed, kept };
}
