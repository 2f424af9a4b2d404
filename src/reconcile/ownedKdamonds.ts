import { describeError } from '../base/errors.ts';
import { createKdamondDirs, removeKdamondDirs } from '../kernel/kdamondDirs.ts';
import { checkFree, checkContexts, refuseStart } from './freeDamon.ts';
import type { Takeover } from './freeDamon.ts';
import { OwnedSet, toIntention } from './ownedSet.ts';
import type { OwnedKdamonds, WantedSpecs } from './ownedSet.ts';
import type { OwnershipRecord, ProcessIdentity } from './ownership.ts';
import type { OwnershipDeps } from './ownershipDeps.ts';
import { DAMON_STAT_ENABLED, undoOwnership } from './undoOwnership.ts';

export interface StartOptions {
  readonly specs: WantedSpecs;
  readonly bootId: string;
  readonly exporter: ProcessIdentity;
  readonly takeover: Takeover;
}

/** Why it was needed says more than why it failed. */
async function rollBack(deps: OwnershipDeps, record: OwnershipRecord): Promise<void> {
  try {
    await undoOwnership(deps, record);
  } catch (error) {
    deps.logger.error('could not undo what was begun; the next start tries again', {
      reason: describeError(error),
    });
  }
}

/**
 * Starts kdamonds of our own and writes down that they are ours, first.
 *
 * @throws KernelError when somebody else uses DAMON, another exporter included, or the kernel
 *   refuses; what was changed by then is undone.
 */
export async function startOwnedKdamonds(
  deps: OwnershipDeps,
  options: StartOptions,
): Promise<OwnedKdamonds> {
  const { fs, retry, store } = deps;
  const { specs, bootId, exporter, takeover } = options;
  for (const spec of specs) if (spec) checkContexts(fs, spec.contexts);
  const { damonStat, found, foundStaged } = await checkFree(deps, takeover);
  const record: OwnershipRecord = {
    version: 1,
    bootId,
    exporter,
    isKept: false,
    hasSwitchedOffDamonStat: damonStat,
    kdamonds: specs.map(toIntention),
    found,
    foundStaged,
  };
  if (!store.create(record)) {
    refuseStart(
      fs,
      `another exporter is starting one of its own at this moment (${store.location}); stop that one first`,
    );
  }
  const owned = new OwnedSet(deps, record);
  // Until the directories are made, those that appear there are somebody else's.
  let undoable = (): OwnershipRecord => ({ ...record, kdamonds: [] });
  try {
    if (damonStat) fs.writeText(DAMON_STAT_ENABLED, 'N');
    if (found.length > 0) await removeKdamondDirs(fs, retry);
    await createKdamondDirs(fs, specs.length, retry);
    undoable = () => owned.record;
    await owned.change(specs);
    return owned;
  } catch (error) {
    await rollBack(deps, undoable());
    throw error;
  }
}
