import type { ProcessSelector } from '../damon/targetSelector.ts';
import { ifPresent, selectIndexes } from './attribute.ts';
import type { KernelFs } from './kernelFs.ts';
import { readCommandLine, readProcessStat } from './processes.ts';
import type { ProcessStat } from './processes.ts';

/** The kernel keeps this much of a command name. */
const COMM_BYTES = 15;

export interface FindOptions {
  /** Is left out where a name or arguments are looked for: it holds them in its own arguments. */
  readonly ownPid: number;
  /** Undefined for a user this machine does not have. */
  readonly lookUpUser: (name: string) => number | undefined;
  /** Of the commands that were started for their selectors, by the command's text. */
  readonly commandPids: ReadonlyMap<string, number>;
}

/**
 * Real user id.
 *
 * Files: `/proc/PID/status`
 */
function readUid(fs: KernelFs, pid: number): number | undefined {
  const text = ifPresent(() => fs.readText(`proc/${pid}/status`));
  const uid = /^Uid:\s+(\d+)/m.exec(text ?? '')?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/**
 * Paths below the root of each hierarchy: one with cgroup v2, one per controller with v1.
 *
 * Files: `/proc/PID/cgroup`
 */
function readCgroups(fs: KernelFs, pid: number): string[] {
  const text = ifPresent(() => fs.readText(`proc/${pid}/cgroup`)) ?? '';
  return text
    .split('\n')
    .map((line) => /^\d+:[^:]*:(.*)$/.exec(line)?.[1])
    .filter((path) => path !== undefined);
}

function isBelow(path: string, group: string): boolean {
  const wanted = `/${group.replace(/^\/+|\/+$/g, '')}`;
  return wanted === '/' || path === wanted || path.startsWith(`${wanted}/`);
}

function fitsName(comm: string, name: string): boolean {
  return comm === Buffer.from(name).subarray(0, COMM_BYTES).toString();
}

type ProcessMatch = ProcessSelector & { readonly kind: 'process' };

function fitsProcess(
  fs: KernelFs,
  { pid, comm }: ProcessStat,
  { name, commandLine, user }: ProcessMatch,
  options: FindOptions,
): boolean {
  if (pid === options.ownPid) return false;
  if (name !== undefined && !fitsName(comm, name)) return false;
  if (user !== undefined) {
    const uid = options.lookUpUser(user);
    if (uid === undefined || readUid(fs, pid) !== uid) return false;
  }
  if (commandLine === undefined) return true;
  return commandLine.test((readCommandLine(fs, pid) ?? []).join(' '));
}

function fits(
  fs: KernelFs,
  stat: ProcessStat,
  selector: ProcessSelector,
  options: FindOptions,
): boolean {
  switch (selector.kind) {
    case 'pid':
      return stat.pid === selector.pid;
    case 'command':
      return stat.pid === options.commandPids.get(selector.command);
    case 'process':
      return fitsProcess(fs, stat, selector, options);
    case 'cgroup':
      return readCgroups(fs, stat.pid).some((path) => isBelow(path, selector.path));
    case 'systemd_unit':
      return readCgroups(fs, stat.pid).some((path) => path.split('/').includes(selector.unit));
  }
}

/** Processes that can be monitored: alive, and with memory of their own. */
function listProcesses(fs: KernelFs): ProcessStat[] {
  return selectIndexes(fs.list('proc/'))
    .map((pid) => readProcessStat(fs, pid))
    .filter((stat) => stat !== undefined)
    .filter(({ isKernelThread, state }) => !isKernelThread && state !== 'Z' && state !== 'X');
}

/**
 * The pids each selector stands for now, oldest process first.
 *
 * Files: `/proc`, and per process what the selectors ask for
 */
export function findProcesses(
  fs: KernelFs,
  selectors: readonly ProcessSelector[],
  options: FindOptions,
): readonly (readonly number[])[] {
  if (selectors.length === 0) return [];
  const processes = listProcesses(fs).sort(
    (left, right) => left.startTicks - right.startTicks || left.pid - right.pid,
  );
  return selectors.map((selector) =>
    processes.filter((stat) => fits(fs, stat, selector, options)).map(({ pid }) => pid),
  );
}
