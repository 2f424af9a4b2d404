import type { Clock } from '../../src/base/clock.ts';
import type { KernelFs } from '../../src/kernel/kernelFs.ts';

/** A process with a mapping whose first part is touched over and over and whose rest is left idle. */
export interface ContractProcess {
  readonly pid: number;
  /** The mapping. */
  readonly startAddr: bigint;
  readonly endAddr: bigint;
  readonly hotBytes: bigint;
  /** Ends it at once; resolves when the kernel has forgotten it. */
  kill(): Promise<void>;
}

/** A DAMON kernel that the cases may do anything to: a real one in a guest, or a simulated one. */
export interface ContractKernel {
  readonly fs: KernelFs;
  /** Its CLOCK_MONOTONIC. */
  readonly clock: Clock;
  /** As in /proc/sys/kernel/osrelease. */
  readonly release: string;
  /** Lets kernel time pass. */
  sleep(durationMs: number): Promise<void>;
  /** Waits for something only the kernel can bring about, letting its time pass. */
  settle<T>(pending: Promise<T>): Promise<T>;
  /** Resolves when all of its memory is there. */
  startProcess(hotMib: number, totalMib: number): Promise<ContractProcess>;
  /** Ends what was started. */
  killAll(): Promise<void>;
}

/** One sentence about what a DAMON kernel does, and the proof. */
export interface ContractCase {
  readonly name: string;
  /** Ids of the capability table: the case says nothing about kernels that lack one of them. */
  readonly needs?: readonly string[];
  /** Looks at the kernel as it came up; before all others, where one boot serves all cases. */
  readonly isAtBoot?: boolean;
  /** @throws AssertionError where the kernel does something else. */
  readonly run: (kernel: ContractKernel) => Promise<void> | void;
}
