import { UsageError } from '../base/errors.ts';
import { CATCH_ALL_STAT } from '../damon/spec.ts';
import type { ContextSpec } from '../damon/spec.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { createKdamondDirs, stageKdamond } from '../kernel/stage.ts';
import { startKdamond } from '../kernel/state.ts';
import { createSimulatedClock } from '../simulator/simulatedClock.ts';
import { createSimulatedKernel } from '../simulator/simulatedKernel.ts';
import {
  createGradient,
  createGrowingHeap,
  createPhaseChange,
  createStaircase,
} from '../simulator/workload.ts';
import type { Workload } from '../simulator/workload.ts';
import type { KernelAccess } from './kernelAccess.ts';
import { createBusyRetry } from './kernelAccess.ts';
import type { SimulatorArguments } from './options.ts';

const SECOND_US = 1_000_000;

/** A small host: a server of even load, a database whose working set jumps, a batch job, a leak. */
function createDemoWorkloads(): Workload[] {
  return [
    createGradient('webserver', 8, 24, 6),
    createPhaseChange('database', [96, 320], 512, 45 * SECOND_US),
    createStaircase('batch', 8, 32, 10 * SECOND_US),
    createGrowingHeap('leaky', { startMib: 64, stepMib: 16, maxMib: 512, stepUs: 5 * SECOND_US }),
  ];
}

/** The kdamond of "somebody else" that a demo observes: every process is a target. */
function createDemoContext(pids: readonly number[]): ContextSpec {
  return {
    operations: 'vaddr',
    intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: SECOND_US },
    minNrRegions: 100n,
    maxNrRegions: 1000n,
    targets: pids.map((pid) => ({ pid, regions: [] })),
    schemes: [CATCH_ALL_STAT],
  };
}

async function startDemoKdamond(
  fs: KernelFs,
  retry: BusyRetry,
  context: ContextSpec,
): Promise<void> {
  await createKdamondDirs(fs, 1, retry);
  await stageKdamond(fs, 0, { refreshMs: 1000, contexts: [context] }, retry);
  await startKdamond(fs, 0, retry);
}

function checkArguments(args: SimulatorArguments): void {
  const speed = args['simulator.speed'];
  if (!(speed > 0 && speed <= 1000)) {
    throw new UsageError('--simulator.speed: expected a number above 0, up to 1000');
  }
  if (!/^\d+\.\d+$/.test(args['simulator.kernel'])) {
    throw new UsageError('--simulator.kernel: expected a kernel version such as 6.12 or 7.2');
  }
}

/**
 * The embedded kernel with a scene on it. Unless the exporter is to start a kdamond of its own,
 * somebody else's monitors the scene's processes already.
 */
export async function openSimulatedKernel(
  args: SimulatorArguments,
  { isScene }: { readonly isScene: boolean },
): Promise<KernelAccess> {
  checkArguments(args);
  const blockMs = args['simulator.block-state-writes'];
  const kernel = createSimulatedKernel({
    version: args['simulator.kernel'],
    seed: args['simulator.seed'],
    clock: createSimulatedClock({ speed: args['simulator.speed'] }),
    workloads: createDemoWorkloads(),
    intercept: (operation, path) =>
      blockMs !== undefined && operation === 'write' && path.endsWith('/state')
        ? { blockMs }
        : undefined,
  });
  if (isScene) {
    const pids = [...kernel.processes.values()].map(({ pid }) => pid);
    await startDemoKdamond(kernel.fs, createBusyRetry().retry, createDemoContext(pids));
  }
  return kernel;
}
