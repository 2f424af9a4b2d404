import { formatTimeNs } from '../../base/format.ts';
import type { RecordedSnapshot } from '../../record/recording.ts';
import { AsciiBuffer } from '../asciiBuffer.ts';
import type { RawTextOptions } from './rawTextOptions.ts';
import { createRegionLines } from './regionLines.ts';
import type { ReportSink } from '../sink.ts';
import type { StreamVisitor } from '../streamRuns.ts';
import { formatTargetId } from '../streams.ts';

const TABLE_HEADING = `# ${'start_addr'.padStart(10)} ${'end_addr'.padStart(12)}  ${'length'.padStart(12)}  ${'nr_accesses'.padStart(11)} ${'age'.padStart(5)}\n`;

/** Piece by piece: a text that is put together first would have to be copied once more. */
function createHeadWriter(
  out: AsciiBuffer,
  isRaw: boolean,
): (snapshot: RecordedSnapshot, baseNs: bigint) => void {
  const writeTime = (label: string, text: string): void => {
    out.text(label);
    out.padStart(text, 16);
    out.text('\n');
  };
  // Mostly a snapshot begins where the one before it ended.
  let latestNs = 0n;
  let latestText = formatTimeNs(latestNs, isRaw);
  const formatEnd = (ns: bigint): string => {
    if (ns === latestNs) return latestText;
    latestNs = ns;
    latestText = formatTimeNs(ns, isRaw);
    return latestText;
  };
  return ({ stream, startNs, endNs, regions }, baseNs) => {
    writeTime('monitoring_start:    ', formatEnd(startNs - baseNs));
    writeTime('monitoring_end:      ', formatEnd(endNs - baseNs));
    writeTime('monitoring_duration: ', formatTimeNs(endNs - startNs, isRaw));
    out.text('target_id: ');
    out.text(formatTargetId(stream));
    out.text('\nnr_regions: ');
    out.decimal(regions.count);
    out.text('\n');
  };
}

/** What it takes to write the raw report; `finish` hands on what is left. */
export interface RawWriter extends StreamVisitor {
  finish(): Promise<void> | undefined;
}

/** Writes every snapshot as text, stream by stream. */
export function createRawTextWriter(sink: ReportSink, options: RawTextOptions): RawWriter {
  const out = new AsciiBuffer();
  const writeHead = createHeadWriter(out, options.isRaw);
  const writeLines = createRegionLines(options);
  let streamStartNs = 0n;
  return {
    begin: (_stream, baseNs) => {
      streamStartNs = baseNs;
      out.text(`base_time_absolute: ${formatTimeNs(baseNs, options.isRaw)}\n\n`);
    },
    visit: (snapshot) => {
      writeHead(snapshot, streamStartNs);
      if (options.layout === 'table') out.text(TABLE_HEADING);
      writeLines(out, snapshot.regions);
      out.text('\n');
      return out.isFull ? sink.write(out.take()) : undefined;
    },
    finish: () => sink.write(out.take()),
  };
}
