import { computeMaxNrAccesses } from './contextConfig.ts';
import type { IntervalsGoal, MonitoringIntervals } from './contextConfig.ts';
import type { RegionSet } from './regionSet.ts';

/**
 * Observed access events in relation to what the goal wants, 1/10,000: 10,000 = just right.
 */
export function computeIntervalsScore(
  targets: readonly RegionSet[],
  intervals: MonitoringIntervals,
  accessBp: number,
): number {
  const maxNrAccesses = computeMaxNrAccesses(intervals);
  let events = 0;
  let maxEvents = 0;
  for (const { columns, count } of targets) {
    for (let i = 0; i < count; i++) {
      const bytes = (columns.end[i] ?? 0) - (columns.start[i] ?? 0);
      events += bytes * (columns.nrAccesses[i] ?? 0);
      maxEvents += bytes * maxNrAccesses;
    }
  }
  const wanted = Math.max(1, (maxEvents * accessBp) / 10_000);
  return (events / wanted) * 10_000;
}

/**
 * The next intervals: longer (at most twice) when too few accesses were seen, shorter (at least
 * half) when too many. The number of samples per aggregation stays.
 */
export function computeTunedIntervals(
  intervals: MonitoringIntervals,
  goal: IntervalsGoal,
  scoreBp: number,
): MonitoringIntervals {
  const missing = (10_000 - scoreBp) / 10_000;
  const factor = missing >= 0 ? 1 + missing : Math.max(0.5, 1 + missing / 2);
  const wantedUs = Math.floor(intervals.sampleUs * factor);
  const sampleUs = Math.min(goal.maxSampleUs, Math.max(goal.minSampleUs, wantedUs));
  const aggrUs = sampleUs * computeMaxNrAccesses(intervals);
  return { ...intervals, sampleUs, aggrUs };
}
