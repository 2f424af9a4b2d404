import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

/** What `serve` tells about the pushing of metrics; nothing where none are pushed. */
export const OTLP_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_exporter_otlp_pushes_total',
    otelName: 'damon.exporter.otlp.pushes',
    unit: '{push}',
    kind: 'counter',
    help: 'Pushes of metrics by result: success, or failure after all retries.',
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
    labels: [],
    computePoints: ({ otlp }) => pointIfKnown({}, otlp?.successAgeSeconds),
  },
];
