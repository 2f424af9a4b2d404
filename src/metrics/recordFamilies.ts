import type { RecordHealth } from '../damon/observation.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

const NOT_RECORDING = 'without `--record.path`';

/** A value of the record; no point where nothing is to be recorded. */
function ofRecord(
  select: (record: RecordHealth) => number | undefined,
): (input: MetricsInput) => ScalarPoint[] {
  return ({ record }) => (record === undefined ? [] : pointIfKnown({}, select(record)));
}

/** What `serve` tells about the record it writes. */
export const RECORD_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_exporter_record_active',
    otelName: 'damon.exporter.record.active',
    unit: '',
    kind: 'gauge',
    help: 'Whether snapshots are recorded: 1, or 0 after an error until it goes on (disk full, …).',
    absent: NOT_RECORDING,
    example: {
      answers: 'Exporters that are to record and do.',
      query: 'sum(damon_exporter_record_active)',
    },
    labels: [],
    computePoints: ofRecord(({ isRecording }) => Number(isRecording)),
  },
  {
    name: 'damon_exporter_record_size_bytes',
    otelName: 'damon.exporter.record.size',
    unit: 'By',
    kind: 'gauge',
    help: 'Size of the record: all its files, those of earlier runs too.',
    absent: NOT_RECORDING,
    example: {
      answers: 'Bytes per day by which the record grows, until it is full.',
      query: 'deriv(damon_exporter_record_size_bytes[1h]) * 86400',
    },
    labels: [],
    computePoints: ofRecord(({ sizeBytes }) => sizeBytes),
  },
  {
    name: 'damon_exporter_record_segments',
    otelName: 'damon.exporter.record.segments',
    unit: '{segment}',
    kind: 'gauge',
    help: 'Files the record consists of.',
    absent: NOT_RECORDING,
    example: {
      answers: 'Mean size of its files.',
      query: 'damon_exporter_record_size_bytes / damon_exporter_record_segments',
    },
    labels: [],
    computePoints: ofRecord(({ nrSegments }) => nrSegments),
  },
  {
    name: 'damon_exporter_record_flush_age_seconds',
    otelName: 'damon.exporter.record.flush.age',
    unit: 's',
    kind: 'gauge',
    help: 'Time since snapshots were last written to the record.',
    absent: `${NOT_RECORDING}, and before the first flush`,
    example: {
      answers: 'The most that a crash within the last hour would have lost.',
      query: 'max_over_time(damon_exporter_record_flush_age_seconds[1h])',
    },
    labels: [],
    computePoints: ofRecord(({ flushAgeSeconds }) => flushAgeSeconds),
  },
  {
    name: 'damon_exporter_record_dropped_snapshots_total',
    otelName: 'damon.exporter.record.dropped_snapshots',
    unit: '{snapshot}',
    kind: 'counter',
    help: 'Snapshots that were not recorded: the disk was full or too slow.',
    absent: NOT_RECORDING,
    example: {
      answers: 'Snapshots that are missing in the record of the last day.',
      query: 'increase(damon_exporter_record_dropped_snapshots_total[1d])',
    },
    labels: [],
    computePoints: ofRecord(({ droppedSnapshots }) => droppedSnapshots),
  },
  {
    name: 'damon_exporter_record_errors_total',
    otelName: 'damon.exporter.record.errors',
    unit: '{error}',
    kind: 'counter',
    help: 'File operations of the record that failed.',
    absent: NOT_RECORDING,
    example: {
      answers: 'Failed file operations of the last day.',
      query: 'increase(damon_exporter_record_errors_total[1d])',
    },
    labels: [],
    computePoints: ofRecord(({ errors }) => errors),
  },
];
