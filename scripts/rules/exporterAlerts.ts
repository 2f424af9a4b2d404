import { BY_CONTEXT, BY_HOST } from './rule.ts';
import type { AlertRule, Timed } from './rule.ts';

const ON_HOST = 'on {{ $labels.instance }}';

function buildRecordAlert(timed: Timed): AlertRule {
  const counters = ['dropped_snapshots', 'errors'].map(
    (what) => `increase(damon_exporter_record_${what}_total[${timed('10m')}]) > 0`,
  );
  return {
    alert: 'DamonRecordFailing',
    expr: [
      `max by (${BY_HOST}) (`,
      `    1 - damon_exporter_record_active == 1`,
      ...counters.map((counter) => `  or\n    ${counter}`),
      ')',
    ].join('\n'),
    for: timed('5m'),
    severity: 'warning',
    summary: `Snapshots ${ON_HOST} are not all recorded.`,
    description: 'The record has stopped, drops snapshots or fails to write: the disk may be full.',
  };
}

function buildOtlpAlert(timed: Timed): AlertRule {
  const pushes = (selector: string): string =>
    `sum by (${BY_HOST}) (increase(damon_exporter_otlp_pushes_total${selector}[${timed('15m')}]))`;
  return {
    alert: 'DamonOtlpPushFailing',
    expr: `${pushes('{result="failure"}')}
/
  ${pushes('')}
> 0.5`,
    for: timed('5m'),
    severity: 'warning',
    summary: `The metrics ${ON_HOST} do not reach the OpenTelemetry collector.`,
    description:
      '{{ $value | humanizePercentage }} of the pushes of 15 minutes were given up after all retries.',
  };
}

/** About the exporter itself. */
export function buildExporterAlerts(timed: Timed): readonly AlertRule[] {
  return [
    {
      alert: 'DamonExporterDown',
      expr: `up == 0
and on (${BY_HOST})
  max by (${BY_HOST}) (max_over_time(damon_exporter_build_info[${timed('1d')}]))`,
      for: timed('5m'),
      severity: 'critical',
      summary: 'damon-exporter {{ $labels.instance }} cannot be scraped.',
      description: 'It could be within the last day.',
    },
    {
      alert: 'DamonExporterNoSource',
      expr: `max by (${BY_HOST}) (damon_exporter_source_active) == 0
unless on (${BY_HOST})
  damon_exporter_idle == 1`,
      for: timed('10m'),
      severity: 'warning',
      summary: `The exporter ${ON_HOST} sees no snapshots of DAMON.`,
      description: 'None of its sources works: neither the trace, nor sysfs, nor DAMON_STAT.',
    },
    {
      alert: 'DamonSnapshotStale',
      expr: `(
    damon_exporter_snapshot_age_seconds
  > on (${BY_CONTEXT}) group_left ()
    clamp_min(10 * damon_aggregation_interval_seconds, 60)
or
  damon_exporter_snapshot_age_seconds > 600
)
unless on (${BY_HOST})
  damon_exporter_idle == 1
unless on (${BY_CONTEXT})
  max by (${BY_CONTEXT}) (damon_scheme_watermark_active) == 0`,
      for: timed('5m'),
      severity: 'warning',
      summary: `What is shown of kdamond {{ $labels.kdamond }} ${ON_HOST} is old.`,
      description:
        'The last snapshot of target {{ $labels.target }} is {{ $value | humanizeDuration }} old.',
    },
    {
      alert: 'DamonLostEvents',
      expr: `increase(damon_exporter_lost_events_total[${timed('10m')}]) > 0`,
      for: timed('10m'),
      severity: 'warning',
      summary: `The exporter ${ON_HOST} does not keep up with the kernel.`,
      description:
        '{{ $value | humanize }} trace events were overwritten within 10 minutes before they were read; the snapshots they belonged to are missing.',
    },
    buildRecordAlert(timed),
    buildOtlpAlert(timed),
  ];
}
