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

const formatUs = (us: number, isRaw: boolean): string =>
  formatTimeNs(BigInt(Math.round(us * 1000)), isRaw);

const formatBytes = (bytes: number, isRaw: boolean): string =>
  formatSize(BigInt(Math.trunc(bytes)), isRaw);

function formatRegion(
  { startAddr, bytes, hz, ageUs }: AccessRegion,
  index: number,
  isRaw: boolean,
): string {
  return [
    String(index).padEnd(3),
    `addr ${formatSize(startAddr, isRaw).padEnd(12)}`,
    `size ${formatBytes(bytes, isRaw).padEnd(11)}`,
    `access ${formatHz(hz, isRaw).padEnd(6)}`,
    `age ${formatUs(ageUs, isRaw)}\n`,
  ].join(' ');
}

function formatDetailed(view: AccessView, options: AccessTextOptions): string {
  const { regions, aggrIntervalUs, sampleIntervalUs } = view;
  const { isRaw } = options;
  return (
    formatAccessHeatmap(view, options) +
    `intervals: sample ${formatUs(sampleIntervalUs, isRaw)} aggr ${formatUs(aggrIntervalUs, isRaw)} ` +
    `(max access hz ${Math.trunc(1e6 / sampleIntervalUs)})\n` +
    regions.map((region, index) => formatRegion(region, index, isRaw)).join('')
  );
}

function formatStyle(view: AccessView, options: AccessTextOptions): string {
  switch (options.style) {
    case 'detailed':
      return formatDetailed(view, options);
    case 'recency-percentiles':
    case 'idle-time-percentiles':
      return formatAccessPercentiles(view, 'recency', options.isRaw);
    case 'temperature-percentiles':
      return formatAccessPercentiles(view, 'temperature', options.isRaw);
    case 'recency-sz-hist':
    case 'cold-memory-tail':
      return formatSizeHistogram(view, 'recency', options.isRaw);
    case 'temperature-sz-hist':
      return formatSizeHistogram(view, 'temperature', options.isRaw);
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
  /** Addresses and sizes in bytes, times in ns, instead of human units. */
  readonly isRaw: boolean;
  /** Start of the record: snapshot times are told from here. */
  readonly baseNs: bigint;
}

/** The views as text; each begins with its target when there are several. */
export function formatAccess(views: readonly AccessView[], options: AccessTextOptions): string {
  return views
    .map((view) => {
      const { stream, startNs, endNs } = view.snapshot;
      const { baseNs, isRaw } = options;
      const [from, to] = [startNs, endNs].map((ns) => formatTimeNs(ns - baseNs, isRaw));
      const total = view.regions.reduce((sum, { bytes }) => sum + bytes, 0);
      return (
        (views.length > 1 ? formatStreamHead(stream) : '') +
        `snapshot time: [${from ?? ''}, ${to ?? ''}] (${formatTimeNs(endNs - startNs, isRaw)})\n` +
        formatStyle(view, options) +
        `memory bw estimate: ${formatBytes(estimateBandwidth(view), isRaw)} per second\n` +
        `total size: ${formatBytes(total, isRaw)}\n`
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
