import { ValueType } from '@opentelemetry/api';
import type { HrTime } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import type { HistogramPoint, MetricFamily, ScalarPoint } from '../metrics/metricFamily.ts';
import { computeExactCounts } from './exactCounts.ts';

export interface PointTimes {
  /** When the values were taken. */
  readonly now: HrTime;
  /** Since when something counts, as `StartTimes` tells. */
  readonly findStart: (startNs: bigint | undefined) => HrTime;
}

function convertScalar({ labels, value }: ScalarPoint, times: PointTimes): DataPoint<number> {
  return {
    startTime: times.findStart(undefined),
    endTime: times.now,
    attributes: labels,
    value: Number(value),
  };
}

function convertHistogram(point: HistogramPoint, times: PointTimes): DataPoint<Histogram> {
  const { labels, bounds, cumulativeCounts, sum } = point;
  const { bucketCounts, count } = computeExactCounts(cumulativeCounts);
  return {
    startTime: times.findStart(point.startNs),
    endTime: times.now,
    attributes: labels,
    value: { buckets: { boundaries: [...bounds], counts: bucketCounts }, sum, count },
  };
}

function convertFamily(family: MetricFamily, times: PointTimes): MetricData {
  const head = {
    descriptor: {
      name: family.otelName,
      description: family.help,
      unit: family.unit,
      // As the scrape has them: a double holds what is whole just as well.
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  } as const;
  if (family.kind === 'histogram') {
    const dataPoints = family.points.map((point) => convertHistogram(point, times));
    return { ...head, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = family.points.map((point) => convertScalar(point, times));
  if (family.kind === 'counter') {
    return { ...head, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  }
  return { ...head, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** Families as OpenTelemetry's metrics: dotted names, cumulative sums, buckets of their own. */
export function createMetricData(
  families: readonly MetricFamily[],
  times: PointTimes,
): MetricData[] {
  return families.map((family) => convertFamily(family, times));
}
