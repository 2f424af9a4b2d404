import type { ContextState } from '../damon/kdamond.ts';
import type { ContextSpec, TargetSpec } from '../damon/spec.ts';

/**
 * What tells one kdamond's configuration from another's: values as text, by place
 * ("0/targets/0/pid"). As it is staged, so addresses are in bytes and intervals may be tuned ones.
 */
export type StagedValues = Readonly<Record<string, string>>;

/** What the kernel puts there by itself, by the last part of the place. */
const KERNEL_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['operations', 'vaddr'],
  ['sampleIntervalUs', '5000'],
  ['aggrIntervalUs', '100000'],
  ['updateIntervalUs', '60000000'],
  ['minNrRegions', '10'],
  ['maxNrRegions', '1000'],
  ['pid', '0'],
  ['startAddr', '0'],
  ['endAddr', '0'],
  ['action', 'stat'],
]);

function listTarget(place: string, { pid, regions }: TargetSpec): [string, string][] {
  const ranges = regions.flatMap(({ startAddr, endAddr }, index): [string, string][] => [
    [`${place}/regions/${index}/startAddr`, startAddr.toString()],
    [`${place}/regions/${index}/endAddr`, endAddr.toString()],
  ]);
  return [[`${place}/pid`, String(pid ?? 0)], ...ranges];
}

/** Share of accesses to be found, where the kernel tunes the intervals to find it. */
const GOAL = 'goalAccessBp';
const TUNED = /^(.*)\/(?:sampleIntervalUs|aggrIntervalUs)$/;

function listContext(place: string, context: ContextSpec | ContextState): [string, string][] {
  const { operations, intervals, minNrRegions, maxNrRegions, targets, schemes } = context;
  return [
    [`${place}/operations`, operations],
    [`${place}/sampleIntervalUs`, String(intervals.sampleIntervalUs)],
    [`${place}/aggrIntervalUs`, String(intervals.aggrIntervalUs)],
    [`${place}/updateIntervalUs`, String(intervals.updateIntervalUs)],
    ...(intervals.goal !== undefined && intervals.goal.accessBp > 0
      ? [[`${place}/${GOAL}`, String(intervals.goal.accessBp)] as [string, string]]
      : []),
    [`${place}/minNrRegions`, minNrRegions.toString()],
    [`${place}/maxNrRegions`, maxNrRegions.toString()],
    ...targets.flatMap((target, index) => listTarget(`${place}/targets/${index}`, target)),
    ...schemes.map(({ action }, index): [string, string] => [
      `${place}/schemes/${index}/action`,
      action,
    ]),
  ];
}

export function listStagedValues(contexts: readonly (ContextSpec | ContextState)[]): StagedValues {
  return Object.fromEntries(
    contexts.flatMap((context, index) => listContext(String(index), context)),
  );
}

/** Without intervals that the kernel itself was told to change. */
function omitTuned(values: StagedValues, wanted: StagedValues): [string, string][] {
  return Object.entries(values).filter(([place]) => {
    const context = TUNED.exec(place)?.[1];
    return context === undefined || wanted[`${context}/${GOAL}`] === undefined;
  });
}

export function areSameValues(found: StagedValues, wanted: StagedValues): boolean {
  const entries = omitTuned(found, wanted);
  return (
    entries.length === omitTuned(wanted, wanted).length &&
    entries.every(([place, value]) => value === wanted[place])
  );
}

/** Whether everything found is as wanted or as the kernel makes it: staging may have been cut off. */
export function areBegunValues(found: StagedValues, wanted: StagedValues): boolean {
  return omitTuned(found, wanted).every(
    ([place, value]) =>
      value === wanted[place] ||
      value === KERNEL_DEFAULTS.get(place.slice(place.lastIndexOf('/') + 1)),
  );
}
