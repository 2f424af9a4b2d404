import type { Row } from './frame.ts';
import { heatmapPanel, seriesPanel, tablePanel } from './panels.ts';
import { TARGET_LEGEND, TARGETS, withCommand } from './query.ts';

/** How much memory is in use. */
export const WORKING_SET: Row = {
  title: 'Working set',
  panels: [
    seriesPanel(
      {
        title: 'Working set by target',
        description:
          'Bytes in regions with an access in the last aggregation before each scrape. A target is a process, or all physical memory.',
        unit: 'bytes',
        width: 8,
        alert: 'DamonWssSpike',
        queries: [{ expr: withCommand(`damon_wss_bytes{${TARGETS}}`), legend: TARGET_LEGEND }],
      },
      { isStacked: true },
    ),
    heatmapPanel(
      {
        title: 'Working set distribution',
        description: 'How often which size was seen: one observation per aggregation and target.',
        unit: 'ops',
        width: 8,
        queries: [
          {
            expr: `sum by (le) (rate(damon_wss_distribution_bytes_bucket{${TARGETS}}[$__rate_interval]))`,
            legend: '{{le}}',
          },
        ],
      },
      { boundUnit: 'bytes', boundLabel: 'working set' },
    ),
  ],
};

/** How much memory is not in use, and since when. */
export const COLD: Row = {
  title: 'Cold memory',
  panels: [
    heatmapPanel(
      {
        title: 'Memory by time without access',
        description:
          'Bytes by how long they have not been accessed; 0 are those in use. The histogram counts byte-seconds, so its rate is in bytes.',
        unit: 'bytes',
        width: 8,
        queries: [
          {
            expr: `sum by (le) (rate(damon_idle_seconds_bucket{${TARGETS}}[$__rate_interval]))`,
            legend: '{{le}}',
          },
        ],
      },
      { boundUnit: 's', boundLabel: 'idle' },
    ),
  ],
};

/** How often memory is accessed, and where. */
export const ACCESS: Row = {
  title: 'Access',
  panels: [
    heatmapPanel(
      {
        title: 'Memory by access rate',
        description:
          'Bytes by the share of samples that found them accessed: 100 % are accessed all the time. The histogram counts byte-seconds, so its rate is in bytes.',
        unit: 'bytes',
        width: 12,
        queries: [
          {
            expr: `sum by (le) (rate(damon_access_ratio_bucket{${TARGETS}}[$__rate_interval]))`,
            legend: '{{le}}',
          },
        ],
      },
      { boundUnit: 'percentunit', boundLabel: 'samples with access' },
    ),
    seriesPanel(
      {
        title: 'Accessed bytes per second',
        description:
          'Every region counts with its whole size for each sample that found it accessed: the estimate DAMON_STAT makes of memory bandwidth, for any kdamond. Compare it with itself, not with the memory bus.',
        unit: 'binBps',
        width: 12,
        queries: [
          {
            expr: `sum by (target) (
  rate(damon_access_ratio_sum{${TARGETS}}[$__rate_interval])
  / on (cluster, job, instance, kdamond, context) group_left ()
    damon_sampling_interval_seconds
)`,
            legend: 'target {{target}}',
          },
        ],
      },
      { isStacked: true },
    ),
  ],
};

function neededAt(percentile: number): string {
  return withCommand(
    `$headroom * quantile_over_time(${percentile / 100}, damon_wss_bytes{${TARGETS}}[$__range])`,
  );
}

/** What follows for how much memory to give. */
export const SIZING: Row = {
  title: 'Right-sizing: the whole time shown above, headroom included',
  panels: [
    tablePanel(
      {
        title: 'Memory needed',
        description:
          'Working set percentiles over the time shown, times the headroom. With p95 the memory was enough in 95 % of the time. Assumes that the time shown is typical, and that what is not in the working set may be reclaimed.',
        unit: 'bytes',
        width: 14,
        queries: [
          ...[50, 95, 99].map((percentile) => ({ expr: neededAt(percentile) })),
        ],
      },
      {
        columns: {
          target: 'Target',
          command: 'Command',
          'Value #A': 'p50',
          'Value #B': 'p95',
          'Value #C': 'p99',
        },
      },
    ),
  ],
};
