import { formatTimeNs } from '../../base/format.ts';
import { viewUint64Halves } from '../../base/uint64Halves.ts';
import type { RecordedRegions, RecordedSnapshot } from '../../record/recording.ts';
import { AsciiBuffer } from '../asciiBuffer.ts';
import { createRangeWriter } from './rangeText.ts';
import type { RangeWriter } from './rangeText.ts';
import type { ReportSink } from '../sink.ts';
import type { StreamVisitor } from '../streamRuns.ts';
import { formatTargetId } from '../streams.ts';

/** `seed`: lines as damo wrote them up to 1.2.8. `table`: its later columns, with the age. */
export type RawLayout = 'seed' | 'table';

export interface RawTextOptions {
  readonly layout: RawLayout;
  /** Times and sizes in ns and bytes instead of human units. */
  readonly isRaw: boolean;
}

const TABLE_HEADING = `# ${'start_addr'.padStart(10)} ${'end_addr'.padStart(12)}  ${'length'.padStart(12)}  ${'nr_accesses'.padStart(11)} ${'age'.padStart(5)}\n`;

function formatHead(
  { stream, startNs, endNs, regions }: RecordedSnapshot,
  baseNs: bigint,
  isRaw: boolean,
): string {
  const column = (ns: bigint): string => formatTimeNs(ns, isRaw).padStart(16);
  return (
    `monitoring_start:    ${column(startNs - baseNs)}\n` +
    `monitoring_end:      ${column(endNs - baseNs)}\n` +
    `monitoring_duration: ${column(endNs - startNs)}\n` +
    `target_id: ${formatTargetId(stream)}\n` +
    `nr_regions: ${regions.count}\n`
  );
}

function writeRegions(
  out: AsciiBuffer,
  regions: RecordedRegions,
  { ranges, isTable }: { readonly ranges: RangeWriter; readonly isTable: boolean },
): void {
  const { count, nrAccesses, ageIntervals, hasAges } = regions;
  const starts = viewUint64Halves(regions.startAddr);
  const ends = viewUint64Halves(regions.endAddr);
  for (let index = 0; index < count; index++) {
    ranges.write(out, starts, ends, 2 * index);
    if (isTable) {
      out.text(') ');
      out.decimal(nrAccesses[index] ?? 0, 11);
      out.text(' ');
      if (hasAges) out.decimal(ageIntervals[index] ?? 0, 5);
      else out.text('   -1');
    } else {
      out.text('):\t');
      out.decimal(nrAccesses[index] ?? 0);
    }
    out.text('\n');
  }
}

/** What it takes to write the raw report; `finish` hands on what is left. */
export interface RawWriter extends StreamVisitor {
  finish(): Promise<void> | undefined;
}

/** Writes every snapshot as text, stream by stream. */
export function createRawTextWriter(sink: ReportSink, options: RawTextOptions): RawWriter {
  const out = new AsciiBuffer();
  const isTable = options.layout === 'table';
  const ranges = createRangeWriter(isTable ? ' (' : '(', options.isRaw);
  let streamStartNs = 0n;
  return {
    begin: (_stream, baseNs) => {
      streamStartNs = baseNs;
      out.text(`base_time_absolute: ${formatTimeNs(baseNs, options.isRaw)}\n\n`);
    },
    visit: (snapshot) => {
      out.text(formatHead(snapshot, streamStartNs, options.isRaw));
      if (isTable) out.text(TABLE_HEADING);
      writeRegions(out, snapshot.regions, { ranges, isTable });
      out.text('\n');
      return out.isFull ? sink.write(out.take()) : undefined;
    },
    finish: () => sink.write(out.take()),
  };
}
