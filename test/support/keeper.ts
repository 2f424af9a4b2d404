import type { DamonConfig, KdamondConfig } from '../../src/config/config.ts';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { ProcessSelector } from '../../src/damon/targetSelector.ts';
import { createKeeper } from '../../src/reconcile/keeper.ts';
import type { Keeper } from '../../src/reconcile/keeper.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { BOOT_ID, EXPORTER, createOwnershipDeps, createOwnershipKernel } from './ownership.ts';
import type { TestOwnershipDeps } from './ownership.ts';
import { readDamonTree } from './sysfsTree.ts';

export function makeKeptKdamond(
  selectors: readonly ProcessSelector[],
  maxNrRegions = 1000n,
): KdamondConfig {
  return {
    name: 'services',
    context: {
      operations: 'vaddr',
      intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
      minNrRegions: 10n,
      maxNrRegions,
    },
    targets: {
      kind: 'processes',
      targets: selectors.map((selector) => ({ selector, regions: [] })),
    },
    schemes: [{ ...CATCH_ALL_STAT, name: 'observe' }],
  };
}

export const DATABASE: ProcessSelector = { kind: 'process', name: 'database' };

export function makeKeptConfig(change: Partial<DamonConfig> = {}): DamonConfig {
  return {
    kdamonds: [makeKeptKdamond([DATABASE])],
    onExit: 'restore',
    onDrift: 'report',
    ...change,
  };
}

/** A keeper over a simulated kernel, and how that was before. */
export interface TestKeeper {
  readonly kernel: SimulatedKernel;
  readonly keeper: Keeper;
  readonly deps: TestOwnershipDeps;
  readonly before: ReadonlyMap<string, string>;
}

export function createTestKeeper(
  config: DamonConfig,
  kernel: SimulatedKernel = createOwnershipKernel({ workloads: [] }),
): TestKeeper {
  const deps = createOwnershipDeps(kernel);
  const before = readDamonTree(kernel.fs);
  const options = {
    bootId: BOOT_ID,
    exporter: EXPORTER,
    takeover: { damonStat: false, stoppedKdamonds: false },
    getFindOptions: () => ({
      ownPid: 1,
      lookUpUser: () => undefined,
      commandPids: new Map<string, number>(),
    }),
  };
  return { kernel, keeper: createKeeper(deps, options, config), deps, before };
}

export function spawnNamed(kernel: SimulatedKernel, name = 'database'): number {
  return kernel.spawn(createHotCold(name, 1, 1)).pid;
}
