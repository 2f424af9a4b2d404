import { CAPABILITIES } from '../damon/capabilities.ts';
import type { DamonHost } from './damonHost.ts';
import { StaticDir, createTextFile, createVirtualDir } from './kernelNode.ts';
import type { DirNode } from './kernelNode.ts';
import { KTHREADD_PID } from './monitoredSpace.ts';
import { createKernelThreadDir, createProcessDir } from './procPid.ts';
import type { ProcTime } from './procPid.ts';

const INIT_PID = 1;

const MOUNTS = [
  'sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0',
  'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0',
  'tracefs /sys/kernel/tracing tracefs rw,nosuid,nodev,noexec,relatime 0 0',
  '',
].join('\n');

/** The program that looks at this kernel. */
export interface Observer {
  readonly pid: number;
  readonly isUnprivileged: boolean;
}

/** `proc`: processes, kernel threads and the few system files the product reads. */
export function createProcFs(host: DamonHost, observer: Observer): DirNode {
  const { machine, model } = host;
  const time: ProcTime = { bootUs: machine.bootUs, nowUs: () => machine.nowUs };
  const self = createObserverDir(observer, time);
  const osrelease = createTextFile(() => `${model.release}\n`);
  // The simulation is a new boot each time it starts.
  const random = new StaticDir({
    boot_id: createTextFile(() => `${formatBootId(machine.bootUs)}\n`),
  });
  const system = new StaticDir({
    meminfo: createTextFile(() => formatMeminfo(host)),
    iomem: createTextFile(() => formatIomem(host), 0o400),
    mounts: createTextFile(() => MOUNTS),
    uptime: createTextFile(() => formatUptime(time)),
    version: createTextFile(() => `Linux version ${model.release} (simulated)\n`),
    sys: new StaticDir({ kernel: new StaticDir({ osrelease, random }) }),
    self,
  });
  const systemd = { pid: INIT_PID, comm: 'systemd', startUs: machine.bootUs, cpuUs: 1_200_000 };
  const kthreadd = { pid: KTHREADD_PID, comm: 'kthreadd', startUs: machine.bootUs, cpuUs: 0 };
  const lookupPid = (pid: number): DirNode | undefined => {
    if (pid === observer.pid) return self;
    if (pid === INIT_PID) return createKernelThreadDir({ ...systemd, isUserProcess: true }, time);
    if (pid === KTHREADD_PID) {
      const children = (): string =>
        host
          .running()
          .map((kdamond) => `${kdamond.pid} `)
          .join('');
      return createKernelThreadDir({ ...kthreadd, children }, time);
    }
    const kdamond = host.running().find((running) => running.pid === pid);
    if (kdamond !== undefined) return createKernelThreadDir(kdamond, time);
    const process = machine.processes.get(pid);
    return process === undefined ? undefined : createProcessDir(process, machine, time);
  };
  const pids = (): number[] => [
    INIT_PID,
    KTHREADD_PID,
    observer.pid,
    ...host.running().map(({ pid }) => pid),
    ...machine.processes.keys(),
  ];
  return createVirtualDir(
    () => [...system.names(), ...pids().map(String)],
    (name) => system.lookup(name) ?? (/^\d+$/.test(name) ? lookupPid(Number(name)) : undefined),
  );
}

/** The kernel configuration as distributions install it: `boot/config-<release>`. */
export function createBootFs(host: DamonHost): DirNode {
  const names = ['DAMON', 'DAMON_VADDR', 'DAMON_PADDR', 'DAMON_SYSFS'];
  for (const { evidence, id } of CAPABILITIES) {
    const isModule = evidence.kind === 'module' && evidence.parameter === undefined;
    if (isModule && host.model.has(id)) names.push(id.toUpperCase());
  }
  const text = names.map((name) => `CONFIG_${name}=y\n`).join('');
  return new StaticDir({ [`config-${host.model.release}`]: createTextFile(() => text) });
}

function formatKb(name: string, bytes: number): string {
  return `${`${name}:`.padEnd(15)} ${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`;
}

function formatMeminfo({ machine }: DamonHost): string {
  const { memoryBytes } = machine.memory;
  const freeBytes = machine.freeBytes();
  const availableBytes = Math.min(memoryBytes, freeBytes + memoryBytes * 0.02);
  return (
    formatKb('MemTotal', memoryBytes) +
    formatKb('MemFree', freeBytes) +
    formatKb('MemAvailable', availableBytes) +
    formatKb('SwapTotal', memoryBytes / 2) +
    formatKb('SwapFree', memoryBytes / 2 - machine.outBytes())
  );
}

function formatIomem({ machine }: DamonHost): string {
  const hex = (addr: number): string => addr.toString(16).padStart(8, '0');
  const lines = machine.memory.ramRanges.map(
    ({ start, end }) => `${hex(start)}-${hex(end - 1)} : System RAM\n`,
  );
  return ['00000000-00000fff : Reserved\n', ...lines].join('');
}

function formatUptime(time: ProcTime): string {
  const seconds = (time.nowUs() / 1e6).toFixed(2);
  return `${seconds} ${seconds}\n`;
}

const ALL_CAPABILITIES = '000001ffffffffff';
const NO_CAPABILITIES = '0000000000000000';

function createObserverDir({ pid, isUnprivileged }: Observer, time: ProcTime): StaticDir {
  const thread = { pid, comm: 'damon-exporter', startUs: time.bootUs, cpuUs: 0 };
  const dir = createKernelThreadDir({ ...thread, isUserProcess: true }, time);
  const uid = isUnprivileged ? 65534 : 0;
  const status = [
    'Name:\tdamon-exporter',
    `Pid:\t${pid}`,
    `Uid:\t${uid}\t${uid}\t${uid}\t${uid}`,
    `CapEff:\t${isUnprivileged ? NO_CAPABILITIES : ALL_CAPABILITIES}`,
    '',
  ].join('\n');
  dir.entries.set(
    'status',
    createTextFile(() => status),
  );
  return dir;
}

/** A UUID of version 4 in form, made from when the simulation started. */
function formatBootId(bootUs: number): string {
  const digits = Math.floor(bootUs).toString(16).padStart(12, '0').slice(-12);
  return `00000000-0000-4000-8000-${digits}`;
}
