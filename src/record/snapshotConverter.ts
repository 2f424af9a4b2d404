import type { Snapshot } from '../damon/snapshot.ts';
import type { RecordedIntervals, RecordedSnapshot, RecordedStream } from './recording.ts';

/** What a snapshot does not tell of its target. */
export interface TargetDescription {
  /** Command name; undefined for physical memory. */
  readonly targetName: string | undefined;
  /** As configured or tuned now; undefined where nothing tells them. */
  readonly intervals: RecordedIntervals | undefined;
}

const NO_PROBES: readonly Uint8Array[] = [];

/** Equal as long as the kernel only tunes: that keeps the number of samples per aggregation. */
function formatStreamKey(
  { kdamond, contextIndex, target }: Snapshot,
  { targetName, intervals }: TargetDescription,
): string {
  const fixed = intervals && [
    Math.round(intervals.aggrIntervalUs / intervals.sampleIntervalUs),
    intervals.updateIntervalUs,
    intervals.goal,
  ];
  return JSON.stringify([kdamond.label, contextIndex, target, targetName, fixed]);
}

/**
 * Makes recorded snapshots of collected ones. A stream is a target under one configuration: it gets
 * the intervals of its first snapshot, and where tuning has changed them since, snapshots say so.
 */
export function createSnapshotConverter(
  describe: (snapshot: Snapshot) => TargetDescription,
): (snapshot: Snapshot) => RecordedSnapshot {
  const streams = new Map<string, RecordedStream>();
  return (snapshot) => {
    const description = describe(snapshot);
    const key = formatStreamKey(snapshot, description);
    let stream = streams.get(key);
    if (stream === undefined) {
      stream = {
        kdamond: snapshot.kdamond.label,
        contextIndex: snapshot.contextIndex,
        schemeIndex: undefined,
        targetId: snapshot.target,
        targetName: description.targetName,
        intervals: description.intervals,
        schemeFilters: [],
        dataSource: undefined,
      };
      streams.set(key, stream);
    }
    const { startNs, endNs, sampleIntervalUs, regions } = snapshot;
    return {
      stream,
      startNs,
      endNs,
      regions: {
        ...regions,
        hasAges: true,
        probeHits: regions.probeHits ?? NO_PROBES,
        filterPassedBytes: undefined,
      },
      sampleIntervalUs:
        sampleIntervalUs === stream.intervals?.sampleIntervalUs ? undefined : sampleIntervalUs,
      totalBytes: undefined,
      schemeStats: undefined,
    };
  };
}
