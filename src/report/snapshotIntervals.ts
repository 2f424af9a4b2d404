import type { RecordedSnapshot } from '../record/recording.ts';

/** Spacing of snapshots that is still the configured interval, not one that tuning chose. */
const SAME_INTERVAL_SHARE = 0.1;

/**
 * The aggregation interval a snapshot was made with, in microseconds; undefined where the record
 * does not tell. Under auto-tuning the intervals change and keep their ratio; where the tuned
 * sampling interval was not recorded, the length of the snapshot tells.
 */
export function computeAggrIntervalUs(snapshot: RecordedSnapshot): number | undefined {
  const { sampleIntervalUs, startNs, endNs } = snapshot;
  const { intervals } = snapshot.stream;
  if (intervals === undefined || intervals.aggrIntervalUs <= 0) return undefined;
  const configuredUs = intervals.aggrIntervalUs;
  if (sampleIntervalUs !== undefined && intervals.sampleIntervalUs > 0) {
    if (sampleIntervalUs === intervals.sampleIntervalUs) return configuredUs;
    return (sampleIntervalUs * configuredUs) / intervals.sampleIntervalUs;
  }
  if (intervals.goal === undefined) return configuredUs;
  const measuredUs = Number(endNs - startNs) / 1000;
  const isSame = Math.abs(measuredUs - configuredUs) <= configuredUs * SAME_INTERVAL_SHARE;
  return isSame || measuredUs <= 0 ? configuredUs : measuredUs;
}

/** Samples in one aggregation: the most accesses a region can have. Undefined as above. */
export function computeMaxSamples({ stream }: RecordedSnapshot): number | undefined {
  const { intervals } = stream;
  if (intervals === undefined || intervals.sampleIntervalUs <= 0) return undefined;
  return intervals.aggrIntervalUs / intervals.sampleIntervalUs;
}
