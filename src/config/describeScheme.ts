import { ULONG_MAX } from '../base/uint64.ts';
import { isCoreFilter } from '../damon/spec.ts';
import type {
  Action,
  FilterSpec,
  IntervalsSpec,
  QuotaGoalSpec,
  QuotasSpec,
  SchemeSpec,
  WatermarksSpec,
} from '../damon/spec.ts';
import { joinWords, sayPercent, sayRange, saySize, sayTime } from './words.ts';

/** What comes before the memory, and behind it. */
const VERBS: Readonly<Record<Action, readonly [verb: string, tail?: string]>> = {
  willneed: ['reads in'],
  cold: ['marks', 'as first to be reclaimed'],
  pageout: ['pages out'],
  hugepage: ['asks for huge pages for'],
  nohugepage: ['asks for no huge pages for'],
  collapse: ['collapses', 'into huge pages'],
  lru_prio: ['moves', 'to the hot end of the LRU lists'],
  lru_deprio: ['moves', 'to the cold end of the LRU lists'],
  migrate_hot: ['migrates'],
  migrate_cold: ['migrates'],
  stat: ['counts'],
};

/** Numbers of samples and aggregation intervals mean something only together with these. */
type Intervals = Pick<IntervalsSpec, 'sampleIntervalUs' | 'aggrIntervalUs'>;

function sayPeriod({ resetIntervalMs }: QuotasSpec): string {
  // A quota that is never reset holds for good.
  if (resetIntervalMs === 0n || resetIntervalMs === ULONG_MAX) return ' once and for all';
  return resetIntervalMs === 1000n ? '/s' : ` per ${sayTime(resetIntervalMs * 1000n)}`;
}

function sayTimeLimit({ quotas }: SchemeSpec): string | undefined {
  const { timeMs } = quotas;
  return timeMs === 0n
    ? undefined
    : `spending at most ${sayTime(timeMs * 1000n)}${sayPeriod(quotas)} on it`;
}

function sayMemory(
  { accessPattern }: SchemeSpec,
  { sampleIntervalUs, aggrIntervalUs }: Intervals,
): string {
  const { sizeBytes, nrAccesses, ageIntervals } = accessPattern;
  const nrSamples = Math.max(1, Math.floor(aggrIntervalUs / sampleIntervalUs));
  const sayRate = (samples: bigint): string => sayPercent(Math.min(1, Number(samples) / nrSamples));
  const sayAge = (age: bigint): string => sayTime(age * BigInt(aggrIntervalUs));
  const age = sayRange(ageIntervals, 0n, sayAge);
  const isIdle = nrAccesses.max === 0n;
  const most = nrAccesses.max >= BigInt(nrSamples) ? ULONG_MAX : nrAccesses.max;
  const rate = sayRange({ min: nrAccesses.min, max: most }, 0n, sayRate);
  const size = sayRange(sizeBytes, 4096n, saySize);
  const parts = [
    isIdle ? 'idle' : rate && `accessed in ${rate} of samples`,
    age && (isIdle ? `for ${age}` : `that has been so for ${age}`),
    size && `in regions of ${size}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'all memory' : ['memory', ...parts].join(' ');
}

function sayFilterSubject(filter: FilterSpec): string {
  const { type, memcgPath, addrRange, targetIndex, sizeBytes } = filter;
  switch (type) {
    case 'anon':
      return 'anonymous memory';
    case 'memcg':
      return `memory of control group ${memcgPath ?? '?'}`;
    case 'addr':
      return `addresses ${addrRange?.startAddr ?? '?'} to ${addrRange?.endAddr ?? '?'}`;
    case 'target':
      return `target ${targetIndex ?? '?'}`;
    case 'hugepage_size':
      return `huge pages of ${(sizeBytes && sayRange(sizeBytes, 0n, saySize)) ?? 'any size'}`;
    case 'young':
      return 'pages in use since the last look';
    default:
      return `${type} pages`;
  }
}

function sayFilters({ filters, coreFilters, opsFilters }: SchemeSpec): string | undefined {
  const all = [...(coreFilters ?? []), ...(opsFilters ?? []), ...(filters ?? [])];
  const ordered = [...all.filter(isCoreFilter), ...all.filter((one) => !isCoreFilter(one))];
  if (ordered.length === 0) return undefined;
  const texts = ordered.map((filter) => {
    const subject = `${filter.isMatching ? '' : 'all but '}${sayFilterSubject(filter)}`;
    return `${filter.isAllowing === true ? 'lets through' : 'leaves out'} ${subject}`;
  });
  const several = texts.length > 1 ? 'the first that fits decides: ' : '';
  return `; ${several}${texts.join(', then ')}`;
}

function sayDestination({ targetNid, dests = [] }: SchemeSpec): string | undefined {
  if (dests.length > 0) {
    const nodes = dests.map(({ nid, weight }) => `${nid} (weight ${weight})`);
    return `to NUMA nodes ${joinWords(nodes)}`;
  }
  return targetNid === undefined || targetNid < 0 ? undefined : `to NUMA node ${targetNid}`;
}

function sayWatermarks({ metric, ...marks }: WatermarksSpec): string | undefined {
  if (metric === 'none') return undefined;
  const [high, mid, low] = [marks.highPermil, marks.midPermil, marks.lowPermil].map((permil) =>
    sayPercent(permil / 1000),
  );
  const begins = mid === high ? '' : ` (beginning below ${mid})`;
  return `only while free memory is between ${low} and ${high}${begins}`;
}

function sayGoal({ metric = 'user_input', nid, path, targetValue }: QuotaGoalSpec): string {
  const where = [
    ...(nid === undefined || !metric.startsWith('node_') ? [] : [` of node ${nid}`]),
    ...(path === undefined || path === '' || !metric.includes('memcg') ? [] : [` in ${path}`]),
  ].join('');
  if (metric.endsWith('_bp'))
    return `${metric}${where} is ${sayPercent(Number(targetValue) / 1e4)}`;
  if (metric.endsWith('_us')) return `${metric}${where} is ${sayTime(targetValue)}`;
  return `${metric} is ${targetValue}`;
}

function sayGoals({ quotas }: SchemeSpec): string | undefined {
  const goals = quotas.goals ?? [];
  return goals.length === 0
    ? undefined
    : `as much as it takes until ${joinWords(goals.map(sayGoal))}`;
}

/**
 * What a scheme does, as one sentence without its full stop: "pages out at most 128 MiB/s of memory
 * idle for 2 min or more, only while free memory is between 20 % and 50 %".
 */
export function describeScheme(scheme: SchemeSpec, intervals: Intervals): string {
  const { action, applyIntervalUs = 0, maxNrSnapshots = 0n } = scheme;
  const [verb, tail] = VERBS[action];
  const { sizeBytes } = scheme.quotas;
  const limit =
    sizeBytes > 0n ? [`at most ${saySize(sizeBytes)}${sayPeriod(scheme.quotas)} of`] : [];
  const clauses = [
    sayGoals(scheme),
    sayTimeLimit(scheme),
    applyIntervalUs > 0 ? `every ${sayTime(BigInt(applyIntervalUs))}` : undefined,
    sayWatermarks(scheme.watermarks),
    maxNrSnapshots > 0n ? `until it has seen ${maxNrSnapshots} snapshots` : undefined,
  ].filter((clause) => clause !== undefined);
  const places = [tail, sayDestination(scheme)].filter((part) => part !== undefined);
  const main = [verb, ...limit, sayMemory(scheme, intervals), ...places].join(' ');
  return [main, ...clauses].join(', ') + (sayFilters(scheme) ?? '');
}
