import type { IntervalsGoalSpec, IntervalsSpec, ProbeSpec } from '../damon/spec.ts';
import {
  ifPresent,
  omitAbsent,
  readInteger,
  readNumbered,
  readSwitch,
  readUint64,
  readWord,
} from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

function readIntervalsGoal(fs: KernelFs, path: KernelPath): IntervalsGoalSpec {
  return {
    accessBp: readInteger(fs, `${path}/access_bp`),
    aggrs: readInteger(fs, `${path}/aggrs`),
    minSampleIntervalUs: readInteger(fs, `${path}/min_sample_us`),
    maxSampleIntervalUs: readInteger(fs, `${path}/max_sample_us`),
  };
}

function readIntervals(fs: KernelFs, path: KernelPath): IntervalsSpec {
  return {
    sampleIntervalUs: readInteger(fs, `${path}/sample_us`),
    aggrIntervalUs: readInteger(fs, `${path}/aggr_us`),
    updateIntervalUs: readInteger(fs, `${path}/update_us`),
    ...omitAbsent({ goal: ifPresent(() => readIntervalsGoal(fs, `${path}/intervals_goal`)) }),
  };
}

function readProbe(fs: KernelFs, path: KernelPath): ProbeSpec {
  const filters = readNumbered(fs, `${path}/filters`, (filter) => {
    const type = readWord(fs, `${filter}/type`);
    return {
      type,
      isMatching: readSwitch(fs, `${filter}/matching`),
      isAllowing: readSwitch(fs, `${filter}/allow`),
      ...(type === 'memcg' && { memcgPath: readWord(fs, `${filter}/path`) }),
    };
  });
  return { filters: filters ?? [] };
}

export interface MonitoringAttrs {
  readonly intervals: IntervalsSpec;
  readonly minNrRegions: bigint;
  readonly maxNrRegions: bigint;
  readonly probes?: readonly ProbeSpec[];
}

/**
 * Intervals as staged, or as tuned since the last `update_tuned_intervals` or `refresh_ms`.
 *
 * Files: `contexts/<C>/monitoring_attrs`
 * Absent: the goal before 6.15, probes before 7.2.
 */
export function readMonitoringAttrs(fs: KernelFs, path: KernelPath): MonitoringAttrs {
  return {
    intervals: readIntervals(fs, `${path}/intervals`),
    minNrRegions: readUint64(fs, `${path}/nr_regions/min`),
    maxNrRegions: readUint64(fs, `${path}/nr_regions/max`),
    ...omitAbsent({
      probes: readNumbered(fs, `${path}/probes`, (probe) => readProbe(fs, probe)),
    }),
  };
}
