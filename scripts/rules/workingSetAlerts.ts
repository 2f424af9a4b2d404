import { MEAN_WSS } from './recordingRules.ts';
import { BY_CONTEXT, BY_TARGET, PHYSICAL_CONTEXTS } from './rule.ts';
import type { AlertRule, Timed } from './rule.ts';

const TARGET =
  'target {{ $labels.kdamond }}/{{ $labels.context }}/{{ $labels.target }}' +
  '{{ with $labels.command }} ({{ . }}){{ end }} on {{ $labels.instance }}';

/** Above the 95th percentile of the hours before, by half and by an amount worth looking at. */
function buildSpikeExpr(timed: Timed): string {
  const usual = `quantile_over_time(0.95, ${MEAN_WSS}[${timed('6h')}] offset ${timed('10m')})`;
  return `(
    ${MEAN_WSS} > 1.5 * ${usual}
  and
    ${MEAN_WSS} - ${usual} > 128 * 2^20
)
and
  present_over_time(${MEAN_WSS}[${timed('5h')}] offset ${timed('1h')})`;
}

/** About the size of working sets and of what is cold. */
export function buildWorkingSetAlerts(timed: Timed): readonly AlertRule[] {
  return [
    {
      alert: 'DamonWssSpike',
      expr: buildSpikeExpr(timed),
      for: timed('5m'),
      severity: 'warning',
      summary: `Working set of ${TARGET} has grown suddenly.`,
      description:
        'It is {{ $value | humanize1024 }}B, more than half as much again as in 95 % of the 6 hours before.',
    },
    {
      alert: 'DamonWssAboveThreshold',
      expr: `${MEAN_WSS}
> on (${BY_TARGET}) group_left ()
  max by (${BY_TARGET}) (target:damon_wss_threshold_bytes)`,
      for: timed('10m'),
      severity: 'warning',
      summary: `Working set of ${TARGET} is above its threshold.`,
      description:
        'It is {{ $value | humanize1024 }}B; the threshold comes from the rule target:damon_wss_threshold_bytes.',
    },
    {
      alert: 'DamonWssNearLimit',
      expr: `${MEAN_WSS}
/ on (${BY_TARGET}) group_left ()
  min by (${BY_TARGET}) (target:damon_wss_limit_bytes)
> 0.9`,
      for: timed('15m'),
      severity: 'warning',
      summary: `Working set of ${TARGET} nearly fills the memory there is for it.`,
      description:
        'It takes {{ $value | humanizePercentage }} of the limit, which is all RAM unless the rule target:damon_wss_limit_bytes says otherwise.',
    },
    {
      alert: 'DamonColdMemory',
      expr: `avg_over_time(damon_cold_bytes{idle="10m"}[${timed('1h')}])
/ ignoring (idle)
  avg_over_time(damon_monitored_bytes[${timed('1h')}])
> 0.5
and on (${BY_CONTEXT}) ${PHYSICAL_CONTEXTS}`,
      for: timed('1h'),
      severity: 'info',
      summary: 'Most memory of {{ $labels.instance }} is cold.',
      description:
        '{{ $value | humanizePercentage }} of what kdamond {{ $labels.kdamond }} monitors had no access for 10 minutes or longer, on average over an hour.',
    },
  ];
}
