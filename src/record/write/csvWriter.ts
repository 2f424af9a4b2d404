import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../../base/uint64Halves.ts';
import type { RecordedRegions, RecordedSnapshot, RecordedStream } from '../recording.ts';
import { createStreamedWriter } from './streamedWriter.ts';
import type { AbortableWriter, RecordText } from './streamedWriter.ts';
import { encodeAscii } from './textBuffer.ts';
import type { TextBuffer } from './textBuffer.ts';
import { createWholeFile } from './wholeFile.ts';
import type { WholeFileOptions } from './wholeFile.ts';

/** Columns of the CSV, in order. An empty field: not recorded. */
export const CSV_COLUMNS = [
  'kdamond',
  'context',
  'scheme',
  'target_id',
  'target_name',
  'start_ns',
  'end_ns',
  'sample_interval_us',
  'aggregation_interval_us',
  'start_addr',
  'end_addr',
  'nr_accesses',
  'age',
] as const;

const COMMA = encodeAscii(',');
const LINE_END = encodeAscii('\n');

function quoteField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function formatStream(stream: RecordedStream): string {
  const { kdamond, contextIndex, schemeIndex, targetId, targetName } = stream;
  return [kdamond, contextIndex, schemeIndex, targetId, targetName]
    .map((value) => quoteField(String(value ?? '')))
    .join(',');
}

class CsvText implements RecordText {
  #linePrefix = new Uint8Array(0);

  begin(out: TextBuffer): void {
    out.addText(`${CSV_COLUMNS.join(',')}\n`);
  }

  beginSnapshot(_out: TextBuffer, snapshot: RecordedSnapshot): void {
    const { stream, startNs, endNs, sampleIntervalUs } = snapshot;
    const intervals = [
      sampleIntervalUs ?? stream.intervals?.sampleIntervalUs,
      stream.intervals?.aggrIntervalUs,
    ].map((value) => String(value ?? ''));
    const fields = [formatStream(stream), startNs.toString(), endNs.toString(), ...intervals];
    this.#linePrefix = encodeAscii(`${fields.join(',')},`);
  }

  addRegions(out: TextBuffer, regions: RecordedRegions, from: number, to: number): void {
    const startHalves = viewUint64Halves(regions.startAddr);
    const endHalves = viewUint64Halves(regions.endAddr);
    for (let index = from; index < to; index += 1) {
      const low = 2 * index + LOW_HALF;
      const high = 2 * index + HIGH_HALF;
      out.addBytes(this.#linePrefix);
      out.addUint64(startHalves[low] ?? 0, startHalves[high] ?? 0);
      out.addBytes(COMMA);
      out.addUint64(endHalves[low] ?? 0, endHalves[high] ?? 0);
      out.addBytes(COMMA);
      out.addUint64(regions.nrAccesses[index] ?? 0, 0);
      out.addBytes(COMMA);
      if (regions.hasAges) out.addUint64(regions.ageIntervals[index] ?? 0, 0);
      out.addBytes(LINE_END);
    }
  }

  end(): void {
    // A table has no end.
  }
}

/** Writes one line per region; addresses and times are decimal. */
export async function createCsvWriter(options: WholeFileOptions): Promise<AbortableWriter> {
  return createStreamedWriter(await createWholeFile(options), new CsvText());
}
