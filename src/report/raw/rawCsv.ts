import type { RecordedSnapshot, RecordedStream } from '../../record/recording.ts';
import { formatCsvRow } from '../csv.ts';
import type { ReportSink } from '../sink.ts';
import type { RawWriter } from './rawText.ts';

const CHUNK_CHARS = 1 << 16;

const COLUMNS = [
  'kdamond',
  'context',
  'scheme',
  'target_id',
  'start_ns',
  'end_ns',
  'start_addr',
  'end_addr',
  'nr_accesses',
  'age_intervals',
];

function formatStreamFields(stream: RecordedStream): string {
  const { kdamond, contextIndex, schemeIndex, targetId } = stream;
  return formatCsvRow([kdamond, contextIndex, schemeIndex, targetId]).slice(0, -1);
}

function formatSnapshot({ startNs, endNs, regions }: RecordedSnapshot, streamText: string): string {
  const head = `${streamText},${startNs.toString()},${endNs.toString()}`;
  let text = '';
  for (let index = 0; index < regions.count; index++) {
    const age = regions.hasAges ? String(regions.ageIntervals[index]) : '';
    text += `${head},${String(regions.startAddr[index])},${String(regions.endAddr[index])},${regions.nrAccesses[index] ?? 0},${age}\n`;
  }
  return text;
}

/** Writes one row for each region of each snapshot, addresses and times as whole numbers. */
export function createRawCsvWriter(sink: ReportSink): RawWriter {
  let text = formatCsvRow(COLUMNS);
  let streamText = '';
  return {
    begin: (stream) => {
      streamText = formatStreamFields(stream);
    },
    visit: (snapshot) => {
      text += formatSnapshot(snapshot, streamText);
      if (text.length <= CHUNK_CHARS) return undefined;
      const chunk = text;
      text = '';
      return sink.write(chunk);
    },
    finish: () => sink.write(text),
  };
}
