import { computeMonitoredBytes, computeWssBytes } from '../damon/derive.ts';
import type { KdamondObservation, Observation, TargetObservation } from '../damon/observation.ts';
import type { KdamondJson, ObservationJson, TargetJson } from './observationJson.ts';

export interface ObservationJsonOptions {
  readonly wssThresholdSamples: number;
  /** Now, in the clock that stamped the snapshots. */
  readonly nowNs: bigint;
}

function ageSeconds(nowNs: bigint, thenNs: bigint): number {
  return Math.max(0, Number(nowNs - thenNs) / 1e9);
}

function encodeTarget(
  { target, command, latest }: TargetObservation,
  { wssThresholdSamples, nowNs }: ObservationJsonOptions,
): TargetJson {
  return {
    context: String(latest.contextIndex),
    target,
    command: command ?? null,
    regions: latest.regions.count,
    monitoredBytes: computeMonitoredBytes(latest.regions).toString(),
    wssBytes: computeWssBytes(latest.regions, wssThresholdSamples).toString(),
    sampleIntervalUs: latest.sampleIntervalUs ?? null,
    aggrIntervalUs: latest.aggrIntervalUs ?? null,
    endNs: latest.endNs.toString(),
    ageSeconds: ageSeconds(nowNs, latest.endNs),
  };
}

function encodeKdamond(kdamond: KdamondObservation, options: ObservationJsonOptions): KdamondJson {
  const { ref, isRunning, cpuSeconds, state, targets } = kdamond;
  return {
    kdamond: ref.label,
    owner: ref.owner,
    isRunning,
    cpuSeconds: cpuSeconds ?? null,
    operations: state?.contexts.map(({ operations }) => operations) ?? null,
    nrSchemes: state?.contexts.reduce((sum, { schemes }) => sum + schemes.length, 0) ?? null,
    targets: targets.map((target) => encodeTarget(target, options)),
  };
}

/** For `/api/v1/observation` and the live page. */
export function encodeObservation(
  observation: Observation,
  options: ObservationJsonOptions,
): ObservationJson {
  const { collector, damonStat } = observation;
  return {
    takenAtNs: observation.takenAtNs.toString(),
    kernelRelease: observation.kernelRelease ?? null,
    source: {
      active: collector.activeSource ?? null,
      problems: Object.fromEntries(collector.sourceProblems),
    },
    kdamonds: observation.kdamonds.map((kdamond) => encodeKdamond(kdamond, options)),
    damonStat:
      damonStat === undefined
        ? null
        : {
            isEnabled: damonStat.isEnabled,
            memoryBandwidthBytesPerSecond:
              damonStat.estimatedMemoryBandwidthBytesPerSecond?.toString() ?? null,
          },
    collector: {
      isIdle: collector.isIdle,
      snapshots: collector.snapshots,
      lostEvents: collector.lostEvents,
      spoiledSnapshots: collector.spoiledSnapshots,
      busyRetries: collector.busyRetries,
      problems: collector.parts.flatMap(({ part, problem }) =>
        problem === undefined ? [] : [{ part, problem }],
      ),
    },
  };
}
