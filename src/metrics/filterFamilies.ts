import { listFilters } from '../damon/schemeProblems.ts';
import type { FilterSpec } from '../damon/spec.ts';
import type { FamilySpec, Labels } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { perScheme, SCHEME_LABELS } from './observedParts.ts';

/** What a filter says, as labels. */
export function labelFilter(filter: FilterSpec, index: number): Labels {
  const { type, isMatching, isAllowing = false, memcgPath } = filter;
  return {
    filter: String(index),
    filter_type: type,
    matching: isMatching ? 'Y' : 'N',
    allow: isAllowing ? 'Y' : 'N',
    ...(memcgPath !== undefined && { memcg: memcgPath }),
  };
}

/** Which memory of a region schemes are about. */
export const FILTER_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_scheme_filter_info',
    otelName: 'damon.scheme.filter.info',
    unit: '',
    kind: 'info',
    help: 'A filter of a scheme: it speaks of memory of its type (matching Y) or of all other (N), and allows or rejects that (6.3).',
    kernelSource:
      'schemes/<N>/{filters,core_filters,ops_filters}/<F>/{type,matching,allow,memcg_path}',
    absent: 'for schemes without filters, and before Linux 6.3',
    example: {
      answers:
        'Bytes that the filters of each scheme leave now, by what they judge by (Linux 7.0 and later).',
      query:
        'sum by (filter_type, memcg, scheme) (rate(damon_scheme_ops_filter_passed_bytes_total[5m]) / (rate(damon_scheme_snapshots_total[5m]) > 0) * on (instance, kdamond, context, scheme) group_left (filter_type, memcg) damon_scheme_filter_info)',
    },
    labels: [...SCHEME_LABELS, 'filter', 'filter_type', 'matching', 'allow', 'memcg'],
    computePoints: perScheme(({ labels, scheme }) =>
      listFilters(scheme).map((filter, index) => ({
        labels: { ...labels, ...labelFilter(filter, index) },
        value: 1,
      })),
    ),
  },
];
