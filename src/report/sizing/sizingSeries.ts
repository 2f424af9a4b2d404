import { computeColdBytes, computeWssBytes } from '../../damon/derive.ts';
import type { RecordedSnapshot, RecordedStream } from '../../record/recording.ts';
import { createGrowingColumn } from '../growingColumn.ts';
import type { GrowingColumn } from '../growingColumn.ts';
import { computeAggrIntervalUs } from '../snapshotIntervals.ts';
import type { WssSeries } from '../wss/wssSeries.ts';

export interface SizingOptions {
  /** Snapshots left out at the beginning of each stream, while regions still settle. */
  readonly excludeSamples: number;
  /** Accesses a region needs to count as working set. */
  readonly accessThreshold: number;
  /** Idle times from which on memory counts as cold, ascending. */
  readonly idleUs: readonly number[];
}

/**
 * How much was cold in the last snapshots of a target: in all that came when DAMON had watched for so
 * long. Before, it could not know.
 */
export interface ColdSeries {
  readonly idleUs: number;
  readonly bytes: Float64Array;
}

/** What an advice about one target rests on. */
export interface SizingEvidence {
  readonly nrSnapshots: number;
  /** From the first snapshot's start to the last one's end. */
  readonly spanNs: number;
  /** As much of it as snapshots cover. */
  readonly coveredNs: number;
  readonly meanRegions: number;
  readonly minRegions: number;
  readonly maxRegions: number;
  /** Regions that made up the working set. */
  readonly meanWssRegions: number;
  readonly meanMonitoredBytes: number;
}

/** What was measured of one target. */
export interface SizingSeries {
  readonly wss: WssSeries;
  /** Empty where a snapshot does not tell how long memory has been idle. */
  readonly cold: readonly ColdSeries[];
  /** Undefined when nothing was measured. */
  readonly evidence: SizingEvidence | undefined;
}

export interface SizingRecord {
  readonly series: readonly SizingSeries[];
}

export interface SizingBuilder {
  add(snapshot: RecordedSnapshot): void;
  finish(): SizingRecord;
}

interface Growing {
  readonly stream: RecordedStream;
  nrSeen: number;
  readonly wss: GrowingColumn;
  readonly start: GrowingColumn;
  readonly end: GrowingColumn;
  readonly cold: readonly GrowingColumn[];
  hasAges: boolean;
  /** Since when DAMON has watched, as far as ages tell. */
  watchedSinceNs: number;
  nrRegions: number;
  minRegions: number;
  maxRegions: number;
  nrWssRegions: number;
  monitoredBytes: number;
}

function createGrowing(stream: RecordedStream, nrIdleTimes: number): Growing {
  return {
    stream,
    nrSeen: 0,
    wss: createGrowingColumn(),
    start: createGrowingColumn(),
    end: createGrowingColumn(),
    cold: Array.from({ length: nrIdleTimes }, createGrowingColumn),
    hasAges: true,
    watchedSinceNs: Infinity,
    nrRegions: 0,
    minRegions: Infinity,
    maxRegions: 0,
    nrWssRegions: 0,
    monitoredBytes: 0,
  };
}

function countWssRegions({ regions }: RecordedSnapshot, accessThreshold: number): number {
  let count = 0;
  for (let index = 0; index < regions.count; index++) {
    if ((regions.nrAccesses[index] ?? 0) >= accessThreshold) count += 1;
  }
  return count;
}

function addRegions(growing: Growing, snapshot: RecordedSnapshot, accessThreshold: number): void {
  const { regions } = snapshot;
  growing.nrRegions += regions.count;
  growing.minRegions = Math.min(growing.minRegions, regions.count);
  growing.maxRegions = Math.max(growing.maxRegions, regions.count);
  growing.nrWssRegions += countWssRegions(snapshot, accessThreshold);
  growing.monitoredBytes += Number(computeWssBytes(regions, 0));
}

/** The longest that anything in a snapshot has been as it is, in aggregation intervals. */
function findMaxAge({ regions: { count, ageIntervals } }: RecordedSnapshot): number {
  let maxAge = 0;
  for (let index = 0; index < count; index++) maxAge = Math.max(maxAge, ageIntervals[index] ?? 0);
  return maxAge;
}

interface TimedSnapshot {
  readonly snapshot: RecordedSnapshot;
  /** Nanoseconds from the record's base. */
  readonly startNs: number;
  readonly endNs: number;
  /** Undefined where the record does not tell it, or no ages. */
  readonly aggrIntervalUs: number | undefined;
}

function noteWatching(growing: Growing, timed: TimedSnapshot): void {
  const { snapshot, startNs, endNs, aggrIntervalUs } = timed;
  // One snapshot without ages would leave a hole in what the others tell.
  growing.hasAges &&= aggrIntervalUs !== undefined;
  const oldestNs = endNs - findMaxAge(snapshot) * (aggrIntervalUs ?? 0) * 1000;
  growing.watchedSinceNs = Math.min(growing.watchedSinceNs, startNs, oldestNs);
}

function addCold(growing: Growing, timed: TimedSnapshot, idleUs: readonly number[]): void {
  const { snapshot, endNs, aggrIntervalUs } = timed;
  if (!growing.hasAges || aggrIntervalUs === undefined) return;
  for (const [index, minIdleUs] of idleUs.entries()) {
    if (endNs - growing.watchedSinceNs < minIdleUs * 1000) continue;
    const bytes = computeColdBytes(snapshot.regions, minIdleUs, aggrIntervalUs);
    growing.cold[index]?.push(Number(bytes));
  }
}

function computeEvidence(growing: Growing): SizingEvidence | undefined {
  const nrSnapshots = growing.wss.length;
  if (nrSnapshots === 0) return undefined;
  const start = growing.start.values();
  const end = growing.end.values();
  return {
    nrSnapshots,
    spanNs: (end[nrSnapshots - 1] ?? 0) - (start[0] ?? 0),
    coveredNs: end.reduce((sum, endNs, index) => sum + endNs - (start[index] ?? 0), 0),
    meanRegions: growing.nrRegions / nrSnapshots,
    minRegions: growing.minRegions,
    maxRegions: growing.maxRegions,
    meanWssRegions: growing.nrWssRegions / nrSnapshots,
    meanMonitoredBytes: growing.monitoredBytes / nrSnapshots,
  };
}

function finishSeries(growing: Growing, idleUs: readonly number[]): SizingSeries {
  const { stream, wss, start, end, cold, hasAges } = growing;
  return {
    wss: { stream, bytes: wss.values(), start: start.values(), end: end.values() },
    cold: hasAges
      ? cold.map((bytes, index) => ({ idleUs: idleUs[index] ?? 0, bytes: bytes.values() }))
      : [],
    evidence: computeEvidence(growing),
  };
}

/** Measures each stream by itself. Memory: eight bytes for each snapshot, time and idle time. */
export function createSizingBuilder(options: SizingOptions): SizingBuilder {
  const { excludeSamples, accessThreshold, idleUs } = options;
  const streams = new Map<RecordedStream, Growing>();
  let baseNs: bigint | undefined;
  return {
    add: (snapshot) => {
      baseNs ??= snapshot.startNs;
      let growing = streams.get(snapshot.stream);
      if (growing === undefined) {
        growing = createGrowing(snapshot.stream, idleUs.length);
        streams.set(snapshot.stream, growing);
      }
      const timed: TimedSnapshot = {
        snapshot,
        startNs: Number(snapshot.startNs - baseNs),
        endNs: Number(snapshot.endNs - baseNs),
        aggrIntervalUs: snapshot.regions.hasAges ? computeAggrIntervalUs(snapshot) : undefined,
      };
      noteWatching(growing, timed);
      growing.nrSeen += 1;
      if (growing.nrSeen <= excludeSamples) return;
      growing.wss.push(Number(computeWssBytes(snapshot.regions, accessThreshold)));
      growing.start.push(timed.startNs);
      growing.end.push(timed.endNs);
      addRegions(growing, snapshot, accessThreshold);
      addCold(growing, timed, idleUs);
    },
    finish: () => ({
      series: [...streams.values()].map((growing) => finishSeries(growing, idleUs)),
    }),
  };
}
