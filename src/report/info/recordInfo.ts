import { formatCount, formatSize, formatTimeNs } from '../../base/format.ts';
import { formatAddr } from '../../base/uint64.ts';
import type {
  RecordReader,
  RecordedIntervals,
  RecordedSnapshot,
  RecordedStream,
} from '../../record/recording.ts';
import { createGuideBuilder } from '../heatmap/guide.ts';
import type { StreamGuide } from '../heatmap/guide.ts';

interface Counts {
  nrRegions: number;
  minRegions: number;
  maxRegions: number;
  hasAges: boolean;
}

/** What a record holds, without its regions. */
export interface RecordInfo {
  readonly format: string;
  /** Milliseconds since 1970 at the record's beginning; undefined where the format does not tell. */
  readonly startWallMs: number | undefined;
  readonly streams: readonly (StreamGuide & Readonly<Counts>)[];
  readonly nrDamages: number;
}

export interface RecordInfoBuilder {
  add(snapshot: RecordedSnapshot): void;
  finish(reader: Pick<RecordReader, 'format' | 'clockBase' | 'damages'>): RecordInfo;
}

export function createRecordInfoBuilder(): RecordInfoBuilder {
  const guide = createGuideBuilder();
  const counts = new Map<RecordedStream, Counts>();
  return {
    add: (snapshot) => {
      guide.add(snapshot);
      const { stream, regions } = snapshot;
      let entry = counts.get(stream);
      if (entry === undefined) {
        entry = { nrRegions: 0, minRegions: Infinity, maxRegions: 0, hasAges: false };
        counts.set(stream, entry);
      }
      entry.nrRegions += regions.count;
      entry.minRegions = Math.min(entry.minRegions, regions.count);
      entry.maxRegions = Math.max(entry.maxRegions, regions.count);
      entry.hasAges ||= regions.hasAges;
    },
    finish: ({ format, clockBase, damages }) => {
      const streams = guide.finish().flatMap((found) => {
        const entry = counts.get(found.stream);
        return entry ? [{ ...found, ...entry }] : [];
      });
      const [first] = streams.map(({ timeRange }) => timeRange.startNs).toSorted(compareBigints);
      const sinceBaseNs = clockBase && first !== undefined ? first - clockBase.recordNs : undefined;
      const startWallMs =
        clockBase && sinceBaseNs !== undefined
          ? clockBase.wallMs + Number(sinceBaseNs) / 1e6
          : undefined;
      return { format, startWallMs, streams, nrDamages: damages.length };
    },
  };
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function formatIntervals(intervals: RecordedIntervals | undefined): string {
  if (intervals === undefined) return 'not recorded';
  const format = (us: number): string => formatTimeNs(BigInt(Math.round(us * 1000)));
  const { sampleIntervalUs, aggrIntervalUs, updateIntervalUs, goal } = intervals;
  const fixed = `sample ${format(sampleIntervalUs)}, aggr ${format(aggrIntervalUs)}, update ${format(updateIntervalUs)}`;
  if (goal === undefined) return fixed;
  return (
    `${fixed}; tuned for ${goal.accessBp / 100} % accesses per ${goal.aggrs} aggregations, ` +
    `sampling every ${format(goal.minSampleIntervalUs)} to ${format(goal.maxSampleIntervalUs)}`
  );
}

type StreamInfo = RecordInfo['streams'][number];

function describeOrigin(stream: RecordedStream): string {
  const { kdamond, contextIndex, schemeIndex, dataSource } = stream;
  const parts = [
    kdamond === undefined ? undefined : `kdamond ${kdamond}`,
    contextIndex === undefined ? undefined : `context ${contextIndex}`,
    schemeIndex === undefined ? undefined : `scheme ${schemeIndex}`,
    dataSource === undefined || dataSource === 'unknown' ? undefined : dataSource,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'not recorded' : parts.join(', ');
}

function formatStream(info: StreamInfo): string {
  const { stream, nrSnapshots, timeRange, nrRegions, minRegions, maxRegions } = info;
  const durationNs = timeRange.endNs - timeRange.startNs;
  const name = stream.targetName === undefined ? '' : ` (${stream.targetName})`;
  const mean = nrRegions / nrSnapshots;
  const regions = info.regions.map(
    ({ startAddr, endAddr }) =>
      `  ${formatAddr(startAddr)}-${formatAddr(endAddr)} (${formatSize(endAddr - startAddr)})\n`,
  );
  return (
    `\ntarget_id: ${stream.targetId ?? 'None'}${name}\n` +
    `origin: ${describeOrigin(stream)}\n` +
    `intervals: ${formatIntervals(stream.intervals)}\n` +
    `time: ${timeRange.startNs.toString()}-${timeRange.endNs.toString()} (${formatTimeNs(durationNs)})\n` +
    `snapshots: ${formatCount(nrSnapshots)}\n` +
    `regions: ${formatCount(nrRegions)} (${mean.toFixed(1)} per snapshot, ${minRegions} to ${maxRegions}), ` +
    `${info.hasAges ? 'with' : 'without'} ages\n` +
    `monitored: ${formatSize(info.totalBytes)} in ${info.regions.length} ${info.regions.length === 1 ? 'range' : 'ranges'}\n` +
    regions.join('')
  );
}

export function formatRecordInfo({ format, startWallMs, streams, nrDamages }: RecordInfo): string {
  const began = startWallMs === undefined ? 'not recorded' : new Date(startWallMs).toISOString();
  return (
    `format: ${format}\nbegan: ${began}\ntargets: ${streams.length}\n` +
    `${nrDamages === 0 ? '' : `damages: ${nrDamages}\n`}${streams.map(formatStream).join('')}`
  );
}

/** 64-bit values are decimal text. */
export function formatRecordInfoJson(info: RecordInfo): string {
  const encoded = {
    format: info.format,
    began: info.startWallMs === undefined ? null : new Date(info.startWallMs).toISOString(),
    damages: info.nrDamages,
    targets: info.streams.map((each) => ({
      kdamond: each.stream.kdamond ?? null,
      context: each.stream.contextIndex ?? null,
      scheme: each.stream.schemeIndex ?? null,
      target_id: each.stream.targetId ?? null,
      target_name: each.stream.targetName ?? null,
      data_source: each.stream.dataSource ?? null,
      intervals: each.stream.intervals ?? null,
      start_ns: each.timeRange.startNs.toString(),
      end_ns: each.timeRange.endNs.toString(),
      snapshots: each.nrSnapshots,
      regions: each.nrRegions,
      min_regions: each.minRegions,
      max_regions: each.maxRegions,
      has_ages: each.hasAges,
      monitored_bytes: each.totalBytes.toString(),
      ranges: each.regions.map(({ startAddr, endAddr }) => ({
        start: startAddr.toString(),
        end: endAddr.toString(),
      })),
    })),
  };
  return `${JSON.stringify(encoded, null, 2)}\n`;
}
