import { createRandom } from '../base/random.ts';
import { PhysicalMemory } from './physicalMemory.ts';
import { SimulatedProcess } from './simulatedProcess.ts';
import type { Workload } from './workload.ts';

/** Processes and memory: what there is to monitor. */
export class Machine {
  readonly memory: PhysicalMemory;
  readonly processes: Map<number, SimulatedProcess> = new Map<number, SimulatedProcess>();
  readonly bootUs: number;
  nowUs: number;
  #nextPid = 812;
  #nextEventUs = Infinity;

  constructor(memoryBytes: number, seed: number, bootUs: number) {
    this.memory = new PhysicalMemory(memoryBytes, createRandom(seed));
    this.bootUs = bootUs;
    this.nowUs = bootUs;
  }

  /** A pid nobody has had yet. */
  allocatePid(): number {
    this.#nextPid += 1 + (this.#nextPid % 3);
    return this.#nextPid;
  }

  spawn(workload: Workload): SimulatedProcess {
    const process = new SimulatedProcess(this.allocatePid(), workload, this.nowUs);
    this.processes.set(process.pid, process);
    this.memory.assign(process, process.heap.end - process.heap.start);
    this.#nextEventUs = Math.min(this.#nextEventUs, process.nextEventUs);
    return process;
  }

  /** Ends a process at once, as SIGKILL does. */
  kill(pid: number): void {
    const process = this.processes.get(pid);
    if (process === undefined) return;
    this.processes.delete(pid);
    this.memory.release(process);
  }

  /** Lets phases change and processes end up to this moment. */
  advanceTo(nowUs: number): void {
    this.nowUs = nowUs;
    if (nowUs < this.#nextEventUs) return;
    this.#nextEventUs = Infinity;
    for (const process of this.processes.values()) {
      if (process.hasExited(nowUs)) {
        this.kill(process.pid);
        continue;
      }
      process.refresh(nowUs);
      this.memory.assign(process, process.heap.end - process.heap.start);
      this.#nextEventUs = Math.min(this.#nextEventUs, process.nextEventUs);
    }
  }

  /** Brings resident sets up to now, for those who read them. */
  settle(): void {
    for (const process of this.processes.values()) {
      process.residentSet.settle(process.bands, this.nowUs);
    }
  }

  /** Bytes that were paged out and have not come back. */
  outBytes(): number {
    let bytes = 0;
    for (const process of this.processes.values()) {
      bytes += process.residentSet.outBytes(process.heap);
    }
    return bytes;
  }

  freeBytes(): number {
    this.settle();
    let used = this.memory.memoryBytes * KERNEL_RATIO;
    for (const process of this.processes.values()) used += process.residentBytes();
    return Math.max(0, Math.floor(this.memory.memoryBytes - used));
  }
}

/** Share of memory the kernel has for itself. */
const KERNEL_RATIO = 0.04;
