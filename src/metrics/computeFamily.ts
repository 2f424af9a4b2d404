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

/** One family of these points, of which a server takes no more than it can. */
function limitFamily(
  spec: FamilySpec<MetricsInput>,
  points: readonly Point[],
  maxSeries: number,
): ComputedFamily {
  const { name, otelName, unit, kind, labels } = spec;
  const help = spec.kernelSource === undefined ? spec.help : `${spec.help} [${spec.kernelSource}]`;
  const nrDropped = new Map<DropReason, number>();
  const limited = limitPoints(points, { names: labels, maxSeries }, nrDropped);
  const family = { name, otelName, unit, help, kind, points: limited } as MetricFamily;
  return { family, nrDropped };
}

interface Known {
  readonly points: readonly Point[];
  readonly computed: ComputedFamily;
  /** What it was computed from. */
  basis: object | undefined;
}

function areSame(some: readonly Point[], others: readonly Point[]): boolean {
  return some.length === others.length && some.every((point, index) => point === others[index]);
}

/**
 * Computes families, and gives the same object again while nothing changed: encoders remember what
 * they made of it. What has the same `basis` as the last time (an object; undefined is never the same)
 * is not even computed.
 */
export type FamilyComputer = (
  spec: FamilySpec<MetricsInput>,
  input: MetricsInput,
  basis: object | undefined,
) => ComputedFamily;

export function createFamilyComputer(): FamilyComputer {
  const all = new Map<FamilySpec<MetricsInput>, Known>();
  return (spec, input, basis) => {
    const known = all.get(spec);
    if (known !== undefined && basis !== undefined && known.basis === basis) return known.computed;
    const points = spec.computePoints(input);
    if (known !== undefined && areSame(known.points, points)) {
      known.basis = basis;
      return known.computed;
    }
    const computed = limitFamily(spec, points, input.settings.maxSeriesPerFamily);
    all.set(spec, { points, computed, basis });
    return computed;
  };
}
