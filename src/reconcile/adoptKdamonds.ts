import type { KdamondState, SchemeState } from '../damon/kdamond.ts';
import type { Action, IntervalsSpec, KdamondSpec, Operations, SchemeSpec } from '../damon/spec.ts';
import { readInteger } from '../kernel/attribute.ts';
import { probeCapabilities } from '../kernel/capabilityProbe.ts';
import type { CapabilitySupport, CapabilitySupports } from '../kernel/capabilityProbe.ts';
import { readKdamond } from '../kernel/kdamonds.ts';
import { NR_KDAMONDS, refuseStart } from './freeDamon.ts';
import { OwnedSet } from './ownedSet.ts';
import type { OwnedKdamonds } from './ownedSet.ts';
import type { OwnedKdamondRecord, OwnershipRecord, ProcessIdentity } from './ownership.ts';
import type { OwnershipDeps } from './ownershipDeps.ts';
import type { RunningKdamond } from './runningKdamond.ts';
import { REPORTED_BY_SCHEME, omitAll } from './stagedValues.ts';
import type { StagedValues } from './stagedValues.ts';
import { areStillOurs } from './undoOwnership.ts';

function toSchemeSpec(
  state: SchemeState,
  name: string | null | undefined,
  takeGoalValue: () => string | undefined,
): SchemeSpec {
  const { quotas, ...told } = omitAll(state, REPORTED_BY_SCHEME);
  const goals = quotas.goals?.map((goal) => {
    const value = takeGoalValue();
    return value === undefined ? goal : { ...goal, currentValue: BigInt(value) };
  });
  return {
    ...told,
    quotas: { ...quotas, ...(goals && { goals }) },
    action: told.action as Action,
    ...(typeof name === 'string' && { name }),
  };
}

/** Intervals as they were told, where the kernel has tuned them since. */
function readIntervals(intervals: IntervalsSpec, told: StagedValues = {}): IntervalsSpec {
  if ((intervals.goal?.accessBp ?? 0) === 0) return intervals;
  const read = (name: 'sampleIntervalUs' | 'aggrIntervalUs'): number =>
    Number(told[`contexts/0/intervals/${name}`] ?? intervals[name]);
  return {
    ...intervals,
    sampleIntervalUs: read('sampleIntervalUs'),
    aggrIntervalUs: read('aggrIntervalUs'),
  };
}

/** What a kdamond of our own is told; what the kernel reports is left out. */
function toSpec(
  state: KdamondState,
  { staged, schemeNames = [], goalValues = [] }: OwnedKdamondRecord,
): KdamondSpec {
  const { refreshMs, contexts } = state;
  let nrSchemes = 0;
  let nrGoals = 0;
  return {
    ...(refreshMs !== undefined && { refreshMs }),
    contexts: contexts.map(({ operations, schemes, ...context }) => ({
      ...omitAll(context, ['availOperations']),
      operations: operations as Operations,
      intervals: readIntervals(context.intervals, staged.at(-1)),
      schemes: schemes.map((scheme) =>
        toSchemeSpec(scheme, schemeNames[nrSchemes++], () => goalValues[nrGoals++]),
      ),
    })),
  };
}

function mergeSupports(
  now: CapabilitySupports,
  noted: Readonly<Record<string, string>> = {},
): CapabilitySupports {
  return new Map(
    Array.from(now, ([id, support]) => [
      id,
      support === 'unknown' ? ((noted[id] ?? support) as CapabilitySupport) : support,
    ]),
  );
}

/** Undefined for one that waits or has ended. */
async function readRunning(
  { fs, retry }: OwnershipDeps,
  index: number,
  record: OwnedKdamondRecord,
): Promise<RunningKdamond | undefined> {
  const { pid, supports } = record;
  if (pid === undefined) return undefined;
  const options = { retry, withTriedRegions: false, lastRunStates: new Map() };
  const state = await readKdamond(fs, index, options);
  if (!state.isRunning || state.pid !== pid) return undefined;
  return {
    index,
    pid,
    spec: toSpec(state, record),
    supports: mergeSupports(probeCapabilities(fs), supports),
    nrClears: 0,
  };
}

/** Of each kdamond of the record, by index; undefined for those that wait or have ended. */
export async function readKeptKdamonds(
  deps: OwnershipDeps,
  record: OwnershipRecord,
): Promise<readonly (RunningKdamond | undefined)[]> {
  const running: (RunningKdamond | undefined)[] = [];
  for (const [index, kdamond] of record.kdamonds.entries()) {
    running.push(await readRunning(deps, index, kdamond));
  }
  return running;
}

/**
 * Takes over kdamonds that were left running on purpose.
 *
 * @param exporter Who has them from now on; undefined: nobody, they run on by themselves.
 * @throws KernelError when they are somebody else's by now.
 */
export async function adoptKdamonds(
  deps: OwnershipDeps,
  record: OwnershipRecord,
  exporter?: ProcessIdentity,
): Promise<OwnedKdamonds> {
  const { fs, store } = deps;
  const nrKdamonds = readInteger(fs, NR_KDAMONDS);
  if (nrKdamonds > 0 && !(await areStillOurs(deps, record.kdamonds, nrKdamonds))) {
    refuseStart(
      fs,
      `those that were left running (${store.location}) are not there any more: somebody else keeps ${String(nrKdamonds)} in their place`,
    );
  }
  const running = nrKdamonds === 0 ? [] : await readKeptKdamonds(deps, record);
  if (exporter === undefined) return new OwnedSet(deps, record, running);
  const taken = { ...record, exporter, isKept: false };
  store.write(taken);
  return new OwnedSet(deps, taken, running);
}
