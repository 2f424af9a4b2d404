import { sleep, systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { UsageError, isKernelErrno } from '../base/errors.ts';
import { trimAttribute } from '../kernel/attribute.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { readKernelMounts } from '../kernel/mounts.ts';
import { createNodeKernelFs } from '../kernel/nodeFs.ts';
import type { KernelRoots } from '../kernel/nodeFs.ts';
import { readProcessStat } from '../kernel/processes.ts';
import type { ProcessIdentity } from '../reconcile/ownership.ts';
import type { PathArguments } from './options.ts';

/** A kernel to look at, real or simulated, and its time. */
export interface KernelAccess {
  readonly fs: KernelFs;
  readonly clock: Clock;
}

/** The mounts of a machine; those given on the command line are taken as they are. */
function findRoots(args: PathArguments): KernelRoots {
  const roots = {
    sys: '/sys',
    proc: args['path.procfs'],
    trace: undefined,
    boot: args['path.boot'],
  };
  const fs = createNodeKernelFs(roots);
  const mounts = fs.exists('proc/mounts') ? readKernelMounts(fs) : undefined;
  return {
    ...roots,
    sys: args['path.sysfs'] ?? mounts?.sysfs?.mountPoint ?? '/sys',
    trace: args['path.tracefs'] ?? mounts?.tracefs?.mountPoint,
  };
}

/** This machine's kernel, below the mount points given or found. */
export function openMachineKernel(args: PathArguments): KernelAccess {
  const fs = createNodeKernelFs(findRoots(args));
  for (const option of ['path.sysfs', 'path.procfs', 'path.tracefs'] as const) {
    const given = args[option];
    const tree = option === 'path.sysfs' ? 'sys' : option === 'path.procfs' ? 'proc' : 'trace';
    if (given === undefined) continue;
    try {
      fs.list(`${tree}/`);
    } catch (error) {
      if (!isKernelErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
      throw new UsageError(
        `--${option} ${given}: ${error.message}; expected a mounted file system`,
        {
          cause: error,
        },
      );
    }
  }
  return { fs, clock: systemClock };
}

/** As the kernel's own test does it: ten tries, 50 ms apart. */
const BUSY_ATTEMPTS = 10;
const BUSY_DELAY_MS = 50;

/** Counts and paces the retries after EBUSY. */
export function createBusyRetry(): { readonly retry: BusyRetry; readonly count: () => number } {
  let nrBusy = 0;
  return {
    count: () => nrBusy,
    retry: {
      attempts: BUSY_ATTEMPTS,
      delayMs: BUSY_DELAY_MS,
      onBusy: () => {
        nrBusy += 1;
      },
      sleep,
    },
  };
}

/** This process, as the kernel it runs on knows it. */
export function readOwnIdentity(fs: KernelFs): ProcessIdentity {
  const stat = readProcessStat(fs, process.pid);
  return { pid: process.pid, startTimeTicks: stat?.startTicks ?? 0 };
}

/** Whether that very process still exists, not another with its pid. */
export function isSameProcess(fs: KernelFs, { pid, startTimeTicks }: ProcessIdentity): boolean {
  const stat = readProcessStat(fs, pid);
  return stat?.startTicks === startTimeTicks && stat.state !== 'Z';
}

export function readBootId(fs: Pick<KernelFs, 'readText'>): string {
  return trimAttribute(fs.readText('proc/sys/kernel/random/boot_id'));
}
