import { SOURCE_NAMES } from '../damon/observation.ts';
import type { CollectorHealth, PartHealth } from '../damon/observation.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { listTargets, TARGET_ABSENT } from './observedParts.ts';

const BEFORE_FIRST_ROUND = 'before the first round';

function perPart(
  computeValue: (part: PartHealth) => number,
): (input: MetricsInput) => ScalarPoint[] {
  return ({ observation }) =>
    (observation?.collector.parts ?? []).map((part) => ({
      labels: { part: part.part },
      value: computeValue(part),
    }));
}

/** Counters of the collector; they stand at 0 before its first round. */
function collectorCounter(
  field: keyof Pick<
    CollectorHealth,
    'snapshots' | 'lostEvents' | 'spoiledSnapshots' | 'busyRetries'
  >,
): (input: MetricsInput) => ScalarPoint[] {
  return ({ observation }) => [{ labels: {}, value: observation?.collector[field] ?? 0 }];
}

const COLLECTOR_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_exporter_source_active',
    otelName: 'damon.exporter.source.active',
    unit: '',
    kind: 'gauge',
    help: 'Whether snapshots come from this source now: 1 for at most one source.',
    example: {
      answers: 'Which source each host is seen by.',
      query: 'damon_exporter_source_active == 1',
    },
    labels: ['source'],
    computePoints: ({ observation }) =>
      SOURCE_NAMES.map((source) => ({
        labels: { source },
        value: Number(observation?.collector.activeSource === source),
      })),
  },
  {
    name: 'damon_exporter_idle',
    otelName: 'damon.exporter.idle',
    unit: '',
    kind: 'gauge',
    help: 'Whether collecting rests because nobody asked for a while: 1 or 0.',
    absent: BEFORE_FIRST_ROUND,
    example: {
      answers: 'Share of the last day in which nobody asked.',
      query: 'avg_over_time(damon_exporter_idle[1d])',
    },
    labels: [],
    computePoints: ({ observation }) =>
      observation === undefined
        ? []
        : [{ labels: {}, value: Number(observation.collector.isIdle) }],
  },
  {
    name: 'damon_exporter_part_success',
    otelName: 'damon.exporter.part.success',
    unit: '',
    kind: 'gauge',
    help: 'Whether the last round of this part of the collecting went well: 1 or 0.',
    absent: BEFORE_FIRST_ROUND,
    example: {
      answers: 'Share of the last hour in which each part went well.',
      query: 'avg_over_time(damon_exporter_part_success[1h])',
    },
    labels: ['part'],
    computePoints: perPart(({ wasSuccessful }) => Number(wasSuccessful)),
  },
  {
    name: 'damon_exporter_part_duration_seconds',
    otelName: 'damon.exporter.part.duration',
    unit: 's',
    kind: 'gauge',
    help: 'Time the last round of this part of the collecting took.',
    absent: BEFORE_FIRST_ROUND,
    example: {
      answers: 'The slowest part of each host.',
      query: 'topk by (instance) (1, damon_exporter_part_duration_seconds)',
    },
    labels: ['part'],
    computePoints: perPart(({ durationSeconds }) => durationSeconds),
  },
  {
    name: 'damon_exporter_snapshots_total',
    otelName: 'damon.exporter.snapshots',
    unit: '{snapshot}',
    kind: 'counter',
    help: 'Whole snapshots taken in.',
    example: {
      answers: 'Snapshots per second.',
      query: 'rate(damon_exporter_snapshots_total[5m])',
    },
    labels: [],
    computePoints: collectorCounter('snapshots'),
  },
  {
    name: 'damon_exporter_snapshot_age_seconds',
    otelName: 'damon.exporter.snapshot.age',
    unit: 's',
    kind: 'gauge',
    help: 'Time since the kernel reported what is shown of the target.',
    absent: TARGET_ABSENT,
    example: {
      answers: 'Age in aggregations: much above 1, and snapshots stay away.',
      query:
        'damon_exporter_snapshot_age_seconds / ignoring (target) group_left () damon_aggregation_interval_seconds',
    },
    labels: ['kdamond', 'context', 'target'],
    computePoints: ({ observation, nowNs }) =>
      listTargets(observation).map(({ labels, target }) => ({
        labels,
        value: Math.max(0, Number(nowNs - target.latest.endNs) / 1e9),
      })),
  },
  {
    name: 'damon_exporter_lost_events_total',
    otelName: 'damon.exporter.lost_events',
    unit: '{event}',
    kind: 'counter',
    help: 'Trace events the kernel overwrote before they were read.',
    kernelSource: 'trace per_cpu/cpu<N>/stats',
    example: {
      answers: 'Events lost within an hour.',
      query: 'increase(damon_exporter_lost_events_total[1h])',
    },
    labels: [],
    computePoints: collectorCounter('lostEvents'),
  },
  {
    name: 'damon_exporter_spoiled_snapshots_total',
    otelName: 'damon.exporter.spoiled_snapshots',
    unit: '{snapshot}',
    kind: 'counter',
    help: 'Snapshots thrown away because a part of them was lost.',
    example: {
      answers: 'Spoiled snapshots for each one taken in.',
      query:
        'rate(damon_exporter_spoiled_snapshots_total[5m]) / (rate(damon_exporter_snapshots_total[5m]) > 0)',
    },
    labels: [],
    computePoints: collectorCounter('spoiledSnapshots'),
  },
  {
    name: 'damon_exporter_busy_retries_total',
    otelName: 'damon.exporter.busy_retries',
    unit: '{retry}',
    kind: 'counter',
    help: 'Reads and writes repeated because the kernel was busy (EBUSY).',
    example: {
      answers: 'Repetitions per second: somebody else writes to DAMON too.',
      query: 'rate(damon_exporter_busy_retries_total[5m])',
    },
    labels: [],
    computePoints: collectorCounter('busyRetries'),
  },
];

const PROCESS_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'process_cpu_seconds_total',
    otelName: 'process.cpu',
    unit: 's',
    kind: 'counter',
    help: 'Processor time the exporter has used, user and system.',
    example: {
      answers: 'Share of one processor that the exporter uses.',
      query: 'rate(process_cpu_seconds_total{job="damon"}[5m])',
    },
    labels: [],
    computePoints: ({ process }) => [{ labels: {}, value: process.cpuSeconds }],
  },
  {
    name: 'process_resident_memory_bytes',
    otelName: 'process.resident_memory',
    unit: 'By',
    kind: 'gauge',
    help: 'Memory the exporter occupies.',
    absent: 'where /proc cannot be read',
    example: {
      answers: 'Most memory of the last day.',
      query: 'max_over_time(process_resident_memory_bytes{job="damon"}[1d])',
    },
    labels: [],
    computePoints: ({ process }) => pointIfKnown({}, process.residentBytes),
  },
  {
    name: 'process_start_time_seconds',
    otelName: 'process.start_time',
    unit: 's',
    kind: 'gauge',
    help: 'When the exporter started, in seconds since 1970.',
    example: {
      answers: 'How long the exporter has been running.',
      query: 'time() - process_start_time_seconds{job="damon"}',
    },
    labels: [],
    computePoints: ({ process }) => [{ labels: {}, value: process.startTimeSeconds }],
  },
  {
    name: 'process_open_fds',
    otelName: 'process.open_fds',
    unit: '{descriptor}',
    kind: 'gauge',
    help: 'File descriptors the exporter holds open.',
    absent: 'where /proc cannot be read',
    example: {
      answers: 'Most open files of the last day.',
      query: 'max_over_time(process_open_fds{job="damon"}[1d])',
    },
    labels: [],
    computePoints: ({ process }) => pointIfKnown({}, process.openFds),
  },
];

/** What the exporter tells about itself. The row about dropped series must stay the last one. */
export const EXPORTER_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_exporter_build_info',
    otelName: 'damon.exporter.build.info',
    unit: '',
    kind: 'info',
    help: 'Version, commit and Node.js version of the exporter.',
    example: {
      answers: 'Versions that are in use.',
      query: 'count by (version) (damon_exporter_build_info)',
    },
    labels: ['version', 'revision', 'nodeversion'],
    computePoints: ({ build }) => [
      {
        labels: {
          version: build.version,
          revision: build.revision ?? 'unknown',
          nodeversion: build.nodeVersion,
        },
        value: 1,
      },
    ],
  },
  ...COLLECTOR_FAMILIES,
  ...PROCESS_FAMILIES,
  {
    name: 'damon_exporter_series_dropped_total',
    otelName: 'damon.exporter.series_dropped',
    unit: '{series}',
    kind: 'counter',
    help: 'Series left out of expositions: over the limit of a family, or the same labels twice.',
    absent: 'until a series is left out',
    example: {
      answers: 'Series left out within an hour, by family.',
      query: 'sum by (family, reason) (increase(damon_exporter_series_dropped_total[1h]))',
    },
    labels: ['family', 'reason'],
    computePoints: ({ droppedSeries }) =>
      [...droppedSeries].map(({ family, reason, count }) => ({
        labels: { family, reason },
        value: count,
      })),
  },
];
