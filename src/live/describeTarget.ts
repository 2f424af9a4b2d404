import { toSafeNumber } from '../base/uint64.ts';
import { computeColdBytes, computeMonitoredBytes } from '../damon/derive.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import type { MetricsInput } from '../metrics/metricsInput.ts';
import { listContexts, listTargets } from '../metrics/observedParts.ts';
import type { ObservedTarget } from '../metrics/observedParts.ts';
import { TARGET_FAMILIES } from '../metrics/targetFamilies.ts';
import type { IdleShare, TargetDetail } from './liveEvents.ts';

/** What a target is asked for by: kdamond, context and target, each encoded for a URL. */
export function formatTargetKey({ key }: Pick<ObservedTarget, 'key'>): string {
  return [key.kdamond, String(key.contextIndex), key.target].map(encodeURIComponent).join('/');
}

function computeIdleShares(
  { regions, aggrIntervalUs }: Snapshot,
  idleBoundsSeconds: readonly number[],
): readonly IdleShare[] | null {
  if (aggrIntervalUs === undefined || aggrIntervalUs <= 0) return null;
  const bounds = [0, ...idleBoundsSeconds.filter((seconds) => seconds > 0)];
  const atLeast = bounds.map((seconds) => computeColdBytes(regions, seconds * 1e6, aggrIntervalUs));
  const accessed = computeMonitoredBytes(regions) - (atLeast[0] ?? 0n);
  return [
    { fromSeconds: null, bytes: Number(accessed) },
    ...bounds.map((fromSeconds, index) => ({
      fromSeconds,
      bytes: Number((atLeast[index] ?? 0n) - (atLeast[index + 1] ?? 0n)),
    })),
  ];
}

/** Settings of metrics that are no part of their input. */
export interface TargetSettings {
  /** Limits of the distribution of idle times, ascending. */
  readonly idleBoundsSeconds: readonly number[];
  readonly wssWindowNs: bigint;
}

/** The numbers of one target, by the very functions that make its metrics. */
export function describeTarget(
  target: ObservedTarget,
  input: MetricsInput,
  { idleBoundsSeconds, wssWindowNs }: TargetSettings,
): TargetDetail {
  const { kdamond, context } = target.labels;
  const kdamonds = (input.observation?.kdamonds ?? [])
    .filter(({ ref }) => ref.label === kdamond)
    .map((observed) => ({ ...observed, targets: [target.target] }));
  const observation = input.observation && { ...input.observation, kdamonds };
  const points = new Map(
    TARGET_FAMILIES.map((spec) => [
      spec.name,
      spec.kind === 'histogram' ? [] : spec.computePoints({ ...input, observation }),
    ]),
  );
  const number = (name: string): number => Number(points.get(name)?.[0]?.value ?? 0);
  const limits = listContexts(observation).find(({ labels }) => labels['context'] === context);
  const limit = (value: bigint | undefined): number | null =>
    value === undefined ? null : toSafeNumber(value, 'regions limit');
  return {
    regions: number('damon_regions'),
    monitoredBytes: number('damon_monitored_bytes'),
    wssBytes: number('damon_wss_bytes'),
    percentiles: (points.get('damon_wss_window_bytes') ?? []).map(({ labels, value }) => [
      Number(labels['percentile']),
      Number(value),
    ]),
    nrWindowSnapshots: number('damon_wss_window_snapshots'),
    windowSeconds: Number(wssWindowNs) / 1e9,
    cold: (points.get('damon_cold_bytes') ?? []).map(({ labels, value }) => [
      labels['idle'] ?? '',
      Number(value),
    ]),
    idle: computeIdleShares(target.target.latest, idleBoundsSeconds),
    minRegions: limit(limits?.state?.minNrRegions),
    maxRegions: limit(limits?.state?.maxNrRegions),
  };
}

/** Undefined while there is no such target. */
export function findTarget(input: MetricsInput, key: string): ObservedTarget | undefined {
  return listTargets(input.observation).find((target) => formatTargetKey(target) === key);
}
