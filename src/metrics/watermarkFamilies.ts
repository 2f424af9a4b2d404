import type { WatermarksSpec } from '../damon/spec.ts';
import { computeFreeMemoryPermil } from '../damon/watermarks.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, MetricExample, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { formatSchemeKey, perScheme, SCHEME_LABELS } from './observedParts.ts';
import type { ObservedScheme } from './observedParts.ts';

/** Of schemes that have watermarks. */
function perWatermarks(
  computePoint: (watermarks: WatermarksSpec, scheme: ObservedScheme) => ScalarPoint,
): (input: MetricsInput) => ScalarPoint[] {
  return perScheme((scheme) => {
    const { watermarks } = scheme.scheme;
    return watermarks.metric === 'none' ? [] : [computePoint(watermarks, scheme)];
  });
}

const NO_WATERMARKS = 'without watermarks';

interface Mark {
  readonly mark: 'high' | 'mid' | 'low';
  readonly select: (watermarks: WatermarksSpec) => number;
  readonly help: string;
  readonly example: MetricExample;
}

const MARKS: readonly Mark[] = [
  {
    mark: 'high',
    select: ({ highPermil }) => highPermil,
    help: 'Value of the watermark metric above which the scheme rests.',
    example: {
      answers: 'Share of memory that may become free until the scheme rests.',
      query:
        'damon_scheme_watermark_high_ratio - ignoring (kdamond, context, scheme) group_left () damon_memory_free_ratio',
    },
  },
  {
    mark: 'mid',
    select: ({ midPermil }) => midPermil,
    help: 'Value of the watermark metric below which a resting scheme begins to work.',
    example: {
      answers:
        'How far free memory is below the mark, as a share of all: above 0, and a resting scheme begins.',
      query:
        'damon_scheme_watermark_mid_ratio - ignoring (kdamond, context, scheme) group_left () damon_memory_free_ratio',
    },
  },
  {
    mark: 'low',
    select: ({ lowPermil }) => lowPermil,
    help: 'Value of the watermark metric below which the scheme rests.',
    example: {
      answers: 'Hosts where too little memory is free for a scheme to work: 1 or 0.',
      query:
        'max by (instance) (damon_scheme_watermark_low_ratio > bool ignoring (kdamond, context, scheme) group_left () damon_memory_free_ratio)',
    },
  },
];

/** When schemes work and when they rest. */
export const WATERMARK_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_scheme_watermark_info',
    otelName: 'damon.scheme.watermark.info',
    unit: '',
    kind: 'info',
    help: 'What the watermarks of the scheme measure; no series without watermarks.',
    kernelSource: 'schemes/<N>/watermarks/metric',
    absent: NO_WATERMARKS,
    example: {
      answers: 'Schemes with watermarks, by what they measure.',
      query: 'count by (metric) (damon_scheme_watermark_info)',
    },
    labels: [...SCHEME_LABELS, 'metric'],
    computePoints: perWatermarks(({ metric }, { labels }) => ({
      labels: { ...labels, metric },
      value: 1,
    })),
  },
  ...MARKS.map(({ mark, select, help, example }): FamilySpec<MetricsInput> => ({
    name: `damon_scheme_watermark_${mark}_ratio`,
    otelName: `damon.scheme.watermark_${mark}`,
    unit: '1',
    kind: 'gauge',
    help,
    kernelSource: `schemes/<N>/watermarks/${mark}`,
    absent: NO_WATERMARKS,
    example,
    labels: SCHEME_LABELS,
    computePoints: perWatermarks((watermarks, { labels }) => ({
      labels,
      value: select(watermarks) / 1000,
    })),
  })),
  {
    name: 'damon_scheme_watermark_interval_seconds',
    otelName: 'damon.scheme.watermark_interval',
    unit: 's',
    kind: 'gauge',
    help: 'Time between two looks at the watermarks while the scheme rests.',
    kernelSource: 'schemes/<N>/watermarks/interval_us',
    absent: NO_WATERMARKS,
    example: {
      answers: 'Longest time until a resting scheme sees that it has to work, by host.',
      query: 'max by (instance) (damon_scheme_watermark_interval_seconds)',
    },
    labels: SCHEME_LABELS,
    computePoints: perWatermarks(({ intervalUs }, { labels }) => ({
      labels,
      value: Number(intervalUs) / 1e6,
    })),
  },
  {
    name: 'damon_scheme_watermark_active',
    otelName: 'damon.scheme.watermark_active',
    unit: '',
    kind: 'gauge',
    help: 'Whether the watermarks let the scheme work: 1 or 0, and 1 without watermarks. The kernel does not tell: computed each second as the kernel does; no series where that hangs on what was before the exporter.',
    kernelSource: 'schemes/<N>/watermarks, /proc/meminfo',
    absent: 'for a kdamond that is off, and where it hangs on what was before the exporter',
    example: {
      answers: 'Share of the last day in which a scheme was let work.',
      query: 'avg_over_time(damon_scheme_watermark_active[1d])',
    },
    labels: SCHEME_LABELS,
    computePoints: perScheme(({ labels }, { watermarks }) => {
      const isActive = watermarks.isActive(formatSchemeKey(labels));
      return pointIfKnown(labels, isActive === undefined ? undefined : Number(isActive));
    }),
  },
  {
    name: 'damon_memory_free_ratio',
    otelName: 'damon.memory_free',
    unit: '1',
    kind: 'gauge',
    help: 'Share of memory that nothing uses, not even as a cache: what watermarks are compared with, in steps of 1/1000.',
    kernelSource: '/proc/meminfo MemFree, MemTotal',
    absent: 'where /proc/meminfo cannot be read',
    example: {
      answers: 'Least free memory of the last day.',
      query: 'min_over_time(damon_memory_free_ratio[1d])',
    },
    labels: [],
    computePoints: ({ observation }) =>
      observation?.memory === undefined
        ? []
        : [{ labels: {}, value: computeFreeMemoryPermil(observation.memory) / 1000 }],
  },
];
