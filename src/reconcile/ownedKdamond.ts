import { KernelError, describeError, isKernelErrno } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { KdamondState } from '../damon/kdamond.ts';
import type { ContextSpec, KdamondSpec } from '../damon/spec.ts';
import { readInteger } from '../kernel/attribute.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import { KDAMONDS, readKdamonds, readRunState } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import {
  DAMON_MODULES,
  getParametersPath,
  readDamonModule,
  readDamonStat,
} from '../kernel/modules.ts';
import { readProcessStat } from '../kernel/processes.ts';
import type { ProcessStat } from '../kernel/processes.ts';
import { createKdamondDirs, removeKdamondDirs, stageKdamond } from '../kernel/stage.ts';
import { startKdamond, stopKdamond } from '../kernel/state.ts';
import type {
  OwnedKdamondRecord,
  OwnershipRecord,
  OwnershipStore,
  ProcessIdentity,
} from './ownership.ts';
import { areBegunValues, areSameValues, listStagedValues } from './stagedValues.ts';

export interface OwnershipDeps {
  readonly fs: KernelFs;
  readonly retry: BusyRetry;
  readonly logger: Logger;
  readonly store: OwnershipStore;
}

export interface OwnedKdamond {
  /** Of its directory below `kdamonds/`. */
  readonly index: number;
  readonly pid: number;
  /** Stops it and leaves the kernel as it was found. Safe to call twice. */
  release(): Promise<void>;
}

export interface StartOptions {
  readonly spec: KdamondSpec;
  readonly bootId: string;
  readonly exporter: ProcessIdentity;
  /** Switch DAMON_STAT off when it is in the way, and on again at the end. */
  readonly isTakingOverDamonStat: boolean;
}

const NR_KDAMONDS = `${KDAMONDS}/nr_kdamonds` as const;
const DAMON_STAT_ENABLED = `${getParametersPath('damon_stat')}/enabled` as const;

const REFRESH_MS = 1000;

function refuse(fs: KernelFs, hint: string): never {
  throw new KernelError({ operation: 'start a kdamond in', path: fs.describePath(KDAMONDS), hint });
}

/**
 * Looks for everything that must not be there, before anything is changed. Tells whether DAMON_STAT
 * has to be switched off.
 */
function checkFree({ fs, store }: OwnershipDeps, isTakingOverDamonStat: boolean): boolean {
  const other = store.read();
  if (other !== undefined) {
    refuse(
      fs,
      `process ${other.exporter.pid} is an exporter with a kdamond of its own (${store.location}); stop that one first`,
    );
  }
  const nrKdamonds = readInteger(fs, NR_KDAMONDS);
  if (nrKdamonds > 0) {
    refuse(
      fs,
      `somebody else keeps ${String(nrKdamonds)} there, and making room would destroy what is configured; leave out the target to observe without one of our own, or stop that and write 0 to nr_kdamonds`,
    );
  }
  const running = DAMON_MODULES.find((name) => readDamonModule(fs, name)?.isEnabled === true);
  if (running !== undefined) {
    refuse(
      fs,
      `${running} is running, and the kernel runs nothing beside it; leave out the target to observe it, or write N to ${fs.describePath(getParametersPath(running))}/enabled`,
    );
  }
  const isDamonStatOn = readDamonStat(fs)?.isEnabled === true;
  if (isDamonStatOn && !isTakingOverDamonStat) {
    refuse(
      fs,
      'DAMON_STAT is running, and the kernel runs nothing beside it; leave out the target to observe DAMON_STAT itself, or allow switching it off meanwhile with --takeover damon_stat',
    );
  }
  return isDamonStatOn;
}

function findTargetProblem(stat: ProcessStat | undefined): string | undefined {
  if (stat === undefined) return 'there is no such process';
  if (stat.isKernelThread) return `${stat.comm} is a kernel thread and has no memory of its own`;
  return stat.state === 'Z' ? `${stat.comm} has ended` : undefined;
}

/** The kernel would only say EINVAL, or start and monitor nothing. */
function checkTargets(fs: KernelFs, contexts: readonly ContextSpec[]): void {
  for (const { pid } of contexts.flatMap(({ targets }) => targets)) {
    if (pid === undefined) continue;
    const problem = findTargetProblem(readProcessStat(fs, pid));
    if (problem !== undefined) {
      throw new KernelError({ operation: 'monitor', path: `process ${pid}`, hint: problem });
    }
  }
}

/**
 * Starts a kdamond of our own and writes down that it is ours, first.
 *
 * @throws KernelError when somebody else uses DAMON, another exporter included, or the kernel
 *   refuses; what was changed by then is undone.
 */
export async function startOwnedKdamond(
  deps: OwnershipDeps,
  options: StartOptions,
): Promise<OwnedKdamond> {
  const { fs, retry, store } = deps;
  checkTargets(fs, options.spec.contexts);
  const hasSwitchedOffDamonStat = checkFree(deps, options.isTakingOverDamonStat);
  const index = 0;
  const staged = listStagedValues(options.spec.contexts);
  const record: OwnershipRecord = {
    version: 1,
    bootId: options.bootId,
    exporter: options.exporter,
    hasSwitchedOffDamonStat,
    kdamond: { index, pid: undefined, staged },
  };
  store.write(record);
  // Until the directory is made, one that appears there is somebody else's.
  let done: OwnershipRecord = { ...record, kdamond: undefined };
  try {
    if (hasSwitchedOffDamonStat) fs.writeText(DAMON_STAT_ENABLED, 'N');
    await createKdamondDirs(fs, 1, retry);
    done = record;
    await stageKdamond(fs, index, options.spec, retry);
    enableRefresh(fs, index);
    await startKdamond(fs, index, retry);
    const { pid } = await readRunState(fs, index, retry);
    if (pid === undefined) refuse(fs, 'it ended as soon as it had started');
    done = { ...record, kdamond: { index, pid, staged } };
    store.write(done);
    let released: Promise<void> | undefined;
    const release = (): Promise<void> => (released ??= undoOwnership(deps, done));
    return { index, pid, release };
  } catch (error) {
    await rollBack(deps, done);
    throw error;
  }
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

/** Lets the kernel renew the statistics by itself, where it can (6.17). */
function enableRefresh(fs: KernelFs, index: number): void {
  const path = `${KDAMONDS}/${index}/refresh_ms` as const;
  if (fs.exists(path)) fs.writeText(path, String(REFRESH_MS));
}

/** Undoes what a record says, as far as it still is as the record says. */
async function undoOwnership(deps: OwnershipDeps, record: OwnershipRecord): Promise<void> {
  if (record.kdamond !== undefined) await removeKdamond(deps, record.kdamond);
  if (record.hasSwitchedOffDamonStat) switchOnDamonStat(deps);
  deps.store.remove();
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

async function removeKdamond(deps: OwnershipDeps, recorded: OwnedKdamondRecord): Promise<void> {
  const { fs, retry, logger } = deps;
  const nrKdamonds = readInteger(fs, NR_KDAMONDS);
  if (nrKdamonds === 0) return;
  if (nrKdamonds !== 1 || !isStillOurs(await readOnlyKdamond(deps), recorded)) {
    logger.warn('somebody else has changed the kdamonds meanwhile: leaving them alone', {
      path: fs.describePath(KDAMONDS),
      nrKdamonds,
    });
    return;
  }
  await stopKdamond(fs, recorded.index, retry);
  await removeKdamondDirs(fs, retry);
}

/** @throws KernelError when it is there and cannot be read. */
async function readOnlyKdamond({ fs, retry }: OwnershipDeps): Promise<KdamondState | undefined> {
  const { kdamonds, problems } = await readKdamonds(fs, {
    retry,
    withTriedRegions: false,
    lastRunStates: new Map(),
  });
  const [problem] = problems;
  if (problem !== undefined) throw problem.error;
  return kdamonds[0];
}

/**
 * A running kdamond is ours by its pid; by what is staged, if we died before its pid was written
 * down. One that does not run is ours if nothing in it is anybody else's.
 */
function isStillOurs(
  found: KdamondState | undefined,
  { index, pid, staged }: OwnedKdamondRecord,
): boolean {
  if (found?.index !== index) return false;
  const values = listStagedValues(found.contexts);
  if (!found.isRunning) return areBegunValues(values, staged);
  return pid === undefined ? areSameValues(values, staged) : found.pid === pid;
}

export interface CleanUpOptions {
  readonly bootId: string;
  /** Whether that very process still exists. */
  readonly isAlive: (identity: ProcessIdentity) => boolean;
}

/**
 * Removes what a dead exporter left behind; leaves a living one's alone.
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
  if (options.isAlive(record.exporter)) return false;
  logger.info('removing what an exporter that died has left', { pid: record.exporter.pid });
  await undoOwnership(deps, record);
  return true;
}
