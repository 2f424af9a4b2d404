import type {
  RecordedIntervals,
  RecordedSnapshot,
  RecordedStream,
} from '../../record/recording.ts';
import type { ReportSink } from '../sink.ts';
import type { RawWriter } from './rawText.ts';

const CHUNK_CHARS = 1 << 16;

function encodeIntervals(intervals: RecordedIntervals | undefined): unknown {
  if (intervals === undefined) return null;
  return {
    sample_us: String(intervals.sampleIntervalUs),
    aggr_us: String(intervals.aggrIntervalUs),
    ops_update_us: String(intervals.updateIntervalUs),
  };
}

/** Sysfs indexes are numbers; a module's name is not. */
function encodeIndex(text: string | undefined): string {
  if (text === undefined) return 'null';
  return /^\d{1,20}$/.test(text) ? text : JSON.stringify(text);
}

function formatStreamHead(stream: RecordedStream): string {
  const { kdamond, contextIndex, schemeIndex, targetId } = stream;
  return (
    `{"kdamond_idx": ${encodeIndex(kdamond)}, "context_idx": ${contextIndex ?? 'null'}, ` +
    `"intervals": ${JSON.stringify(encodeIntervals(stream.intervals))}, ` +
    `"scheme_idx": ${schemeIndex ?? 'null'}, "target_id": ${encodeIndex(targetId)}, "snapshots": [`
  );
}

function formatRegion({ regions }: RecordedSnapshot, index: number): string {
  const age = regions.hasAges ? `"${regions.ageIntervals[index] ?? 0}"` : 'null';
  return (
    `{"start": "${String(regions.startAddr[index])}", "end": "${String(regions.endAddr[index])}", ` +
    `"nr_accesses": {"samples": ${regions.nrAccesses[index] ?? 0}, "percent": null}, ` +
    `"age": {"usec": null, "aggr_intervals": ${age}}}`
  );
}

function formatSnapshot(snapshot: RecordedSnapshot): string {
  const regions = Array.from({ length: snapshot.regions.count }, (_, index) =>
    formatRegion(snapshot, index),
  );
  return (
    `{"start_time": "${snapshot.startNs.toString()}", "end_time": "${snapshot.endNs.toString()}", ` +
    `"regions": [\n${regions.join(',\n')}]}`
  );
}

/**
 * Writes a list of records with damo's keys: 64-bit values are digit strings, but a target's id is
 * a number of up to 64 bits, as damo writes it.
 */
export function createRawJsonWriter(sink: ReportSink): RawWriter {
  let text = '';
  let nrStreams = 0;
  let nrSnapshots = 0;
  const take = (): string => {
    const taken = text;
    text = '';
    return taken;
  };
  return {
    begin: (stream) => {
      text += `${nrStreams === 0 ? '[' : ']},\n'}${formatStreamHead(stream)}`;
      nrStreams += 1;
      nrSnapshots = 0;
    },
    visit: (snapshot) => {
      text += `${nrSnapshots === 0 ? '\n' : ',\n'}${formatSnapshot(snapshot)}`;
      nrSnapshots += 1;
      return text.length > CHUNK_CHARS ? sink.write(take()) : undefined;
    },
    finish: () => sink.write(`${take()}${nrStreams === 0 ? '[]' : ']}]'}\n`),
  };
}
