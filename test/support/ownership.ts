import type { KdamondSpec } from '../../src/damon/spec.ts';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import { startOwnedKdamonds } from '../../src/reconcile/ownedKdamonds.ts';
import type { OwnedKdamonds, WantedSpecs } from '../../src/reconcile/ownedSet.ts';
import type { OwnershipDeps } from '../../src/reconcile/ownershipDeps.ts';
import type { OwnershipStore, ProcessIdentity } from '../../src/reconcile/ownership.ts';
import type {
  SimulatedKernel,
  SimulatedKernelOptions,
} from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { createMemoryLogger } from './memoryLogger.ts';
import { createMemoryStore } from './memoryStore.ts';
import { createTestKernel } from './simulation.ts';
import { createTestRetry } from './testRetry.ts';

export const EXPORTER: ProcessIdentity = { pid: 4242, startTimeTicks: 7 };
export const BOOT_ID = 'boot-1';

/** One process to monitor, and nothing that does. */
export function createOwnershipKernel(
  options: Partial<SimulatedKernelOptions> = {},
): SimulatedKernel {
  return createTestKernel({ workloads: [createHotCold('hotcold', 8, 24)], ...options });
}

export function makeOwnSpec(kernel: SimulatedKernel): KdamondSpec {
  return {
    contexts: [
      {
        operations: 'vaddr',
        intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
        minNrRegions: 100n,
        maxNrRegions: 1000n,
        targets: [...kernel.processes.keys()].map((pid) => ({ pid, regions: [] })),
        schemes: [CATCH_ALL_STAT],
      },
    ],
  };
}

export interface TestOwnershipDeps extends OwnershipDeps {
  readonly logger: ReturnType<typeof createMemoryLogger>;
}

export function createOwnershipDeps(
  { fs }: SimulatedKernel,
  store: OwnershipStore = createMemoryStore(),
): TestOwnershipDeps {
  return { fs, retry: createTestRetry(), logger: createMemoryLogger(), store };
}

export function startOwn(
  kernel: SimulatedKernel,
  deps: OwnershipDeps,
  options: {
    readonly isTakingOverDamonStat?: boolean;
    readonly isTakingOverStopped?: boolean;
    readonly spec?: KdamondSpec;
    readonly specs?: WantedSpecs;
  } = {},
): Promise<OwnedKdamonds> {
  const { isTakingOverDamonStat = false, isTakingOverStopped = false } = options;
  const { spec = makeOwnSpec(kernel), specs = [spec] } = options;
  return startOwnedKdamonds(deps, {
    specs,
    bootId: BOOT_ID,
    exporter: EXPORTER,
    takeover: { damonStat: isTakingOverDamonStat, stoppedKdamonds: isTakingOverStopped },
  });
}
