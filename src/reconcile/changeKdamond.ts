import { KernelError, describeError } from '../base/errors.ts';
import type { KdamondSpec } from '../damon/spec.ts';
import { KDAMONDS, readRunState } from '../kernel/kdamonds.ts';
import { applyPlannedWrites } from '../kernel/stage.ts';
import { commitKdamond, stopKdamond } from '../kernel/state.ts';
import type { PlannedWrite } from '../kernel/writePlan.ts';
import {
  completeOwnSpec,
  describePlace,
  planChange,
  startWithSpec,
  verifyStaged,
} from './runningKdamond.ts';
import type { ReconcileDeps, RunningKdamond } from './runningKdamond.ts';

/** How a change came about; `restarted` also loses counters and what was monitored so far. */
export type ChangeManner = 'unchanged' | 'committed' | 'restarted';

export interface Change {
  readonly manner: ChangeManner;
  /** In order; without those that start, stop and commit. */
  readonly writes: readonly PlannedWrite[];
  readonly kdamond: RunningKdamond;
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
  try {
    await stopKdamond(deps.fs, index, deps.retry);
  } catch (error) {
    // Nothing else was written yet.
    if (!(await readRunState(deps.fs, index, deps.retry)).isRunning) {
      throw await startAgain(deps, running, error);
    }
    const path = describePlace(deps, index);
    throw new ChangeError(path, 'it goes on with what it did before', running, error);
  }
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
    await stopKdamond(deps.fs, running.index, deps.retry);
    const survivor = await startWithSpec(deps, running.index, running.spec);
    return new ChangeError(path, 'it was started again with what it did before', survivor, cause);
  } catch (error) {
    const hint = `starting it again with what it did before failed too (${describeError(error)}): it does not run`;
    return new ChangeError(path, hint, undefined, cause);
  }
}

/** After a refused commit or a failed write: files and kernel say again what they did. */
async function putBack(
  deps: ReconcileDeps,
  running: RunningKdamond,
  { cause, isCleared }: { readonly cause: unknown; readonly isCleared: boolean },
): Promise<ChangeError> {
  const { fs, retry } = deps;
  const path = describePlace(deps, running.index);
  if (!(await readRunState(fs, running.index, retry)).isRunning) {
    return startAgain(deps, running, cause);
  }
  try {
    await applyPlannedWrites(fs, planChange(deps, running, running.spec), retry);
    if (isCleared) await commitKdamond(fs, running.index, retry);
    return new ChangeError(path, 'it goes on with what it did before', running, cause);
  } catch (error) {
    if (isCleared) return startAgain(deps, running, cause);
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

/**
 * Whether a scheme would get the place of another one, and with it its counters: those stay with
 * the place. Schemes without a name go by their place.
 */
function hasMoved(before: KdamondSpec, after: KdamondSpec): boolean {
  return before.contexts.some(({ schemes }, context) =>
    schemes.some((scheme, place) => {
      const next = after.contexts[context]?.schemes[place];
      return next !== undefined && next.name !== scheme.name;
    }),
  );
}

/**
 * Only a commit without any scheme makes the kernel forget counters; regions and ages stay.
 *
 * @returns false when it had to be stopped for that.
 */
async function clearSchemes(deps: ReconcileDeps, running: RunningKdamond): Promise<boolean> {
  const { fs, retry } = deps;
  const { index, spec } = running;
  const writes = [...spec.contexts.keys()].map((context) => ({
    path: `${KDAMONDS}/${index}/contexts/${context}/schemes/nr_schemes` as const,
    value: '0',
  }));
  await applyPlannedWrites(fs, writes, retry);
  return commitOrStop(deps, running);
}

async function commit(
  deps: ReconcileDeps,
  running: RunningKdamond,
  spec: KdamondSpec,
): Promise<'committed' | 'stopped'> {
  const { fs, retry } = deps;
  const { index, supports } = running;
  const complete = completeOwnSpec(spec, supports);
  const isCleared = hasMoved(running.spec, spec);
  try {
    if (isCleared && !(await clearSchemes(deps, running))) return 'stopped';
    await applyPlannedWrites(fs, planChange(deps, running, spec), retry);
    await verifyStaged(deps, index, complete);
    return (await commitOrStop(deps, running)) ? 'committed' : 'stopped';
  } catch (error) {
    throw await putBack(deps, running, { cause: error, isCleared });
  }
}

/**
 * How a change comes about, and whether all schemes count anew with it.
 *
 * @param writes What `planChange` gives.
 */
export function classifyChange(
  { spec: before }: RunningKdamond,
  spec: KdamondSpec,
  writes: readonly PlannedWrite[],
): { readonly manner: 'unchanged' | 'commit' | 'restart'; readonly isCleared: boolean } {
  const isCleared = hasMoved(before, spec);
  if (writes.length === 0 && !isCleared) return { manner: 'unchanged', isCleared };
  return { manner: needsRestart(before, spec) ? 'restart' : 'commit', isCleared };
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
  const { manner, isCleared } = classifyChange(running, spec, writes);
  const complete = completeOwnSpec(spec, supports);
  // What the kernel does not know of may be another: names of probes.
  if (manner === 'unchanged') return { manner, writes, kdamond: { ...running, spec: complete } };
  if (manner === 'restart') {
    return { manner: 'restarted', writes, kdamond: await restart(deps, running, spec) };
  }
  if ((await commit(deps, running, spec)) === 'stopped') {
    try {
      return { manner: 'restarted', writes, kdamond: await startWithSpec(deps, index, spec) };
    } catch (error) {
      throw await startAgain(deps, running, error);
    }
  }
  const nrClears = running.nrClears + (isCleared ? 1 : 0);
  const kdamond = { ...running, spec: complete, nrClears };
  return { manner: 'committed', writes, kdamond };
}
