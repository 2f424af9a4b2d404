import type { KernelPath } from '../../src/kernel/kernelFs.ts';
import { KDAMONDS } from '../../src/kernel/kdamonds.ts';
import type { ContractKernel, ContractProcess } from './contractKernel.ts';
import { command, CONTEXT, write } from './damonFiles.ts';

/** One scheme; what is not given matches everything and does nothing but count. */
export interface SchemeStage {
  readonly action?: string;
  readonly minNrAccesses?: number;
  readonly maxNrAccesses?: number;
  readonly applyIntervalUs?: number;
  readonly quotaBytes?: number;
}

/** One kdamond with one context: 5 ms / 100 ms, 10 to 1000 regions, vaddr, one scheme. */
export interface Stage {
  readonly operations?: string;
  readonly pids?: readonly number[];
  /** Initial regions of the first target, which is made if there is none. */
  readonly ranges?: readonly (readonly [start: bigint, end: bigint])[];
  readonly sampleIntervalUs?: number;
  readonly aggrIntervalUs?: number;
  readonly minNrRegions?: number;
  readonly maxNrRegions?: number;
  readonly schemes?: readonly SchemeStage[];
}

const ULONG_MAX = 2n ** 64n - 1n;

export function stageScheme(kernel: ContractKernel, index: number, stage: SchemeStage): void {
  const path: KernelPath = `${CONTEXT}/schemes/${index}`;
  const pattern: KernelPath = `${path}/access_pattern`;
  write(kernel, `${path}/action`, stage.action ?? 'stat');
  write(kernel, `${pattern}/sz/max`, ULONG_MAX);
  write(kernel, `${pattern}/nr_accesses/min`, stage.minNrAccesses ?? 0);
  write(kernel, `${pattern}/nr_accesses/max`, stage.maxNrAccesses ?? 4_294_967_295);
  write(kernel, `${pattern}/age/max`, 4_294_967_295);
  write(kernel, `${path}/apply_interval_us`, stage.applyIntervalUs ?? 0);
  if (stage.quotaBytes !== undefined) {
    write(kernel, `${path}/quotas/bytes`, stage.quotaBytes);
    write(kernel, `${path}/quotas/reset_interval_ms`, 1000);
  }
}

function stageTargets(kernel: ContractKernel, stage: Stage): void {
  const pids = stage.pids ?? [];
  write(kernel, `${CONTEXT}/targets/nr_targets`, Math.max(pids.length, stage.ranges ? 1 : 0));
  for (const [index, pid] of pids.entries()) {
    write(kernel, `${CONTEXT}/targets/${index}/pid_target`, pid);
  }
  if (stage.ranges === undefined) return;
  const regions: KernelPath = `${CONTEXT}/targets/0/regions`;
  write(kernel, `${regions}/nr_regions`, stage.ranges.length);
  for (const [index, [start, end]] of stage.ranges.entries()) {
    write(kernel, `${regions}/${index}/start`, start);
    write(kernel, `${regions}/${index}/end`, end);
  }
}

/** Writes all of it to kdamond 0, made anew; starts nothing. */
export function stageKdamond(kernel: ContractKernel, stage: Stage = {}): void {
  write(kernel, `${KDAMONDS}/nr_kdamonds`, 1);
  write(kernel, `${KDAMONDS}/0/contexts/nr_contexts`, 1);
  write(kernel, `${CONTEXT}/operations`, stage.operations ?? 'vaddr');
  const attrs: KernelPath = `${CONTEXT}/monitoring_attrs`;
  write(kernel, `${attrs}/intervals/sample_us`, stage.sampleIntervalUs ?? 5_000);
  write(kernel, `${attrs}/intervals/aggr_us`, stage.aggrIntervalUs ?? 100_000);
  write(kernel, `${attrs}/intervals/update_us`, 1_000_000);
  write(kernel, `${attrs}/nr_regions/min`, stage.minNrRegions ?? 10);
  write(kernel, `${attrs}/nr_regions/max`, stage.maxNrRegions ?? 1000);
  stageTargets(kernel, stage);
  const schemes = stage.schemes ?? [{}];
  write(kernel, `${CONTEXT}/schemes/nr_schemes`, schemes.length);
  for (const [index, scheme] of schemes.entries()) stageScheme(kernel, index, scheme);
}

/** A running kdamond that monitors one process with 16 hot MiB of 64. */
export async function monitorProcess(
  kernel: ContractKernel,
  stage: Omit<Stage, 'pids'> = {},
): Promise<ContractProcess> {
  const process = await kernel.startProcess(16, 64);
  stageKdamond(kernel, { ...stage, pids: [process.pid] });
  await command(kernel, 'on');
  return process;
}
