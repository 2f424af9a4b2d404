import assert from 'node:assert/strict';
import type { KernelPath } from '../../src/kernel/kernelFs.ts';
import type { ContractKernel } from './contractKernel.ts';
import { command, CONTEXT, listNumbers, read } from './damonFiles.ts';

/** The files of `stats` by name; all are counts. */
export function readStats(kernel: ContractKernel, scheme = 0): Record<string, bigint> {
  const path: KernelPath = `${CONTEXT}/schemes/${scheme}/stats`;
  return Object.fromEntries(
    kernel.fs.list(path).map((name) => [name, BigInt(read(kernel, `${path}/${name}`))]),
  );
}

/** One counter of scheme 0 as the kernel has it now. */
export async function updateCounter(kernel: ContractKernel, name: string): Promise<bigint> {
  await command(kernel, 'update_schemes_stats');
  const value = readStats(kernel)[name];
  assert.notEqual(value, undefined, `no stats/${name}`);
  return value ?? 0n;
}

export interface TriedRegion {
  readonly start: bigint;
  readonly end: bigint;
  readonly nrAccesses: number;
  readonly age: number;
}

/** The numbers of the directories, ascending. */
export function listTriedRegions(kernel: ContractKernel, scheme = 0): number[] {
  return listNumbers(kernel, `${CONTEXT}/schemes/${scheme}/tried_regions`);
}

/** What is shown now, in the order of the directories' numbers. */
export function readTriedRegions(kernel: ContractKernel, scheme = 0): TriedRegion[] {
  return listTriedRegions(kernel, scheme).map((number) => {
    const path: KernelPath = `${CONTEXT}/schemes/${scheme}/tried_regions/${number}`;
    return {
      start: BigInt(read(kernel, `${path}/start`)),
      end: BigInt(read(kernel, `${path}/end`)),
      nrAccesses: Number(read(kernel, `${path}/nr_accesses`)),
      age: Number(read(kernel, `${path}/age`)),
    };
  });
}

export async function updateTriedRegions(kernel: ContractKernel): Promise<TriedRegion[]> {
  await command(kernel, 'update_schemes_tried_regions');
  return readTriedRegions(kernel);
}

export function readTotalBytes(kernel: ContractKernel, scheme = 0): bigint {
  return BigInt(read(kernel, `${CONTEXT}/schemes/${scheme}/tried_regions/total_bytes`));
}

export function sumBytes(regions: readonly TriedRegion[]): bigint {
  return regions.reduce((sum, { start, end }) => sum + end - start, 0n);
}
