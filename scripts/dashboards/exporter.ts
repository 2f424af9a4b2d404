import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { CONFIG } from './exporterConfig.ts';
import { buildDashboard, commonVariables, hostVariable } from './frame.ts';
import type { Row } from './frame.ts';
import { seriesPanel, statPanel, tablePanel } from './panels.ts';
import { HOSTS } from './query.ts';

const BY_HOST = 'cluster, job, instance';
/** Only what exporters of DAMON say about their process. */
const IS_DAMON = `and on (${BY_HOST}) damon_exporter_build_info`;

const COLLECTING: Row = {
  title: 'Collecting',
  panels: [
    statPanel(
      {
        title: 'Without a source',
        description: 'Exporters that get no snapshots, though somebody asks for them.',
        unit: 'none',
        width: 6,
        alert: 'DamonExporterNoSource',
        queries: [
          {
            expr: `sum(
  (max by (${BY_HOST}) (damon_exporter_source_active{${HOSTS}}) == bool 0)
  * on (${BY_HOST}) (damon_exporter_idle == bool 0)
)`,
          },
        ],
      },
      { alarmFrom: 1 },
    ),
    statPanel(
      {
        title: 'Failing parts',
        description: 'Parts of the collecting whose last round failed.',
        unit: 'none',
        width: 6,
        alert: 'DamonExporterNoSource',
        queries: [{ expr: `sum(damon_exporter_part_success{${HOSTS}} == bool 0)` }],
      },
      { alarmFrom: 1 },
    ),
    statPanel(
      {
        title: 'Lost events, last hour',
        description: 'Trace events the kernel overwrote before they were read.',
        unit: 'short',
        width: 6,
        alert: 'DamonLostEvents',
        queries: [{ expr: `sum(increase(damon_exporter_lost_events_total{${HOSTS}}[1h]))` }],
      },
      { alarmFrom: 1 },
    ),
    statPanel(
      {
        title: 'Series left out, last hour',
        description:
          'Series that expositions did not contain: over the limit of a family (--metrics.max-series), or twice the same. damon_exporter_series_dropped_total says of which family.',
        unit: 'short',
        width: 6,
        queries: [
          {
            expr: `sum(increase(damon_exporter_series_dropped_total{${HOSTS}}[1h])) or vector(0)`,
          },
        ],
      },
      { alarmFrom: 1 },
    ),
    tablePanel(
      {
        title: 'Exporters',
        description: 'Version of each exporter, and the source its snapshots come from.',
        unit: 'none',
        width: 8,
        queries: [
          {
            expr: `damon_exporter_build_info{${HOSTS}}
* on (${BY_HOST}) group_left (source) (damon_exporter_source_active == 1)`,
          },
        ],
      },
      {
        columns: {
          instance: 'Host',
          version: 'Version',
          nodeversion: 'Node.js',
          source: 'Source',
        },
      },
    ),
    seriesPanel({
      title: 'Snapshot age',
      description:
        'The oldest snapshot that is shown, by host. Much more than the aggregation interval is too much.',
      unit: 's',
      width: 8,
      alert: 'DamonSnapshotStale',
      queries: [
        {
          expr: `max by (${BY_HOST}) (damon_exporter_snapshot_age_seconds{${HOSTS}})`,
          legend: '{{instance}}',
        },
      ],
    }),
    seriesPanel({
      title: 'Snapshots',
      description: 'Whole snapshots taken in, and those thrown away because a part was lost.',
      unit: 'ops',
      width: 8,
      alert: 'DamonLostEvents',
      queries: ['snapshots', 'spoiled_snapshots'].map((what) => ({
        expr: `sum by (${BY_HOST}) (rate(damon_exporter_${what}_total{${HOSTS}}[$__rate_interval]))`,
        legend: `{{instance}} ${what === 'snapshots' ? 'taken in' : 'spoiled'}`,
      })),
    }),
    seriesPanel({
      title: 'Duration of parts',
      description:
        'Time that the last round of each part of the collecting took: the slowest host.',
      unit: 's',
      width: 12,
      queries: [
        {
          expr: `max by (part) (damon_exporter_part_duration_seconds{${HOSTS}})`,
          legend: '{{part}}',
        },
      ],
    }),
    seriesPanel({
      title: 'Lost events and busy retries',
      description:
        'Events that were overwritten before they were read, and reads and writes repeated because the kernel was busy.',
      unit: 'ops',
      width: 12,
      alert: 'DamonLostEvents',
      queries: [
        {
          expr: `sum by (${BY_HOST}) (rate(damon_exporter_lost_events_total{${HOSTS}}[$__rate_interval]))`,
          legend: '{{instance}} lost',
        },
        {
          expr: `sum by (${BY_HOST}) (rate(damon_exporter_busy_retries_total{${HOSTS}}[$__rate_interval]))`,
          legend: '{{instance}} retries',
        },
      ],
    }),
  ],
};

const PROCESS: Row = {
  title: 'Process and scrapes',
  panels: [
    seriesPanel({
      title: 'CPU',
      description: 'Share of one processor the exporter uses.',
      unit: 'percentunit',
      width: 6,
      queries: [
        {
          expr: `rate(process_cpu_seconds_total{${HOSTS}}[$__rate_interval])\n${IS_DAMON}`,
          legend: '{{instance}}',
        },
      ],
    }),
    seriesPanel({
      title: 'Memory',
      description: 'Memory the exporter occupies.',
      unit: 'bytes',
      width: 6,
      queries: [
        {
          expr: `process_resident_memory_bytes{${HOSTS}}\n${IS_DAMON}`,
          legend: '{{instance}}',
        },
      ],
    }),
    seriesPanel({
      title: 'Scrape duration',
      description: 'How long Prometheus waits for the metrics.',
      unit: 's',
      width: 6,
      alert: 'DamonExporterDown',
      queries: [{ expr: `scrape_duration_seconds{${HOSTS}}\n${IS_DAMON}`, legend: '{{instance}}' }],
    }),
    seriesPanel({
      title: 'Series per scrape',
      description: 'Series each host adds to Prometheus.',
      unit: 'none',
      width: 6,
      queries: [{ expr: `scrape_samples_scraped{${HOSTS}}\n${IS_DAMON}`, legend: '{{instance}}' }],
    }),
  ],
};

const RECORD: Row = {
  title: 'Record (serve --record.path)',
  panels: [
    statPanel({
      title: 'Recording',
      description: 'Exporters that record now, of those that are to.',
      unit: 'none',
      width: 4,
      alert: 'DamonRecordFailing',
      queries: [
        { expr: `sum(damon_exporter_record_active{${HOSTS}})`, legend: 'recording' },
        { expr: `count(damon_exporter_record_active{${HOSTS}})`, legend: 'to record' },
      ],
    }),
    seriesPanel({
      title: 'Size of the record',
      description:
        'All files of the record. The oldest go at --record.max-size and --record.max-age.',
      unit: 'bytes',
      width: 7,
      queries: [{ expr: `damon_exporter_record_size_bytes{${HOSTS}}`, legend: '{{instance}}' }],
    }),
    seriesPanel({
      title: 'Since the last flush',
      description: 'Time since snapshots were last written: that much is lost in a crash.',
      unit: 's',
      width: 6,
      alert: 'DamonRecordFailing',
      queries: [
        { expr: `damon_exporter_record_flush_age_seconds{${HOSTS}}`, legend: '{{instance}}' },
      ],
    }),
    seriesPanel({
      title: 'Dropped snapshots and errors',
      description: 'Snapshots that are missing in the record, and file operations that failed.',
      unit: 'ops',
      width: 7,
      alert: 'DamonRecordFailing',
      queries: ['dropped_snapshots', 'errors'].map((what) => ({
        expr: `rate(damon_exporter_record_${what}_total{${HOSTS}}[$__rate_interval])`,
        legend: `{{instance}} ${what === 'errors' ? what : 'dropped'}`,
      })),
    }),
  ],
};

const OTLP: Row = {
  title: 'Pushing (serve --otlp.endpoint)',
  panels: [
    statPanel(
      {
        title: 'Failed pushes, last hour',
        description: 'Pushes to an OpenTelemetry collector that were given up after all retries.',
        unit: 'short',
        width: 4,
        alert: 'DamonOtlpPushFailing',
        queries: [
          {
            expr: `sum(increase(damon_exporter_otlp_pushes_total{${HOSTS},result="failure"}[1h]))`,
          },
        ],
      },
      { alarmFrom: 1 },
    ),
    seriesPanel({
      title: 'Pushes',
      description: 'Pushes per second by result.',
      unit: 'ops',
      width: 10,
      alert: 'DamonOtlpPushFailing',
      queries: [
        {
          expr: `rate(damon_exporter_otlp_pushes_total{${HOSTS}}[$__rate_interval])`,
          legend: '{{instance}} {{result}}',
        },
      ],
    }),
    seriesPanel({
      title: 'Since the last push',
      description:
        'Time since a collector last took the metrics. More than the interval (--otlp.interval) is too much.',
      unit: 's',
      width: 10,
      alert: 'DamonOtlpPushFailing',
      queries: [{ expr: `damon_exporter_otlp_push_age_seconds{${HOSTS}}`, legend: '{{instance}}' }],
    }),
  ],
};

/** How the exporters themselves are. */
export function buildExporterDashboard(): Dashboard {
  return buildDashboard({
    uid: 'damon-exporter',
    title: 'DAMON / Exporter',
    description: 'Health of damon-exporter itself: sources, snapshots, process, configuration, record, pushing.',
    variables: [...commonVariables(), hostVariable(false)],
    rows: [COLLECTING, PROCESS, CONFIG, RECORD, OTLP],
  });
}
