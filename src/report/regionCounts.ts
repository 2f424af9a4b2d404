import { selectPercentiles } from '../base/percentiles.ts';
import type { RecordedSnapshot, RecordedStream } from '../record/recording.ts';
import { formatCsvRow } from './csv.ts';
import { createGrowingColumn } from './growingColumn.ts';
import type { GrowingColumn } from './growingColumn.ts';

/** How many regions each snapshot of a stream had, in ascending order. */
export interface RegionCounts {
  readonly stream: RecordedStream;
  readonly counts: Float64Array;
}

export interface RegionCountsBuilder {
  add(snapshot: RecordedSnapshot): void;
  finish(): RegionCounts[];
}

export function createRegionCountsBuilder(excludeSamples: number): RegionCountsBuilder {
  const streams = new Map<RecordedStream, { nrSeen: number; readonly counts: GrowingColumn }>();
  return {
    add: ({ stream, regions }) => {
      let entry = streams.get(stream);
      if (entry === undefined) {
        entry = { nrSeen: 0, counts: createGrowingColumn() };
        streams.set(stream, entry);
      }
      entry.nrSeen += 1;
      if (entry.nrSeen > excludeSamples) entry.counts.push(regions.count);
    },
    finish: () =>
      [...streams].map(([stream, { counts }]) => ({ stream, counts: counts.values().toSorted() })),
  };
}

interface CountRow {
  readonly percentile: number;
  readonly nrRegions: number;
}

function listRows(counts: Float64Array, percentiles: readonly number[]): CountRow[] {
  return selectPercentiles(counts, percentiles).map(({ percentile, value }) => ({
    percentile,
    nrRegions: value,
  }));
}

function computeMean(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0) / counts.length;
}

/** A label for each, in the same order, comes from labelStreams. */
export interface RegionCountsText {
  readonly all: readonly RegionCounts[];
  readonly labels: readonly string[];
  readonly percentiles: readonly number[];
}

/** damo's text: percentile and count, separated by a tab. */
export function formatRegionCounts({ all, labels, percentiles }: RegionCountsText): string {
  const parts = all.map(({ counts }, index) => {
    const head = `# target_id\t${labels[index] ?? ''}\n`;
    if (counts.length === 0) return `${head}# no snapshot\n`;
    const rows = listRows(counts, percentiles).map(
      ({ percentile, nrRegions }) => `${percentile}\t${nrRegions}\n`,
    );
    return `${head}# avr:\t${Math.trunc(computeMean(counts))}\n${rows.join('')}`;
  });
  return `# <percentile> <# regions>\n${parts.join('')}`;
}

export function formatRegionCountsJson({ all, labels, percentiles }: RegionCountsText): string {
  const encoded = all.map(({ counts }, index) => ({
    target_id: labels[index],
    samples: counts.length,
    mean_regions: counts.length === 0 ? null : computeMean(counts),
    percentiles: listRows(counts, percentiles).map(({ percentile, nrRegions }) => ({
      percentile,
      regions: nrRegions,
    })),
  }));
  return `${JSON.stringify(encoded, null, 2)}\n`;
}

export function formatRegionCountsCsv({ all, labels, percentiles }: RegionCountsText): string {
  const rows = all.flatMap(({ counts }, index) =>
    listRows(counts, percentiles).map((row) => [labels[index], row.percentile, row.nrRegions]),
  );
  return [['target_id', 'percentile', 'regions'], ...rows].map(formatCsvRow).join('');
}
