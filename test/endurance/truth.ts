import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { KDAMOND, command, read, stage, targetFiles } from '../support/simulation.ts';

const SAMPLES_PER_AGGR = 20;
export const AGGR_MS = 100;
const MAX = '18446744073709551615';

/** Shares of samples with an access that a scheme each counts the bytes of: everything, and parts. */
const SCHEMES: readonly (readonly [least: number, most: number])[] = [
  [0, SAMPLES_PER_AGGR],
  [0, 0],
  [1, SAMPLES_PER_AGGR],
  [1, 10],
  [11, SAMPLES_PER_AGGR],
];

/** What the kernel itself has counted, from its own schemes, clock and threads. */
export interface KernelTruth {
  /** Bytes of all regions, once for each aggregation. */
  readonly monitoredBytes: bigint;
  readonly idleBytes: bigint;
  readonly accessedBytes: bigint;
  /** Accessed by up to half of the samples. */
  readonly halfBytes: bigint;
  readonly triedRegions: readonly bigint[];
  readonly triedBytes: readonly bigint[];
}

function schemeFiles([least, most]: readonly [number, number], index: number) {
  const dir = `contexts/0/schemes/${index}/access_pattern`;
  return [
    [`${dir}/sz/max`, MAX],
    [`${dir}/age/max`, MAX],
    [`${dir}/nr_accesses/min`, String(least)],
    [`${dir}/nr_accesses/max`, String(most)],
  ];
}

/** A kdamond for all processes there are, with a scheme for each thing that is to be counted. */
export function startCountedKdamond(kernel: SimulatedKernel): void {
  const files = Object.fromEntries(SCHEMES.flatMap(schemeFiles)) as Record<string, string>;
  stage(kernel, {
    'contexts/0/schemes/nr_schemes': String(SCHEMES.length),
    ...files,
    'contexts/0/monitoring_attrs/nr_regions/min': '20',
    'contexts/0/monitoring_attrs/nr_regions/max': '100',
    ...targetFiles(kernel, kernel.processes.size),
    state: 'on',
  });
}

/** To be asked between two aggregations: the answer takes a sampling interval. */
export async function readKernelTruth(kernel: SimulatedKernel): Promise<KernelTruth> {
  await command(kernel, 'update_schemes_stats');
  const stats = SCHEMES.map((_, index) => {
    const dir = `contexts/0/schemes/${index}/stats`;
    return {
      regions: BigInt(read(kernel, `${dir}/nr_tried`)),
      bytes: BigInt(read(kernel, `${dir}/sz_tried`)),
    };
  });
  const [monitored, idle, accessed, half] = stats.map(({ bytes }) => bytes);
  return {
    monitoredBytes: monitored!,
    idleBytes: idle!,
    accessedBytes: accessed!,
    halfBytes: half!,
    triedRegions: stats.map(({ regions }) => regions),
    triedBytes: stats.map(({ bytes }) => bytes),
  };
}

/** Of the kernel thread, as it is at this moment. */
export function readThreadTruth(kernel: SimulatedKernel): { readonly cpuSeconds: number } {
  const pid = kernel.fs.readText(`${KDAMOND}/pid`).trim();
  const fields = kernel.fs.readText(`proc/${pid}/stat`).split(') ')[1]!.split(' ');
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 };
}
