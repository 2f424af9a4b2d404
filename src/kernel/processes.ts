import { KernelError } from '../base/errors.ts';
import { ifPresent, selectIndexes, trimAttribute } from './attribute.ts';
import type { KernelFs } from './kernelFs.ts';

/** Clock ticks per second in everything procfs shows, on every architecture Node runs on. */
const USER_HZ = 100;
/** Flag of kernel threads. Source: include/linux/sched.h */
const PF_KTHREAD = 0x0020_0000;
/** Parent of all kernel threads. */
const KTHREADD_PID = 2;

export interface ProcessStat {
  readonly pid: number;
  /** Command name, at most 15 bytes (longer for some kernel threads). */
  readonly comm: string;
  /** One letter: `R`, `S`, `D`, `Z`, … */
  readonly state: string;
  /** Process group. */
  readonly groupId: number;
  /** The process group its terminal's keys signal; absent without a terminal. */
  readonly foregroundGroupId: number | undefined;
  readonly isKernelThread: boolean;
  /** User plus system time. */
  readonly cpuSeconds: number;
  /** Ticks from boot to its start: with the pid, tells a process from a later one of the same pid. */
  readonly startTicks: number;
}

/**
 * One line of `/proc/PID/stat`. The command name may hold spaces and parentheses, so it ends at the
 * last one.
 *
 * @throws RangeError when the line is anything else.
 */
export function parseProcessStat(text: string): ProcessStat {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  // Numbered in proc(5) from 1, with pid and comm before these.
  const field = (number: number): number => Number(fields[number - 3]);
  const stat = {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? '',
    groupId: field(5),
    foregroundGroupId: field(8) > 0 ? field(8) : undefined,
    isKernelThread: (field(9) & PF_KTHREAD) !== 0,
    cpuSeconds: (field(14) + field(15)) / USER_HZ,
    startTicks: field(22),
  };
  const isWhole = [stat.pid, stat.cpuSeconds, stat.startTicks].every(Number.isFinite);
  if (open <= 0 || close < open || !isWhole) {
    throw new RangeError(`process stat: found "${text.slice(0, 80)}"`);
  }
  return stat;
}

/**
 * Files: `/proc/PID/stat`
 * Absent: undefined when there is no such process.
 */
export function readProcessStat(fs: KernelFs, pid: number): ProcessStat | undefined {
  const text = ifPresent(() => fs.readText(`proc/${pid}/stat`));
  if (text === undefined) return undefined;
  try {
    return parseProcessStat(text);
  } catch (error) {
    const path = fs.describePath(`proc/${pid}/stat`);
    throw new KernelError({ operation: 'read', path, hint: 'not a stat line', cause: error });
  }
}

/** Whether a process exists and has not ended; a zombie has. */
export function isProcessAlive(fs: KernelFs, pid: number): boolean {
  const state = readProcessStat(fs, pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Whether the keys of a terminal (`^C`) signal all of these processes. */
export function areInForeground(fs: KernelFs, pids: readonly number[]): boolean {
  const stats = pids.map((pid) => readProcessStat(fs, pid));
  const foregroundGroupId = stats[0]?.foregroundGroupId;
  return (
    foregroundGroupId !== undefined && stats.every((stat) => stat?.groupId === foregroundGroupId)
  );
}

/**
 * Command name.
 *
 * Files: `/proc/PID/comm`
 * Absent: undefined when there is no such process.
 */
export function readComm(fs: KernelFs, pid: number): string | undefined {
  const text = ifPresent(() => fs.readText(`proc/${pid}/comm`));
  return text === undefined ? undefined : trimAttribute(text);
}

/**
 * Arguments; empty for kernel threads and zombies.
 *
 * Files: `/proc/PID/cmdline`
 * Absent: undefined when there is no such process.
 */
export function readCommandLine(fs: KernelFs, pid: number): readonly string[] | undefined {
  const text = ifPresent(() => fs.readText(`proc/${pid}/cmdline`));
  if (text === undefined) return undefined;
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** Pids that may be kernel threads: few where the kernel lists them, else everybody. */
function listKernelThreadPids(fs: KernelFs): number[] {
  const children = ifPresent(() =>
    fs.readText(`proc/${KTHREADD_PID}/task/${KTHREADD_PID}/children`),
  );
  return selectIndexes(children === undefined ? fs.list('proc/') : children.split(' '));
}

/**
 * The threads of DAMON, whoever started them: kernel threads called `kdamond.N`. Empty inside a pid
 * namespace, which hides kernel threads.
 *
 * Files: `/proc/2/task/2/children`, `/proc/PID/stat`
 */
export function readKdamondThreads(fs: KernelFs): ProcessStat[] {
  return listKernelThreadPids(fs)
    .map((pid) => readProcessStat(fs, pid))
    .filter((stat) => stat !== undefined)
    .filter(({ comm, isKernelThread }) => isKernelThread && /^kdamond\.\d+$/.test(comm));
}
