import { KernelError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { ContextState } from '../damon/kdamond.ts';
import type { ContextSpec, KdamondSpec } from '../damon/spec.ts';
import { readInteger } from '../kernel/attribute.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import { KDAMONDS, readKdamonds, readRunState } from '../kernel/kdamonds.ts';
import type { RunState } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { readDamonStat, getParametersPath } from '../kernel/modules.ts';
import { readProcessStat } from '../kernel/processes.ts';
import type { ProcessStat } from '../kernel/processes.ts';
import { createKdamondDirs, removeKdamondDirs, stageKdamond } from '../kernel/stage.ts';
import { startKdamond, stopKdamond } from '../kernel/state.ts';
import type { OwnershipRecord, OwnershipStore, ProcessIdentity } from './ownership.ts';

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

/** Looks for everything that must not be there, before anything is changed. */
function checkFree(fs: KernelFs, isTakingOverDamonStat: boolean): boolean {
  const nrKdamonds = readInteger(fs, NR_KDAMONDS);
  if (nrKdamonds > 0) {
    refuse(
      fs,
      `somebody else keeps ${String(nrKdamonds)} there, and making room would destroy what is configured; leave out the target to observe without one of our own, or stop that and write 0 to nr_kdamonds`,
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
 * @throws KernelError when somebody else uses DAMON or the kernel refuses; what was changed by then
 *   is undone.
 */
export async function startOwnedKdamond(
  deps: OwnershipDeps,
  options: StartOptions,
): Promise<OwnedKdamond> {
  const { fs, retry, store } = deps;
  checkTargets(fs, options.spec.contexts);
  const hasSwitchedOffDamonStat = checkFree(fs, options.isTakingOverDamonStat);
  const index = 0;
  const fingerprint = computeFingerprint(options.spec.contexts);
  let record: OwnershipRecord = {
    version: 1,
    bootId: options.bootId,
    exporter: options.exporter,
    hasSwitchedOffDamonStat,
    kdamond: { index, pid: undefined, fingerprint },
  };
  store.write(record);
  try {
    if (hasSwitchedOffDamonStat) fs.writeText(DAMON_STAT_ENABLED, 'N');
    await createKdamondDirs(fs, 1, retry);
    await stageKdamond(fs, index, options.spec, retry);
    enableRefresh(fs, index);
    await startKdamond(fs, index, retry);
    const { pid } = await readRunState(fs, index, retry);
    if (pid === undefined) refuse(fs, 'it ended as soon as it had started');
    record = { ...record, kdamond: { index, pid, fingerprint } };
    store.write(record);
    let released: Promise<void> | undefined;
    const release = (): Promise<void> => (released ??= undoOwnership(deps, record));
    return { index, pid, release };
  } catch (error) {
    await undoOwnership(deps, record);
    throw error;
  }
}

/** Lets the kernel renew the statistics by itself, where it can (6.17). */
function enableRefresh(fs: KernelFs, index: number): void {
  const path = `${KDAMONDS}/${index}/refresh_ms` as const;
  if (fs.exists(path)) fs.writeText(path, String(REFRESH_MS));
}

/** Undoes what a record says, as far as it still is as the record says. */
async function undoOwnership(deps: OwnershipDeps, record: OwnershipRecord): Promise<void> {
  const { fs, store } = deps;
  if (record.kdamond !== undefined) await removeKdamond(deps, record.kdamond);
  if (record.hasSwitchedOffDamonStat && readDamonStat(fs)?.isEnabled === false) {
    fs.writeText(DAMON_STAT_ENABLED, 'Y');
  }
  store.remove();
}

async function removeKdamond(
  deps: OwnershipDeps,
  recorded: NonNullable<OwnershipRecord['kdamond']>,
): Promise<void> {
  const { fs, retry, logger } = deps;
  const nrKdamonds = readInteger(fs, NR_KDAMONDS);
  if (nrKdamonds === 0) return;
  if (nrKdamonds !== 1 || !(await isStillOurs(deps, recorded))) {
    logger.warn('somebody else has changed the kdamonds meanwhile: leaving them alone', {
      path: fs.describePath(KDAMONDS),
      nrKdamonds,
    });
    return;
  }
  await stopKdamond(fs, recorded.index, retry);
  await removeKdamondDirs(fs, retry);
}

/**
 * A running kdamond is ours by its pid; by what is staged, if we died before its pid was written
 * down. One that does not run is what is left of ours: starting another would have needed its own
 * write of `nr_kdamonds`, and a program that does that starts it, too.
 */
async function isStillOurs(
  { fs, retry }: OwnershipDeps,
  { index, pid, fingerprint }: NonNullable<OwnershipRecord['kdamond']>,
): Promise<boolean> {
  const options = { retry, withTriedRegions: false, lastRunStates: new Map<number, RunState>() };
  const { kdamonds } = await readKdamonds(fs, options);
  const found = kdamonds.find((kdamond) => kdamond.index === index);
  if (!found?.isRunning) return true;
  if (pid !== undefined) return found.pid === pid;
  return computeFingerprint(found.contexts) === fingerprint;
}

/** What makes one kdamond's configuration differ from another's, as text. */
function computeFingerprint(contexts: readonly (ContextSpec | ContextState)[]): string {
  const parts = contexts.map((context) => ({
    operations: context.operations,
    intervals: [
      context.intervals.sampleIntervalUs,
      context.intervals.aggrIntervalUs,
      context.intervals.updateIntervalUs,
    ],
    nrRegions: [context.minNrRegions.toString(), context.maxNrRegions.toString()],
    targets: context.targets.map(({ pid, regions }) => [
      context.operations === 'paddr' ? null : (pid ?? null),
      regions.map(({ startAddr, endAddr }) => `${startAddr.toString()}-${endAddr.toString()}`),
    ]),
    actions: context.schemes.map(({ action }) => action),
  }));
  return JSON.stringify(parts);
}

export interface CleanUpOptions {
  readonly bootId: string;
  /** Whether that very process still exists. */
  readonly isAlive: (identity: ProcessIdentity) => boolean;
}

/**
 * Removes what a dead exporter left behind.
 *
 * @returns whether there was anything to remove.
 * @throws KernelError when the exporter that wrote the record is alive.
 */
export async function cleanUpAfterCrash(
  deps: OwnershipDeps,
  options: CleanUpOptions,
): Promise<boolean> {
  const { store, logger, fs } = deps;
  const record = store.read();
  if (record === undefined) return false;
  if (record.bootId !== options.bootId) {
    store.remove();
    return false;
  }
  if (options.isAlive(record.exporter)) {
    refuse(
      fs,
      `process ${String(record.exporter.pid)} is an exporter with a kdamond of its own (${store.location}); stop that one first`,
    );
  }
  logger.info('removing what an exporter that died has left', { pid: record.exporter.pid });
  await undoOwnership(deps, record);
  return true;
}
