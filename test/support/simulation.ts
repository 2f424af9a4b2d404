import type { KernelPath } from '../../src/kernel/kernelFs.ts';
import { createManualClock } from '../../src/simulator/simulatedClock.ts';
import { createSimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import type {
  SimulatedKernel,
  SimulatedKernelOptions,
} from '../../src/simulator/simulatedKernel.ts';

export const KDAMOND = 'sys/kernel/mm/damon/admin/kdamonds/0';
export const CONTEXT: `${typeof KDAMOND}/contexts/0` = `${KDAMOND}/contexts/0`;
export const SCHEME: `${typeof CONTEXT}/schemes/0` = `${CONTEXT}/schemes/0`;

export const SECOND_NS = 1_000_000_000n;

/** A kernel whose time stands still but for `advance` and for writes that block. */
export function createTestKernel(options: Partial<SimulatedKernelOptions> = {}): SimulatedKernel {
  return createSimulatedKernel({
    version: '7.2',
    seed: 1,
    clock: createManualClock(),
    isDamonStatOn: false,
    ...options,
  });
}

/** Writes files below `kdamonds/0`, in order. */
export function write(kernel: SimulatedKernel, values: Readonly<Record<string, string>>): void {
  for (const [path, value] of Object.entries(values)) {
    kernel.fs.writeText(`${KDAMOND}/${path}`, value);
  }
}

/** One file below `kdamonds/0`, without the newline. */
export function read(kernel: SimulatedKernel, path: string): string {
  return kernel.fs.readText(`${KDAMOND}/${path}`).replace(/\n$/, '');
}

const MAX = '18446744073709551615';
export const CATCH_ALL: Readonly<Record<string, string>> = {
  'contexts/0/schemes/nr_schemes': '1',
  'contexts/0/schemes/0/access_pattern/sz/max': MAX,
  'contexts/0/schemes/0/access_pattern/nr_accesses/max': MAX,
  'contexts/0/schemes/0/access_pattern/age/max': MAX,
};

/** Makes kdamond 0 with one context and a catch-all scheme; starts nothing. */
export function stage(kernel: SimulatedKernel, values: Readonly<Record<string, string>>): void {
  kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '1');
  write(kernel, { 'contexts/nr_contexts': '1', ...CATCH_ALL, ...values });
}

/** Files of a target for each of the first processes of the kernel. */
export function targetFiles(kernel: SimulatedKernel, nrTargets = 1): Record<string, string> {
  const files: Record<string, string> = { 'contexts/0/targets/nr_targets': String(nrTargets) };
  const pids = [...kernel.processes.keys()].slice(0, nrTargets);
  pids.forEach((pid, index) => {
    files[`contexts/0/targets/${index}/pid_target`] = String(pid);
  });
  return files;
}

/** Starts kdamond 0 on the first process. */
export function startVaddr(
  kernel: SimulatedKernel,
  values: Readonly<Record<string, string>> = {},
): void {
  stage(kernel, { ...targetFiles(kernel), ...values, state: 'on' });
}

export interface TriedRegion {
  readonly start: number;
  readonly end: number;
  readonly nrAccesses: number;
  readonly age: number;
}

/** What `tried_regions` of scheme 0 shows, in order of address. */
export function readTried(kernel: SimulatedKernel): TriedRegion[] {
  const dir: KernelPath = `${SCHEME}/tried_regions`;
  const number = (path: string): number => Number(kernel.fs.readText(`${dir}/${path}`));
  return kernel.fs
    .list(dir)
    .filter((name) => name !== 'total_bytes')
    .map((name) => ({
      start: number(`${name}/start`),
      end: number(`${name}/end`),
      nrAccesses: number(`${name}/nr_accesses`),
      age: number(`${name}/age`),
    }))
    .sort((left, right) => left.start - right.start);
}

/** A `state` write that waits; time moves on meanwhile. */
export function command(kernel: SimulatedKernel, keyword: string): Promise<void> {
  return kernel.fs.writeTextBlocking(`${KDAMOND}/state`, keyword);
}

/** Working set by the tried regions: bytes in regions with at least one access. */
export async function measureWssBytes(kernel: SimulatedKernel): Promise<number> {
  await command(kernel, 'update_schemes_tried_regions');
  return readTried(kernel)
    .filter(({ nrAccesses }) => nrAccesses > 0)
    .reduce((sum, { start, end }) => sum + end - start, 0);
}
