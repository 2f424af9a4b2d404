import { SOURCE_NAMES } from '../damon/observation.ts';
import type { CollectorHealth, PartHealth } from '../damon/observation.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { listTargets } from './observedParts.ts';

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
    labels: ['part'],
    computePoints: perPart(({ wasSuccessful }) => Number(wasSuccessful)),
  },
  {
    name: 'damon_exporter_part_duration_seconds',
    otelName: 'damon.exporter.part.duration',
    unit: 's',
    kind: 'gauge',
    help: 'Time the last round of this part of the collecting took.',
    labels: ['part'],
    computePoints: perPart(({ durationSeconds }) => durationSeconds),
  },
  {
    name: 'damon_exporter_snapshots_total',
    otelName: 'damon.exporter.snapshots',
    unit: '{snapshot}',
    kind: 'counter',
    help: 'Whole snapshots taken in.',
    labels: [],
    computePoints: collectorCounter('snapshots'),
  },
  {
    name: 'damon_exporter_snapshot_age_seconds',
    otelName: 'damon.exporter.snapshot.age',
    unit: 's',
    kind: 'gauge',
    help: 'Time since the kernel reported what is shown of the target.',
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
    labels: [],
    computePoints: collectorCounter('lostEvents'),
  },
  {
    name: 'damon_exporter_spoiled_snapshots_total',
    otelName: 'damon.exporter.spoiled_snapshots',
    unit: '{snapshot}',
    kind: 'counter',
    help: 'Snapshots thrown away because a part of them was lost.',
    labels: [],
    computePoints: collectorCounter('spoiledSnapshots'),
  },
  {
    name: 'damon_exporter_busy_retries_total',
    otelName: 'damon.exporter.busy_retries',
    unit: '{retry}',
    kind: 'counter',
    help: 'Reads and writes repeated because the kernel was busy (EBUSY).',
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
    labels: [],
    computePoints: ({ process }) => [{ labels: {}, value: process.cpuSeconds }],
  },
  {
    name: 'process_resident_memory_bytes',
    otelName: 'process.resident_memory',
    unit: 'By',
    kind: 'gauge',
    help: 'Memory the exporter occupies.',
    labels: [],
    computePoints: ({ process }) => [{ labels: {}, value: process.residentBytes }],
  },
  {
    name: 'process_start_time_seconds',
    otelName: 'process.start_time',
    unit: 's',
    kind: 'gauge',
    help: 'When the exporter started, in seconds since 1970.',
    labels: [],
    computePoints: ({ process }) => [{ labels: {}, value: process.startTimeSeconds }],
  },
  {
    name: 'process_open_fds',
    otelName: 'process.open_fds',
    unit: '{descriptor}',
    kind: 'gauge',
    help: 'File descriptors the exporter holds open.',
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
    labels: ['family', 'reason'],
    computePoints: ({ droppedSeries }) =>
      [...droppedSeries].map(({ family, reason, count }) => ({
        labels: { family, reason },
        value: count,
      })),
  },
];
