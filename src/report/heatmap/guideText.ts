import { formatSize, formatTimeNs } from '../../base/format.ts';
import { formatTargetId } from '../streams.ts';
import type { StreamGuide } from './guide.ts';

function formatOrigin({ stream }: StreamGuide, guides: readonly StreamGuide[]): string {
  const isAlone = guides.every(
    (other) => other.stream === stream || formatTargetId(other.stream) !== formatTargetId(stream),
  );
  if (isAlone) return '';
  const { kdamond, contextIndex, schemeIndex } = stream;
  return [
    kdamond === undefined ? '' : `kdamond_idx:${kdamond}\n`,
    contextIndex === undefined ? '' : `context_idx:${contextIndex}\n`,
    schemeIndex === undefined ? '' : `scheme_idx:${schemeIndex}\n`,
  ].join('');
}

function formatGuide(guide: StreamGuide, guides: readonly StreamGuide[]): string {
  const { startNs, endNs } = guide.timeRange;
  const pad = (addr: bigint): string => addr.toString().padStart(20, '0');
  const regions = guide.regions.map(
    ({ startAddr, endAddr }, index) =>
      `region\t${String(index).padStart(2)}: ${pad(startAddr)}-${pad(endAddr)} (${formatSize(endAddr - startAddr)})\n`,
  );
  return (
    `${formatOrigin(guide, guides)}target_id:${formatTargetId(guide.stream)}\n` +
    `time: ${startNs.toString()}-${endNs.toString()} (${formatTimeNs(endNs - startNs)})\n` +
    regions.join('')
  );
}

/** The guide as text; what tells targets of the same id apart stands before it. */
export function formatGuides(guides: readonly StreamGuide[]): string {
  return guides.map((guide) => formatGuide(guide, guides)).join('');
}

/** The guide as JSON: 64-bit values are decimal text. */
export function formatGuidesJson(guides: readonly StreamGuide[]): string {
  const encoded = guides.map(({ stream, nrSnapshots, timeRange, regions, totalBytes }) => ({
    kdamond: stream.kdamond ?? null,
    context: stream.contextIndex ?? null,
    scheme: stream.schemeIndex ?? null,
    target_id: stream.targetId ?? null,
    target_name: stream.targetName ?? null,
    snapshots: nrSnapshots,
    time: { start_ns: timeRange.startNs.toString(), end_ns: timeRange.endNs.toString() },
    total_bytes: totalBytes.toString(),
    regions: regions.map(({ startAddr, endAddr }) => ({
      start: startAddr.toString(),
      end: endAddr.toString(),
    })),
  }));
  return `${JSON.stringify(encoded, null, 2)}\n`;
}
