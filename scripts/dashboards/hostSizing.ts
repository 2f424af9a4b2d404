import type { Row } from './frame.ts';
import { tablePanel } from './panels.ts';
import { TARGETS, withCommand } from './query.ts';

function neededAt(percentile: number): string {
  return withCommand(
    `$headroom * quantile_over_time(${percentile / 100}, damon_wss_bytes{${TARGETS}}[$__range])`,
  );
}

function coldAt(quantile: number): string {
  return withCommand(`quantile_over_time(${quantile}, damon_cold_bytes{${TARGETS}}[$__range])`);
}

/** What follows for how much memory to give, as `report sizing` says of a record. */
export const SIZING: Row = {
  title: 'Right-sizing: the whole time shown above',
  panels: [
    tablePanel(
      {
        title: 'Memory needed, headroom included',
        description:
          'Working set percentiles over the time shown, times the headroom: p95 was enough in 95 % of the time, Max is the largest single aggregation. Assumes that the time shown is like what is to come. The working set is every byte of a region with an access in an aggregation, of what DAMON sees: accesses through page tables, not those of devices, of the kernel itself, nor, of a process, files it reads and writes by system calls. Targets that are there at the end only.',
        unit: 'bytes',
        width: 10,
        queries: [
          ...[50, 95, 99].map((percentile) => ({ expr: neededAt(percentile) })),
          {
            expr: withCommand(`$headroom * max without (percentile) (
  max_over_time(damon_wss_window_bytes{${TARGETS},percentile="100"}[$__range])
)`),
          },
        ],
      },
      {
        columns: {
          target: 'Target',
          command: 'Command',
          'Value #A': 'p50',
          'Value #B': 'p95',
          'Value #C': 'p99',
          'Value #D': 'Max',
        },
      },
    ),
    tablePanel(
      {
        title: 'Reclaimable',
        description:
          'Bytes that were without an access for at least this long, in 95 % and in half of the time shown: reclaiming at this age would have freed them and hardly brought them back. Of a process it includes addresses it never touched, of physical memory what is free. A kdamond that started within the time shown could not know older ages at first: show a later time.',
        unit: 'bytes',
        width: 8,
        alert: 'DamonColdMemory',
        queries: [{ expr: coldAt(0.05) }, { expr: coldAt(0.5) }],
      },
      {
        columns: {
          target: 'Target',
          command: 'Command',
          idle: 'Idle for',
          'Value #A': 'In 95 % at least',
          'Value #B': 'Median',
        },
      },
    ),
    tablePanel(
      {
        title: 'What that rests on',
        description:
          'Snapshots within the time shown, the mean number of regions, and the mean size of one: idle parts of regions that were accessed count as working set, so few or large regions make it too large.',
        unit: 'none',
        width: 6,
        alert: 'DamonRegionsAtMin',
        queries: [
          { expr: withCommand(`increase(damon_wss_distribution_bytes_count{${TARGETS}}[$__range])`) },
          { expr: withCommand(`avg_over_time(damon_regions{${TARGETS}}[$__range])`) },
          {
            expr: withCommand(`avg_over_time(damon_monitored_bytes{${TARGETS}}[$__range])
/ avg_over_time(damon_regions{${TARGETS}}[$__range])`),
          },
        ],
      },
      {
        columns: {
          target: 'Target',
          'Value #A': 'Snapshots',
          'Value #B': 'Regions',
          'Value #C': 'Size of one',
        },
        units: { Snapshots: 'short', Regions: 'short', 'Size of one': 'bytes' },
      },
    ),
  ],
};
