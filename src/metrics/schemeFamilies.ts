import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, MetricExample, MetricUnit, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { formatSchemeKey, perScheme, SCHEME_ABSENT, SCHEME_LABELS } from './observedParts.ts';

interface SchemeCounter {
  /** Field of SchemeStats. */
  readonly field: string;
  readonly otelName: string;
  readonly name: string;
  readonly unit: MetricUnit;
  readonly help: string;
  readonly kernelSource: string;
  readonly absent?: string;
  readonly example: MetricExample;
}

const SCHEME_COUNTERS: readonly SchemeCounter[] = [
  {
    field: 'triedRegions',
    name: 'damon_scheme_tried_regions_total',
    otelName: 'damon.scheme.tried_regions',
    unit: '{region}',
    help: 'Regions that matched the access pattern and were tried.',
    kernelSource: 'schemes/<N>/stats/nr_tried',
    example: {
      answers: 'Mean size of the regions that were tried.',
      query:
        'rate(damon_scheme_tried_bytes_total[5m]) / (rate(damon_scheme_tried_regions_total[5m]) > 0)',
    },
  },
  {
    field: 'triedBytes',
    name: 'damon_scheme_tried_bytes_total',
    otelName: 'damon.scheme.tried',
    unit: 'By',
    help: 'Bytes in regions that matched the access pattern and were tried.',
    kernelSource: 'schemes/<N>/stats/sz_tried',
    example: {
      answers: 'Bytes tried within an hour.',
      query: 'increase(damon_scheme_tried_bytes_total[1h])',
    },
  },
  {
    field: 'appliedRegions',
    name: 'damon_scheme_applied_regions_total',
    otelName: 'damon.scheme.applied_regions',
    unit: '{region}',
    help: 'Regions to which the action was applied, at least in part.',
    kernelSource: 'schemes/<N>/stats/nr_applied',
    example: {
      answers: 'Share of the tried regions to which the action was applied.',
      query:
        'rate(damon_scheme_applied_regions_total[5m]) / (rate(damon_scheme_tried_regions_total[5m]) > 0)',
    },
  },
  {
    field: 'appliedBytes',
    name: 'damon_scheme_applied_bytes_total',
    otelName: 'damon.scheme.applied',
    unit: 'By',
    help: 'Bytes to which the action was applied.',
    kernelSource: 'schemes/<N>/stats/sz_applied',
    example: {
      answers: 'Share of the tried bytes to which the action was applied.',
      query:
        'rate(damon_scheme_applied_bytes_total[5m]) / (rate(damon_scheme_tried_bytes_total[5m]) > 0)',
    },
  },
  {
    field: 'opsFilterPassedBytes',
    name: 'damon_scheme_ops_filter_passed_bytes_total',
    otelName: 'damon.scheme.ops_filter_passed',
    unit: 'By',
    help: 'Bytes that passed the filters handled by the operations set (6.14).',
    kernelSource: 'schemes/<N>/stats/sz_ops_filter_passed',
    absent: `${SCHEME_ABSENT}, and before Linux 6.14`,
    example: {
      answers: 'Share of the tried bytes that filters let through.',
      query:
        'rate(damon_scheme_ops_filter_passed_bytes_total[5m]) / (rate(damon_scheme_tried_bytes_total[5m]) > 0)',
    },
  },
  {
    field: 'quotaExceeds',
    name: 'damon_scheme_quota_exceeded_total',
    otelName: 'damon.scheme.quota_exceeded',
    unit: '{time}',
    help: 'Times the quota kept the scheme from doing more.',
    kernelSource: 'schemes/<N>/stats/qt_exceeds',
    example: {
      answers: 'Share of the quota windows that were used up.',
      query:
        'rate(damon_scheme_quota_exceeded_total[5m]) * damon_scheme_quota_reset_interval_seconds',
    },
  },
  {
    field: 'nrSnapshots',
    name: 'damon_scheme_snapshots_total',
    otelName: 'damon.scheme.snapshots',
    unit: '{snapshot}',
    help: 'Times the scheme went over all regions (7.0).',
    kernelSource: 'schemes/<N>/stats/nr_snapshots',
    absent: `${SCHEME_ABSENT}, and before Linux 7.0`,
    example: {
      answers: 'How often per second a scheme goes over the regions.',
      query: 'rate(damon_scheme_snapshots_total[5m])',
    },
  },
];

function carriedPoints(field: string): (input: MetricsInput) => ScalarPoint[] {
  return perScheme(({ labels }, { counters }) =>
    pointIfKnown(labels, counters.totals(formatSchemeKey(labels))?.get(field)),
  );
}

/** What schemes are, and what they did. */
export const SCHEME_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_scheme_info',
    otelName: 'damon.scheme.info',
    unit: '',
    kind: 'info',
    help: 'What the scheme does to matching memory.',
    kernelSource: 'schemes/<N>/action',
    absent: SCHEME_ABSENT,
    example: {
      answers: 'Bytes per second to which each action was applied.',
      query:
        'sum by (action) (rate(damon_scheme_applied_bytes_total[5m]) * ignoring (action) group_left (action) damon_scheme_info)',
    },
    labels: [...SCHEME_LABELS, 'action'],
    computePoints: perScheme(({ labels, scheme }) => [
      { labels: { ...labels, action: scheme.action }, value: 1 },
    ]),
  },
  ...SCHEME_COUNTERS.map(({ field, ...head }): FamilySpec<MetricsInput> => ({
    absent: SCHEME_ABSENT,
    ...head,
    kind: 'counter',
    labels: SCHEME_LABELS,
    computePoints: carriedPoints(field),
  })),
];
