import type { DamonModuleState, DamonStatState, KdamondState } from '../damon/kdamond.ts';
import type { KdamondRef } from '../damon/snapshot.ts';
import type { ProcessStat } from './processes.ts';

export interface KdamondClaims {
  readonly kdamonds: readonly Pick<KdamondState, 'index' | 'isRunning' | 'pid'>[];
  readonly damonStat: Pick<DamonStatState, 'isEnabled' | 'kdamondPid'> | undefined;
  readonly modules: readonly Pick<DamonModuleState, 'name' | 'isEnabled' | 'kdamondPid'>[];
  /** Every thread of DAMON there is. */
  readonly threads: readonly ProcessStat[];
  /** Sysfs indexes of the kdamonds this exporter started. */
  readonly ownIndexes: ReadonlySet<number>;
}

/** Kdamonds that say so themselves, running or not. */
function listClaimed(claims: KdamondClaims): KdamondRef[] {
  const sysfs = claims.kdamonds.map(({ index, pid }): KdamondRef => {
    const owner = claims.ownIndexes.has(index) ? 'own' : 'sysfs';
    return { label: String(index), owner, pid };
  });
  const modules = claims.modules
    .filter(({ isEnabled }) => isEnabled)
    .map(({ name, kdamondPid }): KdamondRef => ({ label: name, owner: name, pid: kdamondPid }));
  return [...sysfs, ...modules];
}

/**
 * Every kdamond there is and whose it is. Labels stay the same from run to run: the sysfs index, the
 * module's name, or the thread's name for one that nobody claims (an API user inside the kernel, or
 * sysfs that cannot be read).
 */
export function computeOwners(claims: KdamondClaims): KdamondRef[] {
  const claimed = listClaimed(claims);
  const { damonStat } = claims;
  const isUnclaimed = ({ pid }: ProcessStat): boolean =>
    pid !== damonStat?.kdamondPid && claimed.every((ref) => ref.pid !== pid);
  const unclaimed = claims.threads.filter(isUnclaimed);

  const refs = [...claimed];
  if (damonStat?.isEnabled === true) {
    // From 6.17 to 7.1 DAMON_STAT does not tell its thread, but nobody else may run beside it.
    const pid = damonStat.kdamondPid ?? unclaimed.shift()?.pid;
    refs.push({ label: 'damon_stat', owner: 'damon_stat', pid });
  }
  const unknown = unclaimed.map(({ comm, pid }): KdamondRef => {
    return { label: comm, owner: 'unknown', pid };
  });
  return [...refs, ...unknown];
}
