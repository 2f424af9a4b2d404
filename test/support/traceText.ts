import { createTraceTextReader } from '../../src/record/traceText/traceTextReader.ts';
import type { RecordedSnapshot } from '../../src/record/recording.ts';
import { createMemorySource } from './memorySource.ts';
import type { ReadRecord } from './records.ts';

/** The lines `perf script --ns` prints for a snapshot. */
export function formatSnapshotText({ stream, endNs, regions }: RecordedSnapshot): string {
  const time = `${endNs / 1_000_000_000n}.${String(endNs % 1_000_000_000n).padStart(9, '0')}`;
  const lines = Array.from({ length: regions.count }, (_, at) =>
    [
      `kdamond.0 7 [000] ${time}: damon:damon_aggregated:`,
      `target_id=${stream.targetId} nr_regions=${regions.count}`,
      `${regions.startAddr[at]}-${regions.endAddr[at]}: ${regions.nrAccesses[at]}`,
      regions.hasAges ? `${regions.ageIntervals[at]}\n` : '\n',
    ].join(' '),
  );
  return lines.join('');
}

/** Reads a text that comes in pieces of these sizes. */
export async function readText(text: string, sizes?: readonly number[]): Promise<ReadRecord> {
  const reader = createTraceTextReader('record', createMemorySource(text, sizes));
  const snapshots: RecordedSnapshot[] = [];
  for await (const batch of reader.readSnapshots()) snapshots.push(...batch);
  return { format: reader.format, snapshots, damages: reader.damages };
}

/** [start of the snapshot, end, target, rows of start-end-samples-age] */
export function summarize({
  stream,
  startNs,
  endNs,
  regions,
}: RecordedSnapshot): readonly unknown[] {
  const rows = Array.from({ length: regions.count }, (_, at) =>
    [
      regions.startAddr[at],
      regions.endAddr[at],
      regions.nrAccesses[at],
      regions.hasAges ? regions.ageIntervals[at] : '-',
    ].join(' '),
  );
  return [startNs, endNs, stream.targetId, ...rows];
}

/** A line of `perf script`. */
export const formatEvent = (time: string, rest: string, event = 'damon:damon_aggregated'): string =>
  `kdamond.0  185 [001] ${time}: ${event}: ${rest}\n`;

/** A snapshot of target 0 with `count` regions, the lines a microsecond apart. */
export function snapshotLines(ms: number, count: number, samples = 1): string[] {
  return Array.from({ length: count }, (_, index) => {
    const micros = String(ms * 1000 + index)
      .padStart(6, '0')
      .slice(-6);
    const time = `${Math.floor((ms * 1000 + index) / 1e6)}.${micros}`;
    const start = 4096 * (index + 1);
    return formatEvent(
      time,
      `target_id=0 nr_regions=${count} ${start}-${start + 4096}: ${samples} 0`,
    );
  });
}
