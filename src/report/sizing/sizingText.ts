import { formatCount, formatSize, formatTimeNs, formatTimeShort } from '../../base/format.ts';
import { formatCsvRow } from '../csv.ts';
import type { NeededMemory, ReclaimableMemory, SizingAdvice } from './sizing.ts';
import { listSizingNotes, SIZING_ASSUMPTIONS } from './sizingNotes.ts';
import type { SizingEvidence } from './sizingSeries.ts';

export interface SizingText {
  readonly all: readonly SizingAdvice[];
  /** Share, 0.2 = 20 %. */
  readonly headroom: number;
}

function formatBytes(bytes: number | undefined, isRaw: boolean): string {
  return bytes === undefined ? 'not known' : formatSize(BigInt(Math.round(bytes)), isRaw);
}

/** Rows of words, each column as wide as its widest, all but the first to the right. */
function alignRows(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => {
      const words = row.map((word, column) =>
        column === 0 ? word.padEnd(widths[column] ?? 0) : word.padStart(widths[column] ?? 0),
      );
      return `  ${words.join('  ')}\n`;
    })
    .join('');
}

function formatPercent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

function formatNeeded(needed: readonly NeededMemory[], headroom: number, isRaw: boolean): string {
  const heading = ['percentile', `with ${formatPercent(headroom)}`, 'working set'];
  const rows = needed.map(({ percentile, wssBytes, bytes }) => [
    percentile === 100 ? 'max' : `p${percentile}`,
    formatBytes(bytes, isRaw),
    formatBytes(wssBytes, isRaw),
  ]);
  return `memory needed\n${alignRows([heading, ...rows])}`;
}

function formatReclaimable(rows: readonly ReclaimableMemory[], isRaw: boolean): string {
  if (rows.length === 0) return '';
  const heading = ['idle for', 'in 95 % at least', 'median'];
  const texts = rows.map(({ idleUs, usualBytes, medianBytes }) => [
    formatTimeShort(idleUs),
    formatBytes(usualBytes, isRaw),
    formatBytes(medianBytes, isRaw),
  ]);
  return `reclaimable\n${alignRows([heading, ...texts])}`;
}

function formatEvidence(evidence: SizingEvidence, isRaw: boolean): string {
  const { nrSnapshots, spanNs, meanRegions, minRegions, maxRegions, meanWssRegions } = evidence;
  const monitored = formatBytes(evidence.meanMonitoredBytes, isRaw);
  const span = formatTimeNs(BigInt(Math.round(spanNs)), isRaw);
  return (
    `from ${formatCount(nrSnapshots)} snapshots over ${span}\n` +
    `monitored ${monitored} in ${meanRegions.toFixed(1)} regions (${minRegions} to ${maxRegions}), ` +
    `${meanWssRegions.toFixed(1)} of them the working set\n`
  );
}

function formatAdvice(advice: SizingAdvice, headroom: number, isRaw: boolean): string {
  const { label, needed, reclaimable, evidence } = advice;
  if (needed.length === 0) return `# ${label}\nno snapshot\n`;
  return (
    `# ${label}\n` +
    formatNeeded(needed, headroom, isRaw) +
    formatReclaimable(reclaimable, isRaw) +
    (evidence === undefined ? '' : formatEvidence(evidence, isRaw)) +
    listSizingNotes(advice)
      .map((note) => `note: ${note}\n`)
      .join('')
  );
}

/** Advice for people; ends with what it assumes. */
export function formatSizing({ all, headroom }: SizingText, isRaw: boolean): string {
  const parts = all.map((advice) => `${formatAdvice(advice, headroom, isRaw)}\n`);
  const assumptions = SIZING_ASSUMPTIONS.map((text) => `- ${text}\n`);
  return `${parts.join('')}# assumed\n${assumptions.join('')}`;
}

/** Sizes are numbers: exact up to 8 PiB. */
export function formatSizingJson({ all, headroom }: SizingText): string {
  const targets = all.map((advice) => {
    const { label, stream, needed, reclaimable, evidence } = advice;
    return {
      label,
      kdamond: stream?.kdamond ?? null,
      context: stream?.contextIndex ?? null,
      scheme: stream?.schemeIndex ?? null,
      target_id: stream?.targetId ?? null,
      target_name: stream?.targetName ?? null,
      needed: needed.map(({ percentile, wssBytes, bytes }) => ({
        percentile,
        wss_bytes: wssBytes,
        bytes,
      })),
      reclaimable: reclaimable.map(({ idleUs, usualBytes, medianBytes }) => ({
        idle_us: idleUs,
        p5_bytes: usualBytes ?? null,
        median_bytes: medianBytes ?? null,
      })),
      evidence:
        evidence === undefined
          ? null
          : {
              snapshots: evidence.nrSnapshots,
              span_ns: evidence.spanNs,
              covered_ns: evidence.coveredNs,
              mean_regions: evidence.meanRegions,
              min_regions: evidence.minRegions,
              max_regions: evidence.maxRegions,
              mean_wss_regions: evidence.meanWssRegions,
              mean_monitored_bytes: evidence.meanMonitoredBytes,
            },
      notes: listSizingNotes(advice),
    };
  });
  return `${JSON.stringify({ headroom, assumed: SIZING_ASSUMPTIONS, targets }, null, 2)}\n`;
}

/** One line for each figure; what does not apply to it is empty. */
export function formatSizingCsv({ all }: SizingText): string {
  const rows = all.flatMap(({ label, needed, reclaimable }) => [
    ...needed.map(({ percentile, wssBytes, bytes }) => [
      ...[label, 'needed', percentile, undefined],
      ...[wssBytes, bytes],
    ]),
    ...reclaimable.flatMap(({ idleUs, usualBytes, medianBytes }) => [
      [label, 'reclaimable', 5, idleUs, usualBytes, undefined],
      [label, 'reclaimable', 50, idleUs, medianBytes, undefined],
    ]),
  ]);
  const heading = ['target', 'advice', 'percentile', 'idle_us', 'bytes', 'bytes_with_headroom'];
  return [heading, ...rows].map(formatCsvRow).join('');
}
