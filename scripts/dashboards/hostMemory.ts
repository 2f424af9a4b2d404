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
    seriesPanel({
      title: 'Working set percentiles',
      description:
        'Of all aggregations of the last minutes (--metrics.wss-window), as `report wss` prints them. 50: half of the time less was enough; 100: the peak.',
      unit: 'bytes',
      width: 8,
      alert: 'DamonWssNearLimit',
      queries: [
        {
          expr: withCommand(`damon_wss_window_bytes{${TARGETS},percentile=~"50|95|100"}`),
          legend: `p{{percentile}} ${TARGET_LEGEND}`,
        },
      ],
    }),
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
    seriesPanel({
      title: 'Cold memory by idle age',
      description:
        'Bytes without an access for at least this long (--metrics.cold-ages). Of physical memory, free memory counts as cold; of a process, addresses it never touched.',
      unit: 'bytes',
      width: 8,
      alert: 'DamonColdMemory',
      queries: [
        { expr: `sum by (idle) (damon_cold_bytes{${TARGETS}})`, legend: 'at least {{idle}}' },
      ],
    }),
    seriesPanel(
      {
        title: 'Cold share by idle age',
        description: 'The same as a share of all that is monitored.',
        unit: 'percentunit',
        width: 8,
        alert: 'DamonColdMemory',
        queries: [
          {
            expr: `sum by (idle) (damon_cold_bytes{${TARGETS}})
/ scalar(sum(damon_monitored_bytes{${TARGETS}}))`,
            legend: 'at least {{idle}}',
          },
        ],
      },
      { isShare: true },
    ),
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

/** Bounds of several layouts would not be buckets of one histogram. */
const HEAT_OF_LAST_LAYOUT = `sum by (le) (
  rate(damon_address_heat_bucket{${TARGETS}}[$__rate_interval])
  and on (cluster, job, instance, kdamond, context, target, layout)
    damon_address_heat_count{${TARGETS}} @ end()
)`;

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
    heatmapPanel(
      {
        title: 'Address heat of target $target',
        description:
          'Where the accesses are: each row is a cell of the address space, named by its end; the value is bytes weighed by how often they are accessed. Cells are laid over what is monitored. When they are laid anew the picture begins again: it shows the layout in force at the end of the time shown.',
        unit: 'bytes',
        width: 24,
        queries: [{ expr: HEAT_OF_LAST_LAYOUT, legend: '{{le}}' }],
      },
      { boundUnit: 'hex0x', boundLabel: 'end of the cell', repeat: 'target' },
    ),
  ],
};

/** Which addresses the rows of the heat are. */
export const CELLS: Row = {
  title: 'Address cells',
  isCollapsed: true,
  panels: [
    tablePanel(
      {
        title: 'Address cells',
        description:
          'First byte of each cell and the first one after it. Between cells there may be gaps: addresses that are not monitored.',
        unit: 'none',
        width: 24,
        queries: [{ expr: withCommand(`damon_address_cell_info{${TARGETS}}`) }],
      },
      {
        columns: {
          target: 'Target',
          command: 'Command',
          layout: 'Layout',
          cell: 'Cell',
          start: 'Start',
          end: 'End',
        },
      },
    ),
  ],
};
