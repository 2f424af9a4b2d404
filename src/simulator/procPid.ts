import { StaticDir, createTextFile } from './kernelNode.ts';
import type { Machine } from './machine.ts';
import { PAGE_BYTES } from './regionSet.ts';
import type { SimulatedProcess } from './simulatedProcess.ts';

/** Source: include/linux/sched.h */
const PF_KTHREAD = 0x0020_0000;
const KTHREAD_FLAGS: number = 0x8040 | PF_KTHREAD;
const USER_FLAGS = 0x0040_0000;
const USER_HZ = 100;
/** What a simulated program uses of one CPU. */
const USER_CPU_RATIO = 0.07;

export interface ProcTime {
  /** CLOCK_MONOTONIC at which this kernel was first looked at, µs. */
  readonly bootUs: number;
  nowUs(): number;
}

interface StatFields {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly parentPid: number;
  readonly flags: number;
  readonly userUs: number;
  readonly systemUs: number;
  readonly startUs: number;
  readonly virtualBytes: number;
  readonly residentBytes: number;
}

function toTicks(us: number): number {
  return Math.floor((us * USER_HZ) / 1e6);
}

/** Fields 1 to 52 of proc(5); what the simulation does not know is 0. */
function formatStat(stat: StatFields): string {
  const fields: (string | number)[] = new Array<number>(52).fill(0);
  fields[0] = stat.pid;
  fields[1] = `(${stat.comm})`;
  fields[2] = stat.state;
  fields[3] = stat.parentPid;
  fields[7] = -1;
  fields[8] = stat.flags;
  fields[13] = toTicks(stat.userUs);
  fields[14] = toTicks(stat.systemUs);
  fields[17] = 20;
  fields[19] = 1;
  fields[21] = toTicks(stat.startUs);
  fields[22] = stat.virtualBytes;
  fields[23] = Math.floor(stat.residentBytes / PAGE_BYTES);
  fields[24] = '18446744073709551615';
  fields[37] = 17;
  return `${fields.join(' ')}\n`;
}

export interface ThreadLike {
  readonly pid: number;
  readonly comm: string;
  readonly startUs: number;
  readonly cpuUs: number;
  /** Content of `task/<pid>/children`. */
  readonly children?: () => string;
  readonly isUserProcess?: boolean;
}

/** A kernel thread, or a process without memory of interest. */
export function createKernelThreadDir(thread: ThreadLike, time: ProcTime): StaticDir {
  const { pid, comm, children = () => '' } = thread;
  const isUser = thread.isUserProcess === true;
  const stat = (): string =>
    formatStat({
      pid,
      comm,
      state: isUser ? 'S' : 'I',
      parentPid: isUser || pid === 2 ? 0 : 2,
      flags: isUser ? USER_FLAGS : KTHREAD_FLAGS,
      userUs: isUser ? thread.cpuUs : 0,
      systemUs: isUser ? 0 : thread.cpuUs,
      startUs: thread.startUs - time.bootUs,
      virtualBytes: 0,
      residentBytes: 0,
    });
  const task = new StaticDir({ children: createTextFile(children) });
  return new StaticDir({
    comm: createTextFile(() => `${comm}\n`),
    cmdline: createTextFile(() => (isUser ? `${comm}\0` : '')),
    stat: createTextFile(stat),
    status: createTextFile(() => `Name:\t${comm}\nPid:\t${pid}\nKthread:\t${isUser ? 0 : 1}\n`),
    maps: createTextFile(() => ''),
    cgroup: createTextFile(() => '0::/\n'),
    task: new StaticDir({ [String(pid)]: task }),
  });
}

/** A process that runs a workload. */
export function createProcessDir(
  process: SimulatedProcess,
  machine: Machine,
  time: ProcTime,
): StaticDir {
  const { pid, workload } = process;
  const stat = (): string => {
    machine.settle();
    return formatStat({
      pid,
      comm: workload.comm,
      state: 'S',
      parentPid: 1,
      flags: USER_FLAGS,
      userUs: (time.nowUs() - process.startUs) * USER_CPU_RATIO,
      systemUs: 0,
      startUs: process.startUs - time.bootUs,
      virtualBytes: computeVirtualBytes(process),
      residentBytes: process.residentBytes(),
    });
  };
  return new StaticDir({
    comm: createTextFile(() => `${workload.comm}\n`),
    cmdline: createTextFile(() => workload.cmdline.map((word) => `${word}\0`).join('')),
    stat: createTextFile(stat),
    status: createTextFile(() => {
      machine.settle();
      return formatStatus(process);
    }),
    maps: createTextFile(() => formatMaps(process)),
    cgroup: createTextFile(() => `0::${workload.cgroup}\n`),
    task: new StaticDir({ [String(pid)]: new StaticDir({ children: createTextFile(() => '') }) }),
  });
}

function computeVirtualBytes(process: SimulatedProcess): number {
  return process.mappings().reduce((sum, { start, end }) => sum + end - start, 0);
}

function formatStatus(process: SimulatedProcess): string {
  const kb = (bytes: number): string => `${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
  const residentBytes = process.residentBytes();
  return [
    `Name:\t${process.workload.comm}`,
    'State:\tS (sleeping)',
    `Tgid:\t${process.pid}`,
    `Pid:\t${process.pid}`,
    'PPid:\t1',
    'Uid:\t1000\t1000\t1000\t1000',
    'Kthread:\t0',
    `VmSize:\t${kb(computeVirtualBytes(process))}`,
    `VmRSS:\t${kb(residentBytes)}`,
    `VmSwap:\t${kb(computeVirtualBytes(process) - residentBytes)}`,
    '',
  ].join('\n');
}

function formatMaps(process: SimulatedProcess): string {
  return process
    .mappings()
    .map(({ start, end, permissions, name }) => {
      const place = `${start.toString(16)}-${end.toString(16)} ${permissions} 00000000 00:00 0`;
      return name === '' ? `${place} \n` : `${place.padEnd(73)}${name}\n`;
    })
    .join('');
}
