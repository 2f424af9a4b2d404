import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildDashboard, commonVariables, hostVariable } from './frame.ts';
import type { Row } from './frame.ts';
import { heatmapPanel, seriesPanel, statPanel, tablePanel } from './panels.ts';
import { HOSTS } from './query.ts';

const BY_HOST = 'cluster, job, instance';

/** Of several kdamonds on a host the one that sees most: they may watch the same memory. */
function perHost(metric: string): string {
  return `max by (${BY_HOST}) (\n  sum by (${BY_HOST}, kdamond, context) (${metric})\n)`;
}

const WSS = perHost(`damon_wss_bytes{${HOSTS}}`);
const MONITORED = perHost(`damon_monitored_bytes{${HOSTS}}`);
const COLD = perHost(`damon_cold_bytes{${HOSTS},idle="10m"}`);
const FIRING = `ALERTS{alertname=~"Damon.*",alertstate="firing",${HOSTS}}`;
const ONE_OF_SEVERAL = 'Where several kdamonds watch a host, the one that sees most counts.';

const NOW: Row = {
  title: 'Now',
  panels: [
    statPanel({
      title: 'Hosts',
      description: 'Hosts whose exporter has been scraped.',
      unit: 'none',
      width: 4,
      queries: [{ expr: `count(damon_exporter_build_info{${HOSTS}})` }],
    }),
    statPanel(
      {
        title: 'Exporters down',
        description: 'Exporters that could be scraped within the last day and cannot now.',
        unit: 'none',
        width: 4,
        alert: 'DamonExporterDown',
        queries: [
          {
            expr: `sum(
  (up{${HOSTS}} == bool 0)
  and on (${BY_HOST})
    max by (${BY_HOST}) (max_over_time(damon_exporter_build_info{${HOSTS}}[1d]))
)`,
          },
        ],
      },
      { alarmFrom: 1 },
    ),
    statPanel(
      {
        title: 'Alerts firing',
        description: 'Firing alerts of rules/damon-alerts.yaml, if Prometheus evaluates them.',
        unit: 'none',
        width: 4,
        queries: [{ expr: `count(${FIRING}) or vector(0)` }],
      },
      { alarmFrom: 1 },
    ),
    statPanel({
      title: 'kdamonds running',
      description: "DAMON's monitoring threads that run, whoever started them.",
      unit: 'none',
      width: 4,
      alert: 'DamonKdamondDown',
      queries: [{ expr: `sum(damon_kdamond_running{${HOSTS}})` }],
    }),
    statPanel(
      {
        title: 'Working set',
        description: `Sum of the hosts' working sets. ${ONE_OF_SEVERAL}`,
        unit: 'bytes',
        width: 4,
        queries: [{ expr: `sum(\n${WSS}\n)` }],
      },
      { hasSparkline: true },
    ),
    statPanel(
      {
        title: 'Cold for 10 minutes',
        description: `Memory without an access for at least 10 minutes, free memory included. ${ONE_OF_SEVERAL}`,
        unit: 'bytes',
        width: 4,
        alert: 'DamonColdMemory',
        queries: [{ expr: `sum(\n${COLD}\n)` }],
      },
      { hasSparkline: true },
    ),
  ],
};

const HOST_URL =
  '/d/damon-host?${datasource:queryparam}&var-instance=${__data.fields.Host}&${__url_time_range}';

const LISTS: Row = {
  title: 'Hosts and alerts',
  panels: [
    tablePanel(
      {
        title: 'Every host',
        description: `What each host has in use, of what is monitored there, and what is cold. ${ONE_OF_SEVERAL} A host leads to its dashboard.`,
        unit: 'bytes',
        width: 14,
        queries: [
          { expr: WSS },
          { expr: MONITORED },
          { expr: `${WSS}\n/\n${MONITORED}` },
          { expr: COLD },
          { expr: `sum by (${BY_HOST}) (damon_kdamond_running{${HOSTS}})` },
          { expr: `max by (${BY_HOST}) (damon_exporter_snapshot_age_seconds{${HOSTS}})` },
        ],
      },
      {
        columns: {
          instance: 'Host',
          cluster: 'Cluster',
          'Value #A': 'Working set',
          'Value #B': 'Monitored',
          'Value #C': 'In use',
          'Value #D': 'Cold for 10 min',
          'Value #E': 'kdamonds',
          'Value #F': 'Oldest snapshot',
        },
        units: { 'In use': 'percentunit', kdamonds: 'none', 'Oldest snapshot': 's' },
        link: { title: 'Open the host', url: HOST_URL },
      },
    ),
    tablePanel(
      {
        title: 'Firing alerts',
        description:
          'Alerts of rules/damon-alerts.yaml that fire now. The runbooks are linked above.',
        unit: 'none',
        width: 10,
        queries: [{ expr: FIRING }],
      },
      {
        columns: {
          alertname: 'Alert',
          severity: 'Severity',
          instance: 'Host',
          kdamond: 'kdamond',
          target: 'Target',
          command: 'Command',
          scheme: 'Scheme',
        },
      },
    ),
  ],
};

const MEMORY: Row = {
  title: 'Memory',
  panels: [
    seriesPanel({
      title: 'Working set by host',
      description: `The ten hosts with the largest working sets. ${ONE_OF_SEVERAL}`,
      unit: 'bytes',
      width: 12,
      alert: 'DamonWssSpike',
      queries: [{ expr: `topk(10,\n${WSS}\n)`, legend: '{{instance}}' }],
    }),
    seriesPanel({
      title: 'Cold for 10 minutes, by host',
      description: `The ten hosts with the most memory that had no access for 10 minutes. ${ONE_OF_SEVERAL}`,
      unit: 'bytes',
      width: 12,
      alert: 'DamonColdMemory',
      queries: [{ expr: `topk(10,\n${COLD}\n)`, legend: '{{instance}}' }],
    }),
    heatmapPanel(
      {
        title: 'Working sets of all targets',
        description:
          'How often which size was seen: one observation per aggregation of every target on every host.',
        unit: 'ops',
        width: 12,
        queries: [
          {
            expr: `sum by (le) (rate(damon_wss_distribution_bytes_bucket{${HOSTS}}[$__rate_interval]))`,
            legend: '{{le}}',
          },
        ],
      },
      { boundUnit: 'bytes', boundLabel: 'working set' },
    ),
    heatmapPanel(
      {
        title: 'Memory by time without access',
        description:
          'Bytes of all hosts by how long they have not been accessed; 0 are those in use. Memory that two kdamonds watch counts twice.',
        unit: 'bytes',
        width: 12,
        queries: [
          {
            expr: `sum by (le) (rate(damon_idle_seconds_bucket{${HOSTS}}[$__rate_interval]))`,
            legend: '{{le}}',
          },
        ],
      },
      { boundUnit: 's', boundLabel: 'idle' },
    ),
  ],
};

const ACTIVITY: Row = {
  title: 'Schemes and overhead',
  panels: [
    seriesPanel({
      title: 'Applied by schemes',
      description: 'Bytes per second to which DAMOS actions were applied, by action.',
      unit: 'binBps',
      width: 8,
      alert: 'DamonSchemeNoProgress',
      queries: [
        {
          expr: `sum by (action) (
  rate(damon_scheme_applied_bytes_total{${HOSTS}}[$__rate_interval])
  * on (${BY_HOST}, kdamond, context, scheme) group_left (action) damon_scheme_info{action!="stat"}
)`,
          legend: '{{action}}',
        },
      ],
    }),
    seriesPanel({
      title: 'CPU of kdamonds',
      description: 'Processors that DAMON uses for monitoring and schemes: the ten busiest hosts.',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: `topk(10, sum by (${BY_HOST}) (rate(damon_kdamond_cpu_seconds_total{${HOSTS}}[$__rate_interval])))`,
          legend: '{{instance}}',
        },
      ],
    }),
    seriesPanel({
      title: 'CPU of exporters',
      description: 'Processors that the exporters use: the ten busiest hosts.',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: `topk(10,
  rate(process_cpu_seconds_total{${HOSTS}}[$__rate_interval])
  and on (${BY_HOST}) damon_exporter_build_info
)`,
          legend: '{{instance}}',
        },
      ],
    }),
  ],
};

/** All hosts at a glance. */
export function buildFleetDashboard(): Dashboard {
  return buildDashboard({
    uid: 'damon-fleet',
    title: 'DAMON / Fleet',
    description: 'Working sets and cold memory of all hosts with a damon-exporter.',
    variables: [...commonVariables(), hostVariable(false)],
    rows: [NOW, LISTS, MEMORY, ACTIVITY],
  });
}
