import { isKernelErrno } from '../../base/errors.ts';
import type { KernelFs, KernelPath, KernelStream } from '../kernelFs.ts';

const ONLINE_CPUS: KernelPath = 'sys/devices/system/cpu/online';
/** More than any kernel has; keeps a nonsensical list from costing memory. */
const MAX_CPUS = 1 << 14;

/** The open `trace_pipe_raw` of each CPU of one instance. */
export interface CpuStreams {
  /** Opens those of CPUs that came; CPUs that went keep theirs, their last events are in it. */
  refresh(): void;
  readonly byCpu: ReadonlyMap<number, KernelStream>;
  close(): void;
}

/** "0-3,8" to 0, 1, 2, 3, 8; anything else in it is passed over. */
function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? [];
      if (first === undefined) return [];
      const length = Math.max(0, Number(last ?? first) - Number(first) + 1);
      return Array.from({ length: Math.min(length, MAX_CPUS) }, (_, at) => Number(first) + at);
    });
}

function listPerCpu(fs: KernelFs, root: KernelPath): number[] {
  return fs.list(`${root}/per_cpu`).flatMap((name) => {
    const cpu = /^cpu(\d{1,5})$/.exec(name)?.[1];
    return cpu === undefined ? [] : [Number(cpu)];
  });
}

/**
 * Streams of the CPUs that are online. `per_cpu` also lists CPUs that could be added one day,
 * hundreds on some virtual machines, and asking those each time would cost more than all the rest.
 *
 * Files: `/sys/devices/system/cpu/online`, else `per_cpu/`; `per_cpu/cpuN/trace_pipe_raw`.
 */
export function createCpuStreams(fs: KernelFs, root: KernelPath): CpuStreams {
  const byCpu = new Map<number, KernelStream>();
  let onlineText: string | undefined;

  const open = (cpu: number): void => {
    if (byCpu.has(cpu)) return;
    try {
      byCpu.set(cpu, fs.openStream(`${root}/per_cpu/cpu${cpu}/trace_pipe_raw`));
    } catch (error) {
      // Gone again between listing and opening.
      if (!isKernelErrno(error, 'ENOENT', 'ENODEV', 'ENXIO')) throw error;
    }
  };

  return {
    byCpu,
    refresh: () => {
      let text: string;
      try {
        text = fs.readText(ONLINE_CPUS);
      } catch (error) {
        if (!isKernelErrno(error, 'ENOENT', 'EACCES', 'EPERM')) throw error;
        for (const cpu of listPerCpu(fs, root)) open(cpu);
        return;
      }
      if (text === onlineText) return;
      for (const cpu of parseCpuList(text)) open(cpu);
      onlineText = text;
    },
    close: () => {
      for (const stream of byCpu.values()) stream.close();
      byCpu.clear();
    },
  };
}
