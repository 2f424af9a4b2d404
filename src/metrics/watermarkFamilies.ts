import type { WatermarksSpec } from '../damon/spec.ts';
import { computeFreeMemoryPermil } from '../damon/watermarks.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
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

interface Mark {
  readonly mark: 'high' | 'mid' | 'low';
  readonly select: (watermarks: WatermarksSpec) => number;
  readonly help: string;
}

const MARKS: readonly Mark[] = [
  {
    mark: 'high',
    select: ({ highPermil }) => highPermil,
    help: 'Value of the watermark metric above which the scheme rests.',
  },
  {
    mark: 'mid',
    select: ({ midPermil }) => midPermil,
    help: 'Value of the watermark metric below which a resting scheme begins to work.',
  },
  {
    mark: 'low',
    select: ({ lowPermil }) => lowPermil,
    help: 'Value of the watermark metric below which the scheme rests.',
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
    labels: [...SCHEME_LABELS, 'metric'],
    computePoints: perWatermarks(({ metric }, { labels }) => ({
      labels: { ...labels, metric },
      value: 1,
    })),
  },
  ...MARKS.map(({ mark, select, help }): FamilySpec<MetricsInput> => ({
    name: `damon_scheme_watermark_${mark}_ratio`,
    otelName: `damon.scheme.watermark_${mark}`,
    unit: '1',
    kind: 'gauge',
    help,
    kernelSource: `schemes/<N>/watermarks/${mark}`,
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
    labels: [],
    computePoints: ({ observation }) =>
      observation?.memory === undefined
        ? []
        : [{ labels: {}, value: computeFreeMemoryPermil(observation.memory) / 1000 }],
  },
];
