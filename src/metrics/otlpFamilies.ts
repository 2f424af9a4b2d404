import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

const NOT_PUSHING = 'without `--otlp.endpoint`';

/** What `serve` tells about the pushing of metrics; nothing where none are pushed. */
export const OTLP_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_exporter_otlp_pushes_total',
    otelName: 'damon.exporter.otlp.pushes',
    unit: '{push}',
    kind: 'counter',
    help: 'Pushes of metrics by result: success, or failure after all retries.',
    absent: NOT_PUSHING,
    example: {
      answers: 'Share of the pushes that failed.',
      query:
        'sum without (result) (rate(damon_exporter_otlp_pushes_total{result="failure"}[1h])) / sum without (result) (rate(damon_exporter_otlp_pushes_total[1h]))',
    },
    labels: ['result'],
    computePoints: ({ otlp }) =>
      otlp === undefined
        ? []
        : [
            { labels: { result: 'success' }, value: otlp.successes },
            { labels: { result: 'failure' }, value: otlp.failures },
          ],
  },
  {
    name: 'damon_exporter_otlp_push_age_seconds',
    otelName: 'damon.exporter.otlp.push.age',
    unit: 's',
    kind: 'gauge',
    help: 'Time since metrics were last pushed with success.',
    absent: `${NOT_PUSHING}, and before the first push that succeeds`,
    example: {
      answers: 'Longest time of the last day without a push.',
      query: 'max_over_time(damon_exporter_otlp_push_age_seconds[1d])',
    },
    labels: [],
    computePoints: ({ otlp }) => pointIfKnown({}, otlp?.successAgeSeconds),
  },
];
