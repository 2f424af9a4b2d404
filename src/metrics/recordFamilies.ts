import type { RecordHealth } from '../damon/observation.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

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
    labels: [],
    computePoints: ofRecord(({ isRecording }) => Number(isRecording)),
  },
  {
    name: 'damon_exporter_record_size_bytes',
    otelName: 'damon.exporter.record.size',
    unit: 'By',
    kind: 'gauge',
    help: 'Size of the record: all its files, those of earlier runs too.',
    labels: [],
    computePoints: ofRecord(({ sizeBytes }) => sizeBytes),
  },
  {
    name: 'damon_exporter_record_segments',
    otelName: 'damon.exporter.record.segments',
    unit: '{segment}',
    kind: 'gauge',
    help: 'Files the record consists of.',
    labels: [],
    computePoints: ofRecord(({ nrSegments }) => nrSegments),
  },
  {
    name: 'damon_exporter_record_flush_age_seconds',
    otelName: 'damon.exporter.record.flush.age',
    unit: 's',
    kind: 'gauge',
    help: 'Time since snapshots were last written to the record.',
    labels: [],
    computePoints: ofRecord(({ flushAgeSeconds }) => flushAgeSeconds),
  },
  {
    name: 'damon_exporter_record_dropped_snapshots_total',
    otelName: 'damon.exporter.record.dropped_snapshots',
    unit: '{snapshot}',
    kind: 'counter',
    help: 'Snapshots that were not recorded: the disk was full or too slow.',
    labels: [],
    computePoints: ofRecord(({ droppedSnapshots }) => droppedSnapshots),
  },
  {
    name: 'damon_exporter_record_errors_total',
    otelName: 'damon.exporter.record.errors',
    unit: '{error}',
    kind: 'counter',
    help: 'File operations of the record that failed.',
    labels: [],
    computePoints: ofRecord(({ errors }) => errors),
  },
];
