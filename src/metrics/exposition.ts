import { Registry } from 'prom-client';
import type { Metric } from 'prom-client';
import type { HistogramPoint, Labels, MetricFamily } from './metricFamily.ts';

/** The text format 0.0.4, which every Prometheus reads. */
export const TEXT_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

interface EncodedValue {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What prom-client asks of a metric when it prints it, beyond what its types say. */
interface ConstantMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly aggregator: 'sum';
  readonly get: () => Promise<ConstantMetric & { readonly values: readonly EncodedValue[] }>;
  readonly reset: () => void;
}

function formatBound(bound: number | undefined): string {
  return bound === undefined ? '+Inf' : String(bound);
}

function encodeHistogram(name: string, point: HistogramPoint): EncodedValue[] {
  const { labels, bounds, cumulativeCounts, sum } = point;
  const buckets = cumulativeCounts.map((count, index) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: formatBound(bounds[index]) } satisfies Labels,
    value: Number(count),
  }));
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: Number(cumulativeCounts.at(-1) ?? 0n) },
  ];
}

function encodeValues(family: MetricFamily): EncodedValue[] {
  if (family.kind === 'histogram') {
    return family.points.flatMap((point) => encodeHistogram(family.name, point));
  }
  return family.points.map(({ labels, value }) => ({ labels, value: Number(value) }));
}

function createConstantMetric(family: MetricFamily): ConstantMetric {
  const head = {
    name: family.name,
    help: family.help,
    type: family.kind === 'info' ? 'gauge' : family.kind,
    aggregator: 'sum',
    reset: () => undefined,
  } as const;
  const metric: ConstantMetric = {
    ...head,
    get: () => Promise.resolve({ ...metric, values: encodeValues(family) }),
  };
  return metric;
}

/**
 * Families as text 0.0.4. The registry and its metrics are made anew each time: nothing is left of
 * series that are gone, and a registry of prom-client can speak one format only.
 */
export function encodeText(families: readonly MetricFamily[]): Promise<string> {
  const registry = new Registry();
  for (const family of families) {
    // prom-client has no constant metrics; its registry takes any object it can get() values from.
    registry.registerMetric(createConstantMetric(family) as unknown as Metric);
  }
  return registry.metrics();
}
