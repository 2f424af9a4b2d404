import type { KernelFs, KernelPath } from '../kernel/kernelFs.ts';
import { DAMON_ADMIN } from '../kernel/kernelFs.ts';
import type { DemoSceneName } from './demoSceneNames.ts';
import { createSimulatedClock } from './simulatedClock.ts';
import type { Intercept } from './simulatedFs.ts';
import { createSimulatedKernel } from './simulatedKernel.ts';
import type { SimulatedKernel } from './simulatedKernel.ts';
import {
  createGradient,
  createGrowingHeap,
  createHotCold,
  createPhaseChange,
  createStaircase,
} from './workload.ts';
import type { Workload } from './workload.ts';

export interface DemoOptions {
  /** Like "7.2". */
  readonly version: string;
  readonly seed: number;
  /** Simulated seconds per real second. */
  readonly speed: number;
  readonly scene: DemoSceneName;
  readonly intercept?: Intercept;
}

const MIB = 2 ** 20;
const ULONG_MAX = '18446744073709551615';
const KDAMONDS = `${DAMON_ADMIN}/kdamonds`;

/** Programs with patterns that are easy to recognise in a picture; about 2 GiB altogether. */
function createDemoWorkloads(): readonly Workload[] {
  return [
    createGradient('cache-server', 8, 64, 8),
    createPhaseChange('batch', [48, 256], 384, 60_000_000),
    createStaircase('scanner', 8, 32, 15_000_000),
    createHotCold('web-frontend', 96, 160),
    createGrowingHeap('leaky', { startMib: 64, stepMib: 16, maxMib: 640, stepUs: 30_000_000 }),
  ];
}

/** A simulated machine with something to see, for demonstrations and `serve --source simulator`. */
export function createDemoKernel(options: DemoOptions): SimulatedKernel {
  const { version, seed, speed, scene, intercept } = options;
  const kernel = createSimulatedKernel({
    version,
    seed,
    clock: createSimulatedClock({ speed }),
    workloads: createDemoWorkloads(),
    memoryBytes: 12_288 * MIB,
    isDamonStatOn: scene === 'damon_stat',
    ...(intercept !== undefined && { intercept }),
  });
  if (scene === 'operator') startOperatorScene(kernel);
  return kernel;
}

function writeAll(fs: KernelFs, dir: KernelPath, values: Readonly<Record<string, string>>): void {
  for (const [path, value] of Object.entries(values)) fs.writeText(`${dir}/${path}`, value);
}

function startOperatorScene({ fs, processes }: SimulatedKernel): void {
  fs.writeText(`${KDAMONDS}/nr_kdamonds`, '2');
  const pids = [...processes.keys()];
  const first: KernelPath = `${KDAMONDS}/0`;
  writeAll(fs, first, {
    'contexts/nr_contexts': '1',
    'contexts/0/monitoring_attrs/nr_regions/min': '100',
    'contexts/0/monitoring_attrs/intervals/update_us': '1000000',
    'contexts/0/targets/nr_targets': String(pids.length),
    'contexts/0/schemes/nr_schemes': '1',
  });
  pids.forEach((pid, index) => {
    fs.writeText(`${first}/contexts/0/targets/${index}/pid_target`, String(pid));
  });
  writeScheme(fs, `${first}/contexts/0/schemes/0`, {});
  startReclaim(fs, `${KDAMONDS}/1`);
  for (const index of [0, 1]) {
    const refresh: KernelPath = `${KDAMONDS}/${index}/refresh_ms`;
    if (fs.exists(refresh)) fs.writeText(refresh, '1000');
    fs.writeText(`${KDAMONDS}/${index}/state`, 'on');
  }
}

/** Watches all RAM and pages out, slowly, what has not been used for ten seconds. */
function startReclaim(fs: KernelFs, kdamond: KernelPath): void {
  const ranges = Array.from(
    fs.readText('proc/iomem').matchAll(/^([0-9a-f]+)-([0-9a-f]+) : System RAM$/gm),
    ([, start = '0', end = '0']) => ({
      start: `0x${start}`,
      end: String(Number.parseInt(end, 16) + 1),
    }),
  );
  writeAll(fs, kdamond, {
    'contexts/nr_contexts': '1',
    'contexts/0/operations': 'paddr',
    'contexts/0/monitoring_attrs/nr_regions/min': '100',
    'contexts/0/targets/nr_targets': '1',
    'contexts/0/targets/0/regions/nr_regions': String(ranges.length),
    'contexts/0/schemes/nr_schemes': '2',
  });
  ranges.forEach((range, index) => {
    writeAll(fs, `${kdamond}/contexts/0/targets/0/regions/${index}`, range);
  });
  const schemes: KernelPath = `${kdamond}/contexts/0/schemes`;
  writeScheme(fs, `${schemes}/0`, {});
  writeScheme(fs, `${schemes}/1`, {
    action: 'pageout',
    'access_pattern/nr_accesses/max': '0',
    'access_pattern/age/min': '100',
    'quotas/ms': '200',
    'quotas/bytes': String(8 * MIB),
    'quotas/reset_interval_ms': '1000',
    'quotas/weights/nr_accesses_permil': '3',
    'quotas/weights/age_permil': '7',
    'watermarks/metric': 'free_mem_rate',
    'watermarks/interval_us': '1000000',
    'watermarks/high': '990',
    'watermarks/mid': '980',
    'watermarks/low': '50',
  });
  setGoal(fs, `${schemes}/1/quotas/goals`);
}

/** Something the operator measures is at half of what it should be. */
function setGoal(fs: KernelFs, goals: KernelPath): void {
  if (!fs.exists(goals)) return;
  fs.writeText(`${goals}/nr_goals`, '1');
  writeAll(fs, `${goals}/0`, { target_value: '10000', current_value: '5000' });
}

function writeScheme(
  fs: KernelFs,
  scheme: KernelPath,
  values: Readonly<Record<string, string>>,
): void {
  writeAll(fs, scheme, {
    'access_pattern/sz/max': ULONG_MAX,
    'access_pattern/nr_accesses/max': ULONG_MAX,
    'access_pattern/age/max': ULONG_MAX,
    ...values,
  });
}
