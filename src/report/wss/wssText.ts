import { formatSize } from '../../base/format.ts';
import { formatCsvRow } from '../csv.ts';
import type { WssDistribution } from './wssDistribution.ts';

export interface WssTextOptions {
  /** Bytes instead of human units. */
  readonly isRaw: boolean;
  readonly nrBarColumns: number;
  /** Every measured size instead of percentiles. */
  readonly isAll: boolean;
}

function formatBytes(bytes: number, isRaw: boolean): string {
  return formatSize(BigInt(Math.trunc(bytes)), isRaw);
}

function formatBar(bytes: number, highest: number, nrColumns: number): string {
  const filled = highest === 0 ? 0 : Math.trunc(bytes / (highest / nrColumns));
  return `|${'*'.repeat(filled).padEnd(nrColumns)}|`;
}

function formatDistribution(
  { label, bytes, meanBytes, percentiles }: WssDistribution,
  { isRaw, nrBarColumns, isAll }: WssTextOptions,
): string {
  if (bytes.length === 0) return `# target_id\t${label}\n# no snapshot\n`;
  const head = `# target_id\t${label}\n# avr:\t${formatBytes(meanBytes, isRaw)}\n`;
  if (isAll) {
    return `${head}${[...bytes].map((wss, index) => `${index} ${formatBytes(wss, isRaw)}\n`).join('')}`;
  }
  const highest = Math.max(...percentiles.map((row) => row.bytes));
  const rows = percentiles.map(
    (row) =>
      `${String(row.percentile).padStart(3)} ${formatBytes(row.bytes, isRaw).padStart(15)} ` +
      `${formatBar(row.bytes, highest, nrBarColumns)}\n`,
  );
  return head + rows.join('');
}

/** damo's text: one heading, then each target with its mean and its lines. */
export function formatWss(
  distributions: readonly WssDistribution[],
  options: WssTextOptions,
): string {
  const parts = distributions.map((distribution) => formatDistribution(distribution, options));
  return `# <percentile> <wss>\n${parts.join('')}`;
}

/** Sizes are numbers: exact up to 8 PiB. */
export function formatWssJson(distributions: readonly WssDistribution[], isAll: boolean): string {
  const encoded = distributions.map(({ label, order, bytes, meanBytes, percentiles }) => ({
    target_id: label,
    sorted_by: order,
    samples: bytes.length,
    mean_bytes: bytes.length === 0 ? null : meanBytes,
    percentiles: percentiles.map((row) => ({ percentile: row.percentile, wss_bytes: row.bytes })),
    ...(isAll ? { wss_bytes: [...bytes] } : {}),
  }));
  return `${JSON.stringify(encoded, null, 2)}\n`;
}

export function formatWssCsv(distributions: readonly WssDistribution[], isAll: boolean): string {
  const rows = distributions.flatMap(({ label, bytes, percentiles }) =>
    isAll
      ? [...bytes].map((wss, index) => [label, index, wss])
      : percentiles.map((row) => [label, row.percentile, row.bytes]),
  );
  const heading = ['target_id', isAll ? 'sample' : 'percentile', 'wss_bytes'];
  return [heading, ...rows].map(formatCsvRow).join('');
}
