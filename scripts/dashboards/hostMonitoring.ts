import type { Row } from './frame.ts';
import { seriesPanel, statPanel } from './panels.ts';
import { HOSTS, KDAMOND, TARGET_LEGEND, TARGETS, withCommand } from './query.ts';

/** The host in six numbers. */
export const SUMMARY: Row = {
  title: 'Now',
  panels: [
    statPanel(
      {
        title: 'Working set',
        description:
          'Bytes in regions with an access in the last aggregation, of the targets chosen.',
        unit: 'bytes',
        width: 4,
        alert: 'DamonWssNearLimit',
        queries: [{ expr: `sum(damon_wss_bytes{${TARGETS}})` }],
      },
      { hasSparkline: true },
    ),
    statPanel({
      title: 'Monitored',
      description: 'All that is watched for accesses, of the targets chosen.',
      unit: 'bytes',
      width: 4,
      queries: [{ expr: `sum(damon_monitored_bytes{${TARGETS}})` }],
    }),
    statPanel(
      {
        title: 'Cold for 10 minutes',
        description: 'Bytes without an access for at least 10 minutes.',
        unit: 'bytes',
        width: 4,
        alert: 'DamonColdMemory',
        queries: [{ expr: `sum(damon_cold_bytes{${TARGETS},idle="10m"})` }],
      },
      { hasSparkline: true },
    ),
    statPanel({
      title: 'kdamond runs',
      description: 'Whether the chosen kdamond runs: 1 or 0.',
      unit: 'none',
      width: 4,
      alert: 'DamonKdamondDown',
      queries: [{ expr: `min(damon_kdamond_running{${KDAMOND}})` }],
    }),
    statPanel(
      {
        title: 'Oldest snapshot',
        description: 'Time since the kernel reported what is shown of a target.',
        unit: 's',
        width: 4,
        alert: 'DamonSnapshotStale',
        queries: [{ expr: `max(damon_exporter_snapshot_age_seconds{${TARGETS}})` }],
      },
      { alarmFrom: 600 },
    ),
    statPanel(
      {
        title: 'Alerts firing',
        description: 'Firing alerts of rules/damon-alerts.yaml about this host.',
        unit: 'none',
        width: 4,
        queries: [
          {
            expr: `count(ALERTS{alertname=~"Damon.*",alertstate="firing",${HOSTS}}) or vector(0)`,
          },
        ],
      },
      { alarmFrom: 1 },
    ),
  ],
};

/** How well the kdamond sees, and what it costs. */
export const QUALITY: Row = {
  title: 'How well it sees, and what that costs',
  panels: [
    seriesPanel({
      title: 'Regions',
      description:
        'Regions the memory is divided into, and their bounds. Above half of the maximum the kernel splits none any more; at the minimum nothing distinguishes them.',
      unit: 'none',
      width: 8,
      alert: 'DamonRegionsAtMax',
      queries: [
        { expr: `sum by (context) (damon_regions{${KDAMOND}})`, legend: 'regions' },
        { expr: `damon_regions_limit{${KDAMOND}}`, legend: '{{bound}}' },
      ],
    }),
    seriesPanel({
      title: 'Mean size of a region',
      description: 'How coarse the picture is: parts smaller than this are averaged with others.',
      unit: 'bytes',
      width: 8,
      alert: 'DamonRegionsAtMin',
      queries: [
        {
          expr: withCommand(`damon_monitored_bytes{${TARGETS}} / damon_regions{${TARGETS}}`),
          legend: TARGET_LEGEND,
        },
      ],
    }),
    seriesPanel({
      title: 'Intervals',
      description: 'As configured, or as the kernel has tuned them.',
      unit: 's',
      width: 8,
      queries: ['sampling', 'aggregation', 'update'].map((name) => ({
        expr: `damon_${name}_interval_seconds{${KDAMOND}}`,
        legend: name,
      })),
    }),
    seriesPanel({
      title: 'Snapshots',
      description: 'Aggregations that have been seen, per second and target.',
      unit: 'ops',
      width: 12,
      alert: 'DamonSnapshotStale',
      queries: [
        {
          expr: withCommand(
            `rate(damon_wss_distribution_bytes_count{${TARGETS}}[$__rate_interval])`,
          ),
          legend: TARGET_LEGEND,
        },
      ],
    }),
    seriesPanel({
      title: 'CPU of the kdamond',
      description: 'Share of one processor the monitoring thread uses, schemes included.',
      unit: 'percentunit',
      width: 12,
      queries: [
        {
          expr: `rate(damon_kdamond_cpu_seconds_total{${KDAMOND}}[$__rate_interval])`,
          legend: 'kdamond {{kdamond}}',
        },
      ],
    }),
  ],
};

/** What the kernel's own monitoring reports, whichever kdamond is chosen. */
export const DAMON_STAT: Row = {
  title: 'DAMON_STAT',
  isCollapsed: true,
  panels: [
    seriesPanel(
      {
        title: 'Idle time percentiles',
        description:
          'Idle time that this percentage of memory stays at or below; below 0: accessed for so long.',
        unit: 's',
        width: 12,
        queries: [{ expr: `damon_stat_idle_seconds{${HOSTS}}`, legend: 'p{{percentile}}' }],
      },
      { isSigned: true },
    ),
    seriesPanel({
      title: 'Estimated memory bandwidth',
      description: 'As DAMON_STAT estimates it.',
      unit: 'binBps',
      width: 6,
      queries: [
        { expr: `damon_stat_memory_bandwidth_bytes_per_second{${HOSTS}}`, legend: 'bandwidth' },
      ],
    }),
    seriesPanel({
      title: 'Aggregation interval',
      description: 'As DAMON_STAT has tuned it.',
      unit: 's',
      width: 6,
      queries: [
        { expr: `damon_stat_aggregation_interval_seconds{${HOSTS}}`, legend: 'aggregation' },
      ],
    }),
  ],
};
