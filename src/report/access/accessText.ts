import { formatHz, formatSize, formatTimeNs } from '../../base/format.ts';
import type { RecordedStream } from '../../record/recording.ts';
import type { TerminalOptions } from '../heatmap/terminalHeatmap.ts';
import { formatTargetId } from '../streams.ts';
import { formatAccessHeatmap } from './accessHeatmap.ts';
import { formatAccessPercentiles, formatSizeHistogram } from './accessHistogram.ts';
import { estimateBandwidth } from './accessRegions.ts';
import type { AccessRegion, AccessView } from './accessRegions.ts';

/** damo's names; the first of each is the one shown. */
export const ACCESS_STYLES = [
  'detailed',
  'recency-percentiles',
  'temperature-percentiles',
  'recency-sz-hist',
  'temperature-sz-hist',
  'idle-time-percentiles',
  'cold-memory-tail',
] as const;
export type AccessStyle = (typeof ACCESS_STYLES)[number];

const formatUs = (us: number): string => formatTimeNs(BigInt(Math.round(us * 1000)));

const formatBytes = (bytes: number): string => formatSize(BigInt(Math.trunc(bytes)));

function formatRegion({ startAddr, bytes, hz, ageUs }: AccessRegion, index: number): string {
  return [
    String(index).padEnd(3),
    `addr ${formatSize(startAddr).padEnd(12)}`,
    `size ${formatBytes(bytes).padEnd(11)}`,
    `access ${formatHz(hz).padEnd(6)}`,
    `age ${formatUs(ageUs)}\n`,
  ].join(' ');
}

function formatDetailed(view: AccessView, options: TerminalOptions): string {
  const { regions, aggrIntervalUs, sampleIntervalUs } = view;
  return (
    formatAccessHeatmap(view, options) +
    `intervals: sample ${formatUs(sampleIntervalUs)} aggr ${formatUs(aggrIntervalUs)} ` +
    `(max access hz ${Math.trunc(1e6 / sampleIntervalUs)})\n` +
    regions.map(formatRegion).join('')
  );
}

function formatStyle(view: AccessView, style: AccessStyle, options: TerminalOptions): string {
  switch (style) {
    case 'detailed':
      return formatDetailed(view, options);
    case 'recency-percentiles':
    case 'idle-time-percentiles':
      return formatAccessPercentiles(view, 'recency');
    case 'temperature-percentiles':
      return formatAccessPercentiles(view, 'temperature');
    case 'recency-sz-hist':
    case 'cold-memory-tail':
      return formatSizeHistogram(view, 'recency');
    case 'temperature-sz-hist':
      return formatSizeHistogram(view, 'temperature');
  }
}

function formatStreamHead(stream: RecordedStream): string {
  const { kdamond, contextIndex, schemeIndex } = stream;
  return (
    `kdamond ${kdamond ?? 'None'} / context ${contextIndex ?? 'None'} / ` +
    `scheme ${schemeIndex ?? 'None'} / target id ${formatTargetId(stream)}\n`
  );
}

export interface AccessTextOptions extends TerminalOptions {
  readonly style: AccessStyle;
  /** Start of the record: snapshot times are told from here. */
  readonly baseNs: bigint;
}

/** The views as text; each begins with its target when there are several. */
export function formatAccess(views: readonly AccessView[], options: AccessTextOptions): string {
  return views
    .map((view) => {
      const { stream, startNs, endNs } = view.snapshot;
      const [from, to] = [startNs, endNs].map((ns) => formatTimeNs(ns - options.baseNs));
      const total = view.regions.reduce((sum, { bytes }) => sum + bytes, 0);
      return (
        (views.length > 1 ? formatStreamHead(stream) : '') +
        `snapshot time: [${from ?? ''}, ${to ?? ''}] (${formatTimeNs(endNs - startNs)})\n` +
        formatStyle(view, options.style, options) +
        `memory bw estimate: ${formatBytes(estimateBandwidth(view))} per second\n` +
        `total size: ${formatBytes(total)}\n`
      );
    })
    .join('\n');
}

/** Addresses and times are decimal text. */
export function formatAccessJson(views: readonly AccessView[]): string {
  const encoded = views.map((view) => ({
    kdamond: view.snapshot.stream.kdamond ?? null,
    context: view.snapshot.stream.contextIndex ?? null,
    scheme: view.snapshot.stream.schemeIndex ?? null,
    target_id: view.snapshot.stream.targetId ?? null,
    start_ns: view.snapshot.startNs.toString(),
    end_ns: view.snapshot.endNs.toString(),
    sample_us: view.sampleIntervalUs,
    aggr_us: view.aggrIntervalUs,
    bandwidth_bytes_per_second: estimateBandwidth(view),
    regions: view.regions.map((region) => ({
      start: region.startAddr.toString(),
      end: region.endAddr.toString(),
      nr_accesses: region.nrAccesses,
      access_hz: region.hz,
      age_us: region.ageUs,
      idle_us: region.idleUs,
      temperature: region.temperature,
    })),
  }));
  return `${JSON.stringify(encoded, null, 2)}\n`;
}
