import type { AlertRule, Timed } from './rule.ts';

const KDAMOND = 'Kdamond {{ $labels.name }} on {{ $labels.instance }}';

/** About what a configuration file says and what is. */
export function buildConfigAlerts(timed: Timed): readonly AlertRule[] {
  return [
    {
      alert: 'DamonConfigReloadFailed',
      expr: 'damon_exporter_config_last_reload_successful == 0',
      for: timed('5m'),
      severity: 'warning',
      summary: 'The exporter on {{ $labels.instance }} could not take its configuration file.',
      description: 'The configuration of before stays in force.',
    },
    {
      alert: 'DamonConfigDrift',
      expr: 'damon_exporter_config_drift_settings > 0',
      for: timed('15m'),
      severity: 'warning',
      summary: `${KDAMOND} is not as configured any more.`,
      description: '{{ $value }} of its settings were changed by somebody else.',
    },
    {
      alert: 'DamonConfigNotInForce',
      expr: `damon_exporter_config_kdamond_in_force == 0
and
  damon_exporter_config_kdamond_waiting == 0
and
  damon_exporter_config_drift_settings == 0`,
      for: timed('10m'),
      severity: 'warning',
      summary: `${KDAMOND} does not do what is configured.`,
      description: 'It could not be started, or not be changed to what its file says.',
    },
  ];
}
