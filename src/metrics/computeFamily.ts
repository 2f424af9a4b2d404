import type {
  FamilySpec,
  HistogramPoint,
  Labels,
  MetricFamily,
  ScalarPoint,
} from './metricFamily.ts';
import type { DropReason, MetricsInput } from './metricsInput.ts';

type Point = ScalarPoint | HistogramPoint;

/** A family, and how many series were left out of it. */
export interface ComputedFamily {
  readonly family: MetricFamily;
  readonly nrDropped: ReadonlyMap<DropReason, number>;
}

/** The points of a family have the same labels, so their values tell them apart. */
function formatLabelsKey(names: readonly string[], labels: Labels): string {
  let key = '';
  for (const name of names) key += `${labels[name] ?? ''}\u0000`;
  return key;
}

/**
 * Points a server will take: one series twice makes it refuse everything, thousands make it suffer.
 */
function limitPoints<Any extends Point>(
  points: readonly Any[],
  { names, maxSeries }: { readonly names: readonly string[]; readonly maxSeries: number },
  nrDropped: Map<DropReason, number>,
): Any[] {
  const seen = new Set<string>();
  let nrSeries = 0;
  return points.filter((point) => {
    const key = formatLabelsKey(names, point.labels);
    const cost = 'bounds' in point ? point.bounds.length + 3 : 1;
    const reason = seen.has(key) ? 'duplicate' : nrSeries + cost > maxSeries ? 'limit' : undefined;
    if (reason !== undefined) {
      nrDropped.set(reason, (nrDropped.get(reason) ?? 0) + 1);
      return false;
    }
    seen.add(key);
    nrSeries += cost;
    return true;
  });
}

/** The same series in the same order, whatever their values are. */
function isSameSeries(one: Point, other: Point, names: readonly string[]): boolean {
  const boundsOfOne = 'bounds' in one ? one.bounds : undefined;
  const boundsOfOther = 'bounds' in other ? other.bounds : undefined;
  if (boundsOfOne !== boundsOfOther) return false;
  if (one.labels === other.labels) return true;
  for (const name of names) if (one.labels[name] !== other.labels[name]) return false;
  return true;
}

function isSameCount(one: readonly bigint[], other: readonly bigint[]): boolean {
  // What grows differs in its last bucket.
  for (let at = one.length - 1; at >= 0; at -= 1) if (one[at] !== other[at]) return false;
  return true;
}

/** Of points of the same series. */
function isSameValue(one: Point, other: Point): boolean {
  if (!('bounds' in one)) return !('bounds' in other) && Object.is(one.value, other.value);
  return (
    'bounds' in other &&
    one.sum === other.sum &&
    one.startNs === other.startNs &&
    isSameCount(one.cumulativeCounts, other.cumulativeCounts)
  );
}

interface Known {
  /** Before any was left out. */
  readonly points: readonly Point[];
  readonly computed: ComputedFamily;
}

/** What is different from the last time: nothing, values, or what there is. */
function compare(
  { points: before }: Known,
  points: readonly Point[],
  names: readonly string[],
): 'same' | 'values' | 'series' {
  if (before.length !== points.length) return 'series';
  let isSame = true;
  for (const [at, point] of points.entries()) {
    const old = before[at];
    if (old === point) continue;
    if (old === undefined || !isSameSeries(old, point, names)) return 'series';
    isSame &&= isSameValue(old, point);
  }
  return isSame ? 'same' : 'values';
}

function makeFamily(spec: FamilySpec<MetricsInput>, points: readonly Point[]): MetricFamily {
  const { name, otelName, unit, kind } = spec;
  const help = spec.kernelSource === undefined ? spec.help : `${spec.help} [${spec.kernelSource}]`;
  return { name, otelName, unit, help, kind, points } as MetricFamily;
}

const NOTHING_DROPPED: ReadonlyMap<DropReason, number> = new Map();

/** One family of these points, of which a server takes no more than it can. */
function limitFamily(
  spec: FamilySpec<MetricsInput>,
  points: readonly Point[],
  maxSeries: number,
): ComputedFamily {
  const nrDropped = new Map<DropReason, number>();
  const limited = limitPoints(points, { names: spec.labels, maxSeries }, nrDropped);
  return { family: makeFamily(spec, limited), nrDropped };
}

/**
 * Computes families, and gives the same object again while no value changed: encoders remember what
 * they made of it.
 */
export type FamilyComputer = (
  spec: FamilySpec<MetricsInput>,
  input: MetricsInput,
) => ComputedFamily;

export function createFamilyComputer(): FamilyComputer {
  const all = new Map<FamilySpec<MetricsInput>, Known>();
  return (spec, input) => {
    const points = spec.computePoints(input);
    const known = all.get(spec);
    const difference = known === undefined ? 'series' : compare(known, points, spec.labels);
    if (known !== undefined && difference === 'same') return known.computed;
    const isAllTaken = known?.computed.nrDropped.size === 0;
    const computed =
      difference === 'values' && isAllTaken
        ? { family: makeFamily(spec, points), nrDropped: NOTHING_DROPPED }
        : limitFamily(spec, points, input.settings.maxSeriesPerFamily);
    all.set(spec, { points, computed });
    return computed;
  };
}
