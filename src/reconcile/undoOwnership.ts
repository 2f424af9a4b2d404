import { ExporterError, isKernelErrno } from '../base/errors.ts';
import type { KdamondState } from '../damon/kdamond.ts';
import { readInteger } from '../kernel/attribute.ts';
import { KDAMONDS, readKdamonds } from '../kernel/kdamonds.ts';
import type { KernelPath } from '../kernel/kernelFs.ts';
import { getParametersPath, readDamonStat } from '../kernel/modules.ts';
import { removeKdamondDirs } from '../kernel/kdamondDirs.ts';
import { restoreStagedFiles } from '../kernel/stagedFiles.ts';
import { stopKdamond } from '../kernel/state.ts';
import { NR_KDAMONDS } from './freeDamon.ts';
import type { OwnedKdamondRecord, OwnershipRecord, ProcessIdentity } from './ownership.ts';
import type { OwnershipDeps } from './ownershipDeps.ts';
import { areBegunValues, areSameValues, listStagedValues } from './stagedValues.ts';

export const DAMON_STAT_ENABLED: KernelPath = `${getParametersPath('damon_stat')}/enabled`;

/**
 * Undoes what a record says, as far as it still is as the record says.
 *
 * @returns false when the kdamonds were left alone, for they are somebody else's by now.
 */
export async function undoOwnership(
  deps: OwnershipDeps,
  record: OwnershipRecord,
): Promise<boolean> {
  const isUndone = await removeKdamonds(deps, record);
  if (record.hasSwitchedOffDamonStat) switchOnDamonStat(deps);
  deps.store.remove();
  return isUndone;
}

function switchOnDamonStat({ fs, logger }: OwnershipDeps): void {
  if (readDamonStat(fs)?.isEnabled !== false) return;
  try {
    fs.writeText(DAMON_STAT_ENABLED, 'Y');
  } catch (error) {
    // Whoever uses DAMON now has it; waiting for that to end is not this program's business.
    if (!isKernelErrno(error, 'EBUSY')) throw error;
    logger.warn('DAMON_STAT stays off: somebody else runs DAMON by now', {
      reason: error.message,
    });
  }
}

async function removeKdamonds(deps: OwnershipDeps, record: OwnershipRecord): Promise<boolean> {
  const { fs, retry, logger } = deps;
  const nrKdamonds = readInteger(fs, NR_KDAMONDS);
  // Somebody took them away, or ours were not made yet when it was cut off.
  if (nrKdamonds === 0) {
    await putFoundBack(deps, record);
    return true;
  }
  if (record.kdamonds.length === 0) return true;
  if (!(await areStillOurs(deps, record.kdamonds, nrKdamonds))) {
    logger.warn('somebody else has changed the kdamonds meanwhile: leaving them alone', {
      path: fs.describePath(KDAMONDS),
      nrKdamonds,
    });
    return false;
  }
  for (const index of record.kdamonds.keys()) await stopKdamond(fs, index, retry);
  await removeKdamondDirs(fs, retry);
  await putFoundBack(deps, record);
  return true;
}

/** Cut off in between, it is begun again: what is there by then is told from somebody else's. */
function notePuttingBack({ store, logger }: OwnershipDeps, record: OwnershipRecord): void {
  const kdamonds = (record.foundStaged ?? []).map((staged): OwnedKdamondRecord => ({
    pid: undefined,
    staged: [staged],
    isPutBack: true,
  }));
  try {
    store.write({ ...record, isKept: false, kdamonds });
  } catch (error) {
    if (!(error instanceof ExporterError)) throw error;
    logger.warn('what was found is put back without a note of it', { reason: error.message });
  }
}

async function putFoundBack(deps: OwnershipDeps, record: OwnershipRecord): Promise<void> {
  const { found } = record;
  if (found.length === 0) return;
  notePuttingBack(deps, record);
  const files = found.map(([path, value]) => [path as KernelPath, value] as const);
  await restoreStagedFiles(deps.fs, files, deps.retry);
}

/** Whether the kdamonds there are those that a record tells of, and nobody else's. */
export async function areStillOurs(
  deps: OwnershipDeps,
  recorded: readonly OwnedKdamondRecord[],
  nrKdamonds: number,
): Promise<boolean> {
  if (recorded.length !== nrKdamonds) return false;
  const { kdamonds, problems } = await readKdamonds(deps.fs, {
    retry: deps.retry,
    withTriedRegions: false,
    lastRunStates: new Map(),
  });
  const [problem] = problems;
  if (problem !== undefined) throw problem.error;
  return recorded.every((record, index) => isStillOurs(kdamonds[index], index, record));
}

/**
 * A running kdamond is ours by its pid; by what is staged, if we died before its pid was written
 * down. One that does not run is ours if nothing in it is anybody else's.
 */
function isStillOurs(
  found: KdamondState | undefined,
  index: number,
  { pid, staged, isPutBack }: OwnedKdamondRecord,
): boolean {
  if (found?.index !== index) return false;
  const values = listStagedValues(found);
  if (!found.isRunning) return areBegunValues(values, staged);
  if (isPutBack === true) return false;
  if (pid !== undefined) return found.pid === pid;
  return staged.some((wanted) => areSameValues(values, wanted));
}

export interface CleanUpOptions {
  readonly bootId: string;
  /** Whether that very process still exists. */
  readonly isAlive: (identity: ProcessIdentity) => boolean;
}

/**
 * Removes what a dead exporter left behind; leaves a living one's alone, and what was left running
 * on purpose.
 *
 * @returns whether there was anything to remove.
 */
export async function cleanUpAfterCrash(
  deps: OwnershipDeps,
  options: CleanUpOptions,
): Promise<boolean> {
  const { store, logger } = deps;
  const record = store.read();
  if (record === undefined) return false;
  if (record.bootId !== options.bootId) {
    store.remove();
    return false;
  }
  if (record.isKept || options.isAlive(record.exporter)) return false;
  logger.info('removing what an exporter that died has left', { pid: record.exporter.pid });
  await undoOwnership(deps, record);
  return true;
}
