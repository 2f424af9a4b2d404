import { KernelError, describeError } from '../base/errors.ts';
import type { KdamondState } from '../damon/kdamond.ts';
import type { KdamondSpec } from '../damon/spec.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import type { CapabilitySupports } from '../kernel/capabilityProbe.ts';
import { completeSpec } from '../kernel/completeSpec.ts';
import { KDAMONDS, readKdamond, readRunState } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { applyPlannedWrites, planKdamondWrites, stageKdamond } from '../kernel/stage.ts';
import { commitKdamond, startKdamond, stopKdamond } from '../kernel/state.ts';
import type { PlannedWrite } from '../kernel/writePlan.ts';
import { OWN_REFRESH_MS, listDifferences, listStagedValues } from './stagedValues.ts';
import type { StagedDifference } from './stagedValues.ts';

export interface ReconcileDeps {
  readonly fs: KernelFs;
  readonly retry: BusyRetry;
}

/** A kdamond of ours that was started, and what it was told last. */
export interface RunningKdamond {
  readonly index: number;
  readonly pid: number;
  /** With the kernel's default for everything the original leaves open. */
  readonly spec: KdamondSpec;
  readonly supports: CapabilitySupports;
}

/** How a change came about; `restarted` also loses counters and what was monitored so far. */
export type ChangeManner = 'unchanged' | 'committed' | 'restarted';

export interface Change {
  readonly manner: ChangeManner;
  /** In order; without those that start, stop and commit. */
  readonly writes: readonly PlannedWrite[];
  readonly kdamond: RunningKdamond;
}

/** Lets the kernel renew the statistics by itself, where it can (6.17) and nothing else is asked. */
function completeOwnSpec(spec: KdamondSpec, supports: CapabilitySupports): KdamondSpec {
  const hasRefresh = supports.get('refresh_ms') === 'present';
  return completeSpec({ ...(hasRefresh && { refreshMs: OWN_REFRESH_MS }), ...spec }, supports);
}

function describePlace({ fs }: ReconcileDeps, index: number): string {
  return fs.describePath(`${KDAMONDS}/${index}`);
}

function listUnlike(found: KdamondState, wanted: KdamondSpec): StagedDifference[] {
  return listDifferences(listStagedValues(found), listStagedValues(wanted));
}

function formatDifference({ place, found, wanted }: StagedDifference): string {
  return `${place} is ${found ?? 'not there'} instead of ${wanted ?? 'the default'}`;
}

/**
 * Reads back what was written.
 *
 * @throws KernelError naming what the kernel made something else of.
 */
async function verify(deps: ReconcileDeps, index: number, spec: KdamondSpec): Promise<void> {
  const options = { retry: deps.retry, withTriedRegions: false, lastRunStates: new Map() };
  const unlike = listUnlike(await readKdamond(deps.fs, index, options), spec);
  if (unlike.length === 0) return;
  throw new KernelError({
    operation: 'read back',
    path: describePlace(deps, index),
    hint: `what was written is not there: ${unlike.map(formatDifference).join(', ')}; another program may be changing it`,
  });
}

/**
 * Stages a spec in a kdamond directory of our own that does not run, and starts it.
 *
 * @throws KernelError; it does not run then, and what is staged is of no meaning.
 */
export async function startWithSpec(
  deps: ReconcileDeps,
  index: number,
  spec: KdamondSpec,
): Promise<RunningKdamond> {
  const { fs, retry } = deps;
  const supports = await stageKdamond(fs, index, spec, retry);
  const complete = completeOwnSpec(spec, supports);
  await applyChanged(deps, planKdamondWrites(fs, index, complete, supports));
  await verify(deps, index, complete);
  await startKdamond(fs, index, retry);
  const { pid } = await readRunState(fs, index, retry);
  if (pid === undefined) {
    throw new KernelError({
      operation: 'start a kdamond in',
      path: describePlace(deps, index),
      hint: 'it ended as soon as it had started',
    });
  }
  return { index, pid, spec: complete, supports };
}

function applyChanged(
  { fs, retry }: ReconcileDeps,
  writes: readonly PlannedWrite[],
): Promise<void> {
  const changed = writes.filter(({ before, value }) => before !== value);
  return applyPlannedWrites(fs, changed, retry);
}

/** Intervals stay what the kernel has tuned them to, unless something else is asked for. */
function isTunedAlike(before: KdamondSpec, after: KdamondSpec): boolean {
  const list = ({ contexts }: KdamondSpec): string =>
    JSON.stringify(contexts.map(({ intervals }) => intervals));
  const isTuning = after.contexts.some(({ intervals }) => (intervals.goal?.accessBp ?? 0) > 0);
  return isTuning && list(before) === list(after);
}

const INTERVAL = /\/intervals\/(?:sample_us|aggr_us)$/;

/**
 * The writes that turn what a running kdamond is told into a spec; does none of them. Files that
 * say the right thing already are left out.
 *
 * @throws KernelError naming what this kernel lacks.
 */
export function planChange(
  { fs }: ReconcileDeps,
  { index, supports, spec: before }: RunningKdamond,
  spec: KdamondSpec,
): readonly PlannedWrite[] {
  const complete = completeOwnSpec(spec, supports);
  const keepsIntervals = isTunedAlike(before, complete);
  return planKdamondWrites(fs, index, complete, supports).filter(
    ({ path, before: found, value }) => found !== value && !(keepsIntervals && INTERVAL.test(path)),
  );
}

/** Whether only a new start makes the kernel take the change. */
function needsRestart(before: KdamondSpec, after: KdamondSpec): boolean {
  if (before.contexts.length !== after.contexts.length) return true;
  return before.contexts.some((context, index) => {
    const next = after.contexts[index];
    return (
      next?.operations !== context.operations || (next.addrUnit ?? 1n) !== (context.addrUnit ?? 1n)
    );
  });
}

/** Stops it, and starts it with another spec; if that fails, with the one it had. */
async function restart(
  deps: ReconcileDeps,
  running: RunningKdamond,
  spec: KdamondSpec,
): Promise<RunningKdamond> {
  const { index } = running;
  await stopKdamond(deps.fs, index, deps.retry);
  try {
    return await startWithSpec(deps, index, spec);
  } catch (error) {
    throw await startAgain(deps, running, error);
  }
}

/** Says how it went on; the kdamond with its new pid is in `survivor`. */
export class ChangeError extends KernelError {
  /** Undefined when it does not run any more. */
  readonly survivor: RunningKdamond | undefined;

  constructor(path: string, hint: string, survivor: RunningKdamond | undefined, cause: unknown) {
    super({ operation: 'change', path, hint: `${describeError(cause)}; ${hint}`, cause });
    this.survivor = survivor;
  }
}

async function startAgain(
  deps: ReconcileDeps,
  running: RunningKdamond,
  cause: unknown,
): Promise<ChangeError> {
  const path = describePlace(deps, running.index);
  try {
    const survivor = await startWithSpec(deps, running.index, running.spec);
    return new ChangeError(path, 'it was started again with what it did before', survivor, cause);
  } catch (error) {
    const hint = `starting it again with what it did before failed too (${describeError(error)}): it does not run`;
    return new ChangeError(path, hint, undefined, cause);
  }
}

/** After a refused commit or a failed write: the files say again what the kernel does. */
async function putBack(
  deps: ReconcileDeps,
  running: RunningKdamond,
  cause: unknown,
): Promise<ChangeError> {
  const { fs, retry } = deps;
  const path = describePlace(deps, running.index);
  if (!(await readRunState(fs, running.index, retry)).isRunning) {
    return startAgain(deps, running, cause);
  }
  try {
    await applyPlannedWrites(fs, planChange(deps, running, running.spec), retry);
    return new ChangeError(path, 'it goes on with what it did before', running, cause);
  } catch (error) {
    const hint = `it goes on with what it did before, but the files say something else, for putting them back failed too (${describeError(error)})`;
    return new ChangeError(path, hint, running, cause);
  }
}

const COMMIT_PATIENCE_MS = 10_000;
const POLL_MS = 100;

/**
 * On 6.12 a commit to a kdamond that watermarks keep inactive only comes back after `off`.
 *
 * @returns false when it had to be stopped for that.
 */
async function commitOrStop(deps: ReconcileDeps, { index, spec }: RunningKdamond) {
  const { fs, retry } = deps;
  const slowestMs = Math.max(
    0,
    ...spec.contexts.flatMap(({ intervals, schemes }) => [
      intervals.aggrIntervalUs / 1000,
      ...schemes.map(({ watermarks }) => Number(watermarks.intervalUs / 1000n)),
    ]),
  );
  let end: { readonly error?: unknown } | undefined;
  const commit = commitKdamond(fs, index, retry).then(
    () => (end = {}),
    (error: unknown) => (end = { error }),
  );
  for (let left = COMMIT_PATIENCE_MS + 2 * slowestMs; end === undefined && left > 0;) {
    await Promise.race([commit, retry.sleep(POLL_MS)]);
    left -= POLL_MS;
  }
  if (end === undefined) {
    await stopKdamond(fs, index, retry);
    await commit;
    return false;
  }
  if ('error' in end) throw end.error;
  return true;
}

async function commit(
  deps: ReconcileDeps,
  running: RunningKdamond,
  spec: KdamondSpec,
): Promise<'committed' | 'stopped'> {
  const { fs, retry } = deps;
  const { index, supports } = running;
  const complete = completeOwnSpec(spec, supports);
  try {
    await applyPlannedWrites(fs, planChange(deps, running, spec), retry);
    await verify(deps, index, complete);
    return (await commitOrStop(deps, running)) ? 'committed' : 'stopped';
  } catch (error) {
    throw await putBack(deps, running, error);
  }
}

/**
 * Tells a running kdamond something else: by a commit, which keeps its counters, or by a new start
 * where the kernel takes the change in no other way.
 *
 * @throws ChangeError saying whether it goes on with what it did before.
 */
export async function changeKdamond(
  deps: ReconcileDeps,
  running: RunningKdamond,
  spec: KdamondSpec,
): Promise<Change> {
  const writes = planChange(deps, running, spec);
  const { index, supports } = running;
  if (writes.length === 0) return { manner: 'unchanged', writes, kdamond: running };
  if (needsRestart(running.spec, spec)) {
    return { manner: 'restarted', writes, kdamond: await restart(deps, running, spec) };
  }
  if ((await commit(deps, running, spec)) === 'stopped') {
    try {
      return { manner: 'restarted', writes, kdamond: await startWithSpec(deps, index, spec) };
    } catch (error) {
      throw await startAgain(deps, running, error);
    }
  }
  const kdamond = { ...running, spec: completeOwnSpec(spec, supports) };
  return { manner: 'committed', writes, kdamond };
}
