import { selectPercentiles } from '../../base/percentiles.ts';
import type { RecordedStream } from '../../record/recording.ts';
import { describeOrigin, nameStreams } from '../streams.ts';
import { sumSeries } from '../wss/sumSeries.ts';
import type { WssSeries } from '../wss/wssSeries.ts';
import type { ColdSeries, SizingRecord, SizingSeries } from './sizingSeries.ts';
import type { SizingEvidence } from './sizingSeries.ts';

/** For which shares of the aggregations memory is advised. */
export const NEEDED_PERCENTILES = [50, 95, 99, 100] as const;
/** Below it in 1 of 20 aggregations: what is cold in nearly all of them. */
const USUAL_PERCENTILE = 5;
const MEDIAN = 50;

/** Memory that was enough in so many percent of the aggregations. */
export interface NeededMemory {
  readonly percentile: number;
  readonly wssBytes: number;
  /** With headroom, rounded up. */
  readonly bytes: number;
}

/** Memory that was without an access for so long. */
export interface ReclaimableMemory {
  readonly idleUs: number;
  /** That much or more in 95 % of the aggregations; undefined: DAMON had not watched for so long. */
  readonly usualBytes: number | undefined;
  readonly medianBytes: number | undefined;
}

/** Advice for one target, or for all of one context together. */
export interface SizingAdvice {
  /** As pictures name a target: with its command. */
  readonly label: string;
  /** Undefined for the sum of several targets. */
  readonly stream: RecordedStream | undefined;
  /** Empty where nothing was measured. */
  readonly needed: readonly NeededMemory[];
  /** Empty where the record does not tell how long memory has been idle. */
  readonly reclaimable: readonly ReclaimableMemory[];
  /** Undefined where nothing was measured, and for sums. */
  readonly evidence: SizingEvidence | undefined;
}

function listNeeded(wss: Float64Array, headroom: number): NeededMemory[] {
  return selectPercentiles(wss.toSorted(), NEEDED_PERCENTILES).map(({ percentile, value }) => ({
    percentile,
    wssBytes: value,
    bytes: Math.ceil(value * (1 + headroom)),
  }));
}

function listReclaimable(cold: readonly ColdSeries[]): ReclaimableMemory[] {
  return cold.map(({ idleUs, bytes }) => {
    const [usual, median] = selectPercentiles(bytes.toSorted(), [USUAL_PERCENTILE, MEDIAN]);
    return { idleUs, usualBytes: usual?.value, medianBytes: median?.value };
  });
}

/** A target's cold bytes with their times, which are the last ones. */
function selectTimed({ wss }: SizingSeries, bytes: Float64Array): WssSeries {
  const from = wss.start.length - bytes.length;
  return { ...wss, bytes, start: wss.start.subarray(from), end: wss.end.subarray(from) };
}

function cutBefore(series: WssSeries, startNs: number): WssSeries {
  const found = series.start.findIndex((start) => start >= startNs);
  const from = found < 0 ? series.start.length : found;
  return {
    stream: series.stream,
    bytes: series.bytes.subarray(from),
    start: series.start.subarray(from),
    end: series.end.subarray(from),
  };
}

/** The cold bytes of all targets at the same moments: from where they are known of all. */
function sumCold(all: readonly SizingSeries[]): ColdSeries[] {
  if (all.some(({ cold }) => cold.length === 0)) return [];
  return (all[0]?.cold ?? []).map(({ idleUs }, index) => {
    const timed = all.map((series) =>
      selectTimed(series, series.cold[index]?.bytes ?? new Float64Array()),
    );
    const knownFromNs = Math.max(...timed.map(({ start }) => start[0] ?? Infinity));
    return { idleUs, bytes: sumSeries(timed.map((series) => cutBefore(series, knownFromNs))) };
  });
}

/** Targets of one context that were seen at all. */
function groupByContext(all: readonly SizingSeries[]): ReadonlyMap<string, SizingSeries[]> {
  const groups = new Map<string, SizingSeries[]>();
  for (const series of all.filter(({ evidence }) => evidence !== undefined)) {
    const origin = describeOrigin(series.wss.stream);
    groups.set(origin, [...(groups.get(origin) ?? []), series]);
  }
  return groups;
}

function adviseOnSums(all: readonly SizingSeries[], headroom: number): SizingAdvice[] {
  const groups = [...groupByContext(all)].filter(([, group]) => group.length > 1);
  return groups.map(([origin, group]) => ({
    label: `all ${group.length} targets together${origin === '' ? '' : ` (${origin})`}`,
    stream: undefined,
    needed: listNeeded(sumSeries(group.map(({ wss }) => wss)), headroom),
    reclaimable: listReclaimable(sumCold(group)),
    evidence: undefined,
  }));
}

/**
 * What follows from a record for how much memory to give.
 *
 * @param headroom share of the working set to add, 0.2 = 20 %
 */
export function computeSizing(record: SizingRecord, headroom: number): SizingAdvice[] {
  // A target without a region, as in a range of addresses it never had, needs nothing.
  const series = record.series.filter(({ evidence }) => evidence?.maxRegions !== 0);
  const labels = nameStreams(series.map(({ wss }) => wss.stream));
  const each = series.map(({ wss, cold, evidence }, index): SizingAdvice => ({
    label: labels[index] ?? '',
    stream: wss.stream,
    needed: listNeeded(wss.bytes, headroom),
    reclaimable: listReclaimable(cold),
    evidence,
  }));
  return [...each, ...adviseOnSums(series, headroom)];
}
