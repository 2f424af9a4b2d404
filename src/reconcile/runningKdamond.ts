import { KernelError } from '../base/errors.ts';
import type { KdamondState } from '../damon/kdamond.ts';
import type { IntervalsSpec, KdamondSpec } from '../damon/spec.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import type { CapabilitySupports } from '../kernel/capabilityProbe.ts';
import { NO_INTERVALS_GOAL, completeSpec } from '../kernel/completeSpec.ts';
import { KDAMONDS, readKdamond, readRunState } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { applyPlannedWrites, planKdamondWrites, stageKdamond } from '../kernel/stage.ts';
import { startKdamond } from '../kernel/state.ts';
import type { PlannedWrite } from '../kernel/writePlan.ts';
import { checkSupported } from './checkSupported.ts';
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
  /** How often all counters of its schemes were started anew while it ran. */
  readonly nrClears: number;
}

/** Lets the kernel renew the statistics by itself, where it can (6.17) and nothing else is asked. */
export function completeOwnSpec(spec: KdamondSpec, supports: CapabilitySupports): KdamondSpec {
  const hasRefresh = supports.get('refresh_ms') === 'present';
  return completeSpec({ ...(hasRefresh && { refreshMs: OWN_REFRESH_MS }), ...spec }, supports);
}

export function describePlace({ fs }: ReconcileDeps, index: number): string {
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
export async function verifyStaged(
  deps: ReconcileDeps,
  index: number,
  spec: KdamondSpec,
): Promise<void> {
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
  checkSupported(describePlace(deps, index), spec, supports);
  const complete = completeOwnSpec(spec, supports);
  await applyChanged(deps, planKdamondWrites(fs, index, complete, supports));
  await verifyStaged(deps, index, complete);
  await startKdamond(fs, index, retry);
  const { pid } = await readRunState(fs, index, retry);
  if (pid === undefined) {
    throw new KernelError({
      operation: 'start a kdamond in',
      path: describePlace(deps, index),
      hint: 'it ended as soon as it had started',
    });
  }
  return { index, pid, spec: complete, supports, nrClears: 0 };
}

function applyChanged(
  { fs, retry }: ReconcileDeps,
  writes: readonly PlannedWrite[],
): Promise<void> {
  const changed = writes.filter(({ before, value }) => before !== value);
  return applyPlannedWrites(fs, changed, retry);
}

function listIntervals({
  sampleIntervalUs,
  aggrIntervalUs,
  updateIntervalUs,
  goal,
}: IntervalsSpec) {
  const { accessBp, aggrs, minSampleIntervalUs, maxSampleIntervalUs } = goal ?? NO_INTERVALS_GOAL;
  const tuning = [accessBp, aggrs, minSampleIntervalUs, maxSampleIntervalUs];
  return [sampleIntervalUs, aggrIntervalUs, updateIntervalUs, ...tuning];
}

/** Intervals stay what the kernel has tuned them to, unless something else is asked for. */
function isTunedAlike(before: KdamondSpec, after: KdamondSpec): boolean {
  const list = ({ contexts }: KdamondSpec): string =>
    JSON.stringify(contexts.map(({ intervals }) => listIntervals(intervals)));
  const isTuning = after.contexts.some(({ intervals }) => (intervals.goal?.accessBp ?? 0) > 0);
  return isTuning && list(before) === list(after);
}

function listFeedback({ contexts }: KdamondSpec): string {
  const goals = contexts.flatMap(({ schemes }) => schemes.map(({ quotas }) => quotas.goals ?? []));
  return goals.map((list) => list.map(({ currentValue }) => currentValue).join()).join(';');
}

const FEEDBACK = /\/goals\/\d+\/current_value$/;
const INTERVAL = /\/intervals\/(?:sample_us|aggr_us)$/;

/**
 * The writes that turn what a running kdamond is told into a spec; does none of them. Files that
 * say the right thing already are left out.
 *
 * @throws KernelError naming what this kernel lacks.
 */
export function planChange(
  deps: ReconcileDeps,
  { index, supports, spec: before }: RunningKdamond,
  spec: KdamondSpec,
): readonly PlannedWrite[] {
  checkSupported(describePlace(deps, index), spec, supports);
  const complete = completeOwnSpec(spec, supports);
  const keepsIntervals = isTunedAlike(before, complete);
  // Somebody may feed goals all the time: what they have told last stays.
  const keepsFeedback = listFeedback(before) === listFeedback(complete);
  return planKdamondWrites(deps.fs, index, complete, supports).filter(
    ({ path, before: found, value }) =>
      found !== value &&
      !(keepsIntervals && INTERVAL.test(path)) &&
      !(keepsFeedback && found !== undefined && FEEDBACK.test(path)),
  );
}
