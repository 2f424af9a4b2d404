import type { HistogramName } from './distribution.ts';
import type { FamilySpec, HistogramPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { listTargets, TARGET_ABSENT, TARGET_LABELS } from './observedParts.ts';

const REGIONS_SOURCE = 'trace damon_aggregated, or tried_regions/';

function histogramPoints(name: HistogramName): (input: MetricsInput) => HistogramPoint[] {
  return ({ observation, accumulators }) =>
    listTargets(observation).flatMap(({ labels, key }) => {
      const distribution = accumulators.readHistogram(name, key);
      return distribution === undefined ? [] : [{ labels, ...distribution }];
    });
}

/** Distributions per target over the life of the exporter. */
export const HISTOGRAM_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_wss_distribution_bytes',
    otelName: 'damon.wss_distribution',
    unit: 'By',
    kind: 'histogram',
    help: 'Working set sizes, one observation per aggregation.',
    kernelSource: REGIONS_SOURCE,
    absent: TARGET_ABSENT,
    example: {
      answers: 'What the working set stayed below in 95 % of the aggregations of a day.',
      query: 'histogram_quantile(0.95, rate(damon_wss_distribution_bytes_bucket[1d]))',
    },
    labels: TARGET_LABELS,
    computePoints: histogramPoints('wss'),
  },
  {
    name: 'damon_access_ratio',
    otelName: 'damon.access_ratio',
    unit: '1',
    kind: 'histogram',
    help: 'Byte-seconds by share of samples with an access: the rate of a bucket is in bytes.',
    kernelSource: REGIONS_SOURCE,
    absent: `${TARGET_ABSENT}, and while the sampling interval is not known`,
    example: {
      answers: 'Bytes that were found accessed by more than half of the samples.',
      query:
        'rate(damon_access_ratio_count[5m]) - ignoring (le) rate(damon_access_ratio_bucket{le="0.5"}[5m])',
    },
    labels: TARGET_LABELS,
    computePoints: histogramPoints('accessRatio'),
  },
  {
    name: 'damon_idle_seconds',
    otelName: 'damon.idle',
    unit: 's',
    kind: 'histogram',
    help: 'Byte-seconds by time without access, 0 while accessed: the rate of a bucket is in bytes.',
    kernelSource: REGIONS_SOURCE,
    absent: `${TARGET_ABSENT}, and while the aggregation interval is not known`,
    example: {
      answers: 'Bytes that were idle for more than 2 minutes, averaged over an hour.',
      query:
        'rate(damon_idle_seconds_count[1h]) - ignoring (le) rate(damon_idle_seconds_bucket{le=~"120|120.0"}[1h])',
    },
    labels: TARGET_LABELS,
    computePoints: histogramPoints('idle'),
  },
];
