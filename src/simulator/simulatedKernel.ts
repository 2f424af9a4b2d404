import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { createRandom } from '../base/random.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { DamonHost } from './damonHost.ts';
import { createKernelModel } from './kernelModel.ts';
import { StaticDir } from './kernelNode.ts';
import { Machine } from './machine.ts';
import { createBootFs, createProcFs } from './procFs.ts';
import type { SimulatedProcess } from './simulatedProcess.ts';
import { createSimulatedClock } from './simulatedClock.ts';
import type { SimulatedClock } from './simulatedClock.ts';
import { createSimulatedFs } from './simulatedFs.ts';
import type { Intercept } from './simulatedFs.ts';
import { createSysFs } from './sysFs.ts';
import { NR_CPUS, createTraceFs } from './traceFs.ts';
import type { Workload } from './workload.ts';

export interface SimulatedKernelOptions {
  /** Like "6.12" or "7.2": decides which files, events and modules there are. */
  readonly version: string;
  /** The same seed gives the same run. */
  readonly seed: number;
  /** Default: real time at speed 1. */
  readonly clock?: SimulatedClock;
  /** Processes that run from the start. */
  readonly workloads?: readonly Workload[];
  /** Default 4 GiB. */
  readonly memoryBytes?: number;
  /** Whether DAMON_STAT runs from the start where the kernel has it; default: as built, yes. */
  readonly isDamonStatOn?: boolean;
  /** Pid of the program that looks: shown in `proc`, so that it finds itself alive. Default 4242. */
  readonly observerPid?: number;
  /** Everything only root may use answers EACCES. */
  readonly isUnprivileged?: boolean;
  /** Faults and delays for single operations. */
  readonly intercept?: Intercept;
}

/** A kernel in memory. Nothing happens until it is looked at: every access lets it catch up. */
export interface SimulatedKernel {
  readonly fs: KernelFs;
  /** Its CLOCK_MONOTONIC and wall clock. */
  readonly clock: Clock;
  /** Processes by pid; those that ended are gone. */
  readonly processes: ReadonlyMap<number, SimulatedProcess>;
  /** Starts another process. */
  spawn(workload: Workload): SimulatedProcess;
  /** Ends a process, as SIGKILL does. */
  kill(pid: number): void;
  /** Moves time forward and lets the kernel run. */
  advance(durationNs: bigint): void;
}

const DEFAULT_MEMORY_BYTES: number = 4 * 2 ** 30;
/** A kernel that was not looked at for longer was frozen meanwhile: catching up must stay quick. */
const LONGEST_CATCH_UP_US = 20_000_000;

export function createSimulatedKernel(options: SimulatedKernelOptions): SimulatedKernel {
  const clock = options.clock ?? createSimulatedClock({ speed: 1 });
  const nowUs = (): number => Number(clock.monotonicNs() / 1000n);
  const random = createRandom(options.seed);
  const machine = new Machine(
    options.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    random.below(2 ** 32),
    nowUs(),
  );
  for (const workload of options.workloads ?? []) machine.spawn(workload);
  const model = createKernelModel(options.version);
  const traceFs = createTraceFs(machine, model, createRandom(random.below(2 ** 32)));
  const host = new DamonHost({ machine, model, random, tracer: traceFs });
  const sysFs = createSysFs(host, NR_CPUS);
  if (options.isDamonStatOn ?? true) sysFs.damonStat?.turnOn();
  const observer = {
    pid: options.observerPid ?? 4242,
    isUnprivileged: options.isUnprivileged ?? false,
  };
  const root = new StaticDir({
    sys: sysFs.dir,
    proc: createProcFs(host, observer),
    trace: traceFs.dir,
    boot: createBootFs(host),
  });

  const runUntil = (us: number): void => {
    while (host.nextWakeUs() <= us) host.step();
    machine.advanceTo(us);
  };
  const catchUp = (): void => {
    const us = nowUs();
    if (us - machine.nowUs > LONGEST_CATCH_UP_US) host.skipTo(us - LONGEST_CATCH_UP_US);
    runUntil(us);
  };
  const advance = (durationNs: bigint): void => {
    clock.advance(durationNs);
    runUntil(nowUs());
  };
  const advanceTo = (us: number): void => {
    advance(BigInt(Math.max(0, Math.ceil(us) - nowUs())) * 1000n);
  };
  const realMsUntil = (us: number): number => Math.max(1, (us - nowUs()) / 1000 / clock.speed);

  const fs = createSimulatedFs({
    root,
    isUnprivileged: options.isUnprivileged ?? false,
    intercept: options.intercept ?? (() => undefined),
    catchUp,
    waitUntilUs: async (us) => {
      if (clock.speed === 0) advanceTo(us);
      else await sleep(realMsUntil(us));
      catchUp();
    },
    blockUntilUs: (us) => {
      if (clock.speed === 0) advanceTo(us);
      else blockThread(realMsUntil(us));
      catchUp();
    },
  });
  return {
    fs,
    clock,
    processes: machine.processes,
    spawn: (workload) => {
      catchUp();
      return machine.spawn(workload);
    },
    kill: (pid) => {
      catchUp();
      machine.kill(pid);
    },
    advance,
  };
}

/** Stops this thread, as a system call that blocks does. */
function blockThread(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}
