import { isKernelErrno, KernelError } from '../base/errors.ts';
import type { DamonModuleState, DamonStatState } from '../damon/kdamond.ts';
import type { KdamondRef } from '../damon/snapshot.ts';
import { ifPresent, readInteger, selectIndexes } from './attribute.ts';
import { probeCapabilities, type CapabilitySupports } from './capabilityProbe.ts';
import { KDAMONDS, readRunState, type RunState } from './kdamonds.ts';
import type { BusyRetry } from './busyRetry.ts';
import { readKernelConfig, readKernelRelease } from './kernelConfig.ts';
import { DAMON_ADMIN, type KernelFs } from './kernelFs.ts';
import { readSystemRam } from './memory.ts';
import { DAMON_MODULES, readDamonModule, readDamonStat } from './modules.ts';
import { readKernelMounts, type KernelMounts } from './mounts.ts';
import { computeOwners } from './owners.ts';
import { readPrivileges, type Privileges } from './privileges.ts';
import { readKdamondThreads, readProcessStat } from './processes.ts';

/** A value, or why it could not be read. */
export type Reading<T> = { readonly value: T } | { readonly error: KernelError };

/** Everything a diagnosis rests on, as found; nothing is judged here. */
export interface MachineFacts {
  readonly release: Reading<string>;
  /** Undefined when neither place that may hold it does. */
  readonly config: ReadonlyMap<string, string> | undefined;
  readonly mounts: Reading<KernelMounts>;
  readonly privileges: Reading<Privileges>;
  /** The mode in force: `none`, `integrity`, `confidentiality`; undefined = not built. */
  readonly lockdown: string | undefined;
  readonly hasSysfsInterface: boolean;
  /** The interface of kernels before 5.18, gone since 6.16. */
  readonly hasDebugfsInterface: boolean;
  /** One of the files of mode 0600: shows whether the tree may be read. */
  readonly nrKdamonds: Reading<number>;
  /** Names in tracefs `events/damon`; ENOENT = no DAMON events or no tracefs. */
  readonly tracepoints: Reading<readonly string[]>;
  readonly isTracefsMounted: boolean;
  readonly damonStat: Reading<DamonStatState | undefined>;
  readonly modules: Reading<readonly DamonModuleState[]>;
  readonly kdamonds: Reading<ReadonlyMap<number, RunState>>;
  readonly owners: readonly KdamondRef[];
  /** False inside a pid namespace, where no kernel thread is seen. */
  readonly canSeeKernelThreads: boolean;
  readonly systemRam: Reading<unknown>;
  readonly supports: CapabilitySupports;
}

/** The value of a reading, or undefined. */
export function getValue<T>(reading: Reading<T>): T | undefined {
  return 'value' in reading ? reading.value : undefined;
}

function tryRead<T>(action: () => T): Reading<T> {
  try {
    return { value: action() };
  } catch (error) {
    if (error instanceof KernelError) return { error };
    throw error;
  }
}

async function readRunStates(fs: KernelFs, retry: BusyRetry): Promise<Map<number, RunState>> {
  const states = new Map<number, RunState>();
  for (const index of selectIndexes(fs.list(KDAMONDS))) {
    states.set(index, await readRunState(fs, index, retry));
  }
  return states;
}

async function tryReadRunStates(
  fs: KernelFs,
  retry: BusyRetry,
): Promise<Reading<Map<number, RunState>>> {
  try {
    return { value: await readRunStates(fs, retry) };
  } catch (error) {
    if (error instanceof KernelError) return { error };
    throw error;
  }
}

/** `none [integrity] confidentiality` → `integrity`. */
function readLockdown(fs: KernelFs): string | undefined {
  try {
    const text = ifPresent(() => fs.readText('sys/kernel/security/lockdown'));
    return /\[(\w+)\]/.exec(text ?? '')?.[1];
  } catch (error) {
    if (isKernelErrno(error, 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

function readModules(fs: KernelFs): DamonModuleState[] {
  return DAMON_MODULES.map((name) => readDamonModule(fs, name)).filter(
    (state) => state !== undefined,
  );
}

/** Reads what a diagnosis needs, once, writing nothing; what cannot be read becomes a fact too. */
export async function readMachineFacts(fs: KernelFs, retry: BusyRetry): Promise<MachineFacts> {
  const release = tryRead(() => readKernelRelease(fs));
  const damonStat = tryRead(() => readDamonStat(fs));
  const modules = tryRead(() => readModules(fs));
  const kdamonds = await tryReadRunStates(fs, retry);
  const runStates = [...(getValue(kdamonds) ?? [])];
  const mounts = tryRead(() => readKernelMounts(fs));
  return {
    release,
    config: 'value' in release ? readKernelConfig(fs, release.value) : undefined,
    mounts,
    privileges: tryRead(() => readPrivileges(fs)),
    lockdown: readLockdown(fs),
    hasSysfsInterface: fs.exists(DAMON_ADMIN),
    hasDebugfsInterface: fs.exists('sys/kernel/debug/damon'),
    nrKdamonds: tryRead(() => readInteger(fs, `${KDAMONDS}/nr_kdamonds`)),
    tracepoints: tryRead(() => fs.list('trace/events/damon')),
    // The empty mount point is always there; what is in it may be hidden from this user.
    isTracefsMounted: fs.exists('trace/events') || getValue(mounts)?.tracefs !== undefined,
    damonStat,
    modules,
    kdamonds,
    owners: computeOwners({
      kdamonds: runStates.map(([index, state]) => ({ index, ...state })),
      damonStat: getValue(damonStat),
      modules: getValue(modules) ?? [],
      threads: getValue(tryRead(() => readKdamondThreads(fs))) ?? [],
      ownIndexes: new Set(),
    }),
    canSeeKernelThreads: readProcessStat(fs, 2)?.comm === 'kthreadd',
    systemRam: tryRead(() => readSystemRam(fs)),
    supports: probeCapabilities(fs),
  };
}
