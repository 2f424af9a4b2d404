import { BY_CONTEXT, BY_HOST, BY_SCHEME } from './rule.ts';
import type { AlertRule, Timed } from './rule.ts';

const SCHEME =
  'Scheme {{ $labels.scheme }} of kdamond {{ $labels.kdamond }} on {{ $labels.instance }}';

function buildSchemeAlerts(timed: Timed): readonly AlertRule[] {
  return [
    {
      alert: 'DamonSchemeNoProgress',
      expr: `increase(damon_scheme_tried_bytes_total[${timed('15m')}]) > 0
and
  increase(damon_scheme_applied_bytes_total[${timed('15m')}]) == 0
and on (${BY_SCHEME})
  damon_scheme_info{action!="stat"}`,
      for: timed('15m'),
      severity: 'warning',
      summary: `${SCHEME} changes nothing.`,
      description:
        'It tried {{ $value | humanize1024 }}B in 15 minutes and its action was applied to none of them.',
    },
    {
      alert: 'DamonSchemeQuotaExceeded',
      // The kernel counts once per window that the quota ended; windows end when schemes are applied.
      expr: `rate(damon_scheme_quota_exceeded_total[${timed('30m')}])
* on (${BY_SCHEME})
  damon_scheme_quota_reset_interval_seconds
> 0.75`,
      for: timed('30m'),
      severity: 'info',
      summary: `${SCHEME} always uses its quota up.`,
      description:
        'In {{ $value | humanizePercentage }} of the quota windows of half an hour there was more to do than the quota allows.',
    },
  ];
}

function buildQualityAlerts(timed: Timed): readonly AlertRule[] {
  const regions = `sum by (${BY_CONTEXT}) (avg_over_time(damon_regions[${timed('15m')}]))`;
  const limit = (bound: string): string =>
    `max by (${BY_CONTEXT}) (damon_regions_limit{bound="${bound}"})`;
  const context = 'kdamond {{ $labels.kdamond }} on {{ $labels.instance }}';
  return [
    {
      alert: 'DamonRegionsAtMax',
      // Above half of the maximum the kernel splits no region any more.
      expr: `${regions}
/
  ${limit('max')}
> 0.5`,
      for: timed('30m'),
      severity: 'info',
      summary: `The regions of ${context} are as many as they may be.`,
      description:
        'It uses {{ $value | humanizePercentage }} of its maximum; above half of it the kernel splits none, so hot and cold memory are told apart less finely than the accesses would allow.',
    },
    {
      alert: 'DamonRegionsAtMin',
      expr: `${regions}
/
  ${limit('min')}
< 1.1`,
      for: timed('30m'),
      severity: 'info',
      summary: `The regions of ${context} are as few as they may be.`,
      description:
        'Their number is {{ $value | humanizePercentage }} of the minimum: either all memory is accessed alike (or not at all), or the intervals are too short to see accesses.',
    },
  ];
}

function buildKdamondAlerts(timed: Timed): readonly AlertRule[] {
  return [
    {
      alert: 'DamonKdamondDown',
      expr: `max_over_time(damon_kdamond_running[${timed('6h')}]) == 1
unless
  damon_kdamond_running == 1
and on (${BY_HOST})
  damon_exporter_build_info`,
      for: timed('5m'),
      severity: 'warning',
      summary: 'kdamond {{ $labels.kdamond }} on {{ $labels.instance }} has stopped.',
      description: 'It ran within the last 6 hours and does not run now.',
    },
  ];
}

/** About kdamonds, their schemes and how well they see. */
export function buildMonitoringAlerts(timed: Timed): readonly AlertRule[] {
  return [...buildKdamondAlerts(timed), ...buildSchemeAlerts(timed), ...buildQualityAlerts(timed)];
}
