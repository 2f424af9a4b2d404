import type { ContextState, KdamondState, SchemeState } from '../damon/kdamond.ts';
import { isCoreFilter } from '../damon/spec.ts';
import type { ContextSpec, FilterSpec, KdamondSpec, SchemeSpec } from '../damon/spec.ts';

/**
 * Everything a kdamond is told, as text by place ("contexts/0/targets/0/pid"). As it is staged, so
 * addresses are in bytes and intervals may be tuned ones.
 */
export type StagedValues = Readonly<Record<string, string>>;

/** How often the kernel renews the statistics of our kdamonds, where it can and no spec says. */
export const OWN_REFRESH_MS = 1000;

/** What the kernel or this program puts there unasked, by the last part of the place; all others are 0. */
const KERNEL_DEFAULTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['refreshMs', ['0', String(OWN_REFRESH_MS)]],
  ['operations', ['vaddr']],
  ['addrUnit', ['1']],
  ['sampleIntervalUs', ['5000']],
  ['aggrIntervalUs', ['100000']],
  ['updateIntervalUs', ['60000000']],
  ['minNrRegions', ['10']],
  ['maxNrRegions', ['1000']],
  ['action', ['stat']],
  ['targetNid', ['-1']],
  ['goalTuner', ['consist']],
  ['metric', ['none', 'user_input']],
  ['type', ['anon']],
  ['memcgPath', ['']],
  ['path', ['']],
]);
const SWITCH_OFF = 'false';

function isDefault(place: string, value: string): boolean {
  const defaults = KERNEL_DEFAULTS.get(place.slice(place.lastIndexOf('/') + 1));
  return defaults?.includes(value) ?? (value === '0' || value === SWITCH_OFF);
}

type Entries = [place: string, value: string][];

/** Leaves of plain objects and lists; what is undefined has no place. */
function listLeaves(place: string, value: unknown): Entries {
  if (typeof value === 'object' && value !== null) return listParts(place, value);
  const isLeaf = ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
  return isLeaf ? [[place, `${value as string | number | bigint | boolean}`]] : [];
}

function listParts(place: string, value: object): Entries {
  const count: Entries = Array.isArray(value) ? [[`${place}/nr`, String(value.length)]] : [];
  const parts = Object.entries(value).flatMap(([name, part]) =>
    listLeaves(`${place}/${name}`, part),
  );
  return [...count, ...parts];
}

/** One list in the order of judgement, however the kernel or the spec divides it. */
function joinFilters({ filters, coreFilters, opsFilters }: SchemeSpec): FilterSpec[] {
  const all = [...(coreFilters ?? []), ...(opsFilters ?? []), ...(filters ?? [])];
  return [...all.filter(isCoreFilter), ...all.filter((filter) => !isCoreFilter(filter))];
}

export const REPORTED_BY_SCHEME = [
  'stats',
  'effectiveQuotaBytes',
  'triedRegions',
  'triedRegionsTotalBytes',
] as const;

export function omitAll<T extends object, Name extends string>(
  value: T,
  names: readonly Name[],
): Omit<T, Name> {
  const left = Object.entries(value).filter(([name]) => !names.some((one) => one === name));
  return Object.fromEntries(left) as Omit<T, Name>;
}

function listScheme(place: string, scheme: SchemeSpec | SchemeState): Entries {
  const { quotas } = scheme;
  // Somebody may feed the kernel with it all the time: it is an input, not a setting.
  const goals = quotas.goals?.map((goal) => ({ ...goal, currentValue: undefined }));
  return listLeaves(place, {
    ...omitAll(scheme, REPORTED_BY_SCHEME),
    name: undefined,
    coreFilters: undefined,
    opsFilters: undefined,
    filters: joinFilters(scheme as SchemeSpec),
    quotas: { ...quotas, goals },
  });
}

function listContext(place: string, context: ContextSpec | ContextState): Entries {
  const { schemes, targets, intervals, probes, ...rest } = context;
  const { goal, ...fixed } = intervals;
  // Without a share to find, the rest of a goal means nothing.
  const isTuning = goal !== undefined && goal.accessBp > 0;
  return [
    ...listLeaves(place, omitAll(rest, ['availOperations'])),
    ...listLeaves(
      `${place}/probes`,
      probes?.map(({ filters }) => ({ filters })),
    ),
    ...listLeaves(`${place}/intervals`, { ...fixed, ...(isTuning && { goal }) }),
    [`${place}/targets/nr`, String(targets.length)],
    [`${place}/schemes/nr`, String(schemes.length)],
    ...targets.flatMap(({ pid, ...target }, index) =>
      listLeaves(`${place}/targets/${index}`, { pid: pid ?? 0, ...target }),
    ),
    ...schemes.flatMap((scheme, index) => listScheme(`${place}/schemes/${index}`, scheme)),
  ];
}

export function listStagedValues({
  refreshMs,
  contexts,
}: KdamondSpec | KdamondState): StagedValues {
  return Object.fromEntries([
    ...listLeaves('refreshMs', refreshMs),
    ...contexts.flatMap((context, index) => listContext(`contexts/${index}`, context)),
  ]);
}

const TUNED = /^(.*\/intervals)\/(?:sampleIntervalUs|aggrIntervalUs)$/;

/** Whether the kernel itself was told to change what is there. */
function isTuned(place: string, wanted: StagedValues): boolean {
  const intervals = TUNED.exec(place)?.[1];
  return intervals !== undefined && (wanted[`${intervals}/goal/accessBp`] ?? '0') !== '0';
}

/** One place at which a kdamond is told something else than it should be. */
export interface StagedDifference {
  readonly place: string;
  /** Undefined where there is nothing. */
  readonly found: string | undefined;
  /** Undefined where there should be nothing. */
  readonly wanted: string | undefined;
}

/**
 * Where what is found is not as wanted. What the wanted spec leaves open must be as the kernel
 * makes it; intervals that the kernel tunes and feedback for quota goals are nobody's difference.
 */
export function listDifferences(found: StagedValues, wanted: StagedValues): StagedDifference[] {
  const places = new Set([...Object.keys(found), ...Object.keys(wanted)]);
  return [...places].flatMap((place): StagedDifference[] => {
    const [is, should] = [found[place], wanted[place]];
    if (is === should || isTuned(place, wanted)) return [];
    if (is !== undefined && should === undefined && isDefault(place, is)) return [];
    // A kernel that lacks the file does what its default says.
    if (is === undefined && should !== undefined && isOptionalDefault(place, should)) return [];
    return [{ place, found: is, wanted: should }];
  });
}

/** Settings that only newer kernels have a file for. */
const OPTIONAL =
  /(?:^refreshMs|\/(?:addrUnit|isPaused|isObsolete|targetNid|applyIntervalUs|maxNrSnapshots|goalTuner|failCharge\w+|isAllowing|metric|dests\/nr|goals\/nr|filters\/nr|probes\/nr))$/;

function isOptionalDefault(place: string, value: string): boolean {
  return OPTIONAL.test(place) && isDefault(place, value);
}

export function areSameValues(found: StagedValues, wanted: StagedValues): boolean {
  return listDifferences(found, wanted).length === 0;
}

/**
 * Whether everything found is as the kernel makes it or as one of those wanted: staging may have
 * been cut off.
 */
export function areBegunValues(found: StagedValues, wanted: readonly StagedValues[]): boolean {
  // One of everything, and so one filter in each of three lists, is what a kernel is given to show
  // what it has.
  const isSkeleton = (place: string, value: string): boolean =>
    place.endsWith('/nr') && Number(value) <= (place.endsWith('/filters/nr') ? 3 : 1);
  return Object.entries(found).every(
    ([place, value]) =>
      isDefault(place, value) ||
      isSkeleton(place, value) ||
      wanted.some((one) => one[place] === value || isTuned(place, one)),
  );
}
