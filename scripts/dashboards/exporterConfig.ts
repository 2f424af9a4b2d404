import type { Row } from './frame.ts';
import { statPanel, tablePanel } from './panels.ts';
import { HOSTS } from './query.ts';

/** What configuration files say, and what is. */
export const CONFIG: Row = {
  title: 'Configuration (serve --config.file)',
  panels: [
    statPanel(
      {
        title: 'Failed reloads',
        description: 'Exporters that go on with an older configuration than their file.',
        unit: 'none',
        width: 4,
        alert: 'DamonConfigReloadFailed',
        queries: [
          { expr: `sum(damon_exporter_config_last_reload_successful{${HOSTS}} == bool 0)` },
        ],
      },
      { alarmFrom: 1 },
    ),
    statPanel({
      title: 'Newest configuration',
      description: 'Time since any of the exporters last took its configuration file.',
      unit: 's',
      width: 4,
      queries: [
        {
          expr: `time() - max(damon_exporter_config_last_reload_success_timestamp_seconds{${HOSTS}})`,
        },
      ],
    }),
    tablePanel(
      {
        title: 'Configured kdamonds',
        description:
          'Whether each runs as configured, whether it waits for something to monitor (1 or 0), and how many of its settings somebody else has changed.',
        unit: 'none',
        width: 16,
        alert: 'DamonConfigDrift',
        queries: ['kdamond_in_force', 'kdamond_waiting', 'drift_settings'].map((what) => ({
          expr: `damon_exporter_config_${what}{${HOSTS}}`,
        })),
      },
      {
        columns: {
          instance: 'Host',
          name: 'Name',
          kdamond: 'kdamond',
          'Value #A': 'In force',
          'Value #B': 'Waiting',
          'Value #C': 'Changed settings',
        },
      },
    ),
  ],
};
