import { computeMatching } from '../../damon/matchPattern.ts';
import type { IntervalsSpec, SchemeSpec } from '../../damon/spec.ts';
import type { RegionColumns } from '../../damon/snapshot.ts';

/** One look at one stream of snapshots. */
export interface SeenSnapshot {
  /** Tells streams apart. */
  readonly stream: unknown;
  readonly durationNs: bigint;
  readonly regions: RegionColumns;
  readonly hasAges: boolean;
  /** Undefined where the record does not tell: then they are taken for the scheme's own. */
  readonly intervals: Pick<IntervalsSpec, 'sampleIntervalUs' | 'aggrIntervalUs'> | undefined;
}

/** How much of what was seen a scheme's access pattern fits, over all streams together. */
export interface MatchEstimate {
  /** In the last snapshot of each stream. */
  readonly latestBytes: bigint;
  readonly latestRegions: number;
  readonly monitoredBytes: bigint;
  /** Over the time each stream was seen. */
  readonly meanBytes: bigint;
  readonly nrSnapshots: number;
  /** Ages were asked for, and not all snapshots had them. */
  readonly lacksAges: boolean;
}

interface StreamSum {
  byteNs: bigint;
  durationNs: bigint;
  latest: { readonly bytes: bigint; readonly nrRegions: number };
  monitoredBytes: bigint;
}

function sumBytes({ count, startAddr, endAddr }: RegionColumns): bigint {
  let bytes = 0n;
  for (let index = 0; index < count; index += 1) {
    bytes += (endAddr[index] ?? 0n) - (startAddr[index] ?? 0n);
  }
  return bytes;
}

export interface MatchEstimator {
  add(snapshot: SeenSnapshot): void;
  finish(): MatchEstimate;
}

/** @param intervals What the scheme's pattern counts in. */
export function createMatchEstimator(
  { accessPattern }: SchemeSpec,
  intervals: Pick<IntervalsSpec, 'sampleIntervalUs' | 'aggrIntervalUs'>,
): MatchEstimator {
  const sums = new Map<unknown, StreamSum>();
  let nrSnapshots = 0;
  let lacksAges = false;
  return {
    add: ({ stream, durationNs, regions, hasAges, intervals: seen = intervals }) => {
      nrSnapshots += 1;
      lacksAges ||= !hasAges && accessPattern.ageIntervals.min > 0n;
      const latest = computeMatching(regions, accessPattern, { wanted: intervals, seen });
      const before = sums.get(stream) ?? { byteNs: 0n, durationNs: 0n };
      sums.set(stream, {
        byteNs: before.byteNs + latest.bytes * durationNs,
        durationNs: before.durationNs + durationNs,
        latest,
        monitoredBytes: sumBytes(regions),
      });
    },
    finish: () => {
      const all = [...sums.values()];
      const total = (of: (sum: StreamSum) => bigint): bigint =>
        all.reduce((bytes, sum) => bytes + of(sum), 0n);
      return {
        latestBytes: total(({ latest }) => latest.bytes),
        latestRegions: all.reduce((nr, { latest }) => nr + latest.nrRegions, 0),
        monitoredBytes: total((sum) => sum.monitoredBytes),
        meanBytes: total(({ byteNs, durationNs, latest }) =>
          durationNs === 0n ? latest.bytes : byteNs / durationNs,
        ),
        nrSnapshots,
        lacksAges,
      };
    },
  };
}
