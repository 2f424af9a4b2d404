import { formatTimeShort } from '../base/format.ts';
import { selectPercentiles } from '../base/percentiles.ts';
import { computeColdBytes, computeMonitoredBytes, computeWssBytes } from '../damon/derive.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { listTargets, TARGET_ABSENT, TARGET_LABELS } from './observedParts.ts';
import type { ObservedTarget } from './observedParts.ts';

const REGIONS_SOURCE = 'trace damon_aggregated, or tried_regions/';

/** As `report wss` has them, and then some. */
const WSS_PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 100] as const;

function perTarget(
  computeValue: (target: ObservedTarget, input: MetricsInput) => number | bigint,
): (input: MetricsInput) => ScalarPoint[] {
  return (input) =>
    listTargets(input.observation).map((target) => ({
      labels: target.labels,
      value: computeValue(target, input),
    }));
}

function windowPercentiles({ observation, accumulators }: MetricsInput): ScalarPoint[] {
  return listTargets(observation).flatMap(({ labels, key }) => {
    const sizes = accumulators.readWssWindow(key) ?? new Float64Array();
    return selectPercentiles(sizes, WSS_PERCENTILES).map(({ percentile, value }) => ({
      labels: { ...labels, percentile: String(percentile) },
      value,
    }));
  });
}

function windowSnapshots({ observation, accumulators }: MetricsInput): ScalarPoint[] {
  return listTargets(observation).flatMap(({ labels, key }) =>
    pointIfKnown(labels, accumulators.readWssWindow(key)?.length),
  );
}

function coldPoints({ observation, settings }: MetricsInput): ScalarPoint[] {
  return listTargets(observation).flatMap(({ labels, target }) => {
    const { regions, aggrIntervalUs } = target.latest;
    // Ages are counted in aggregation intervals: without one they say nothing.
    if (aggrIntervalUs === undefined || aggrIntervalUs <= 0) return [];
    return settings.coldIdleUs.map((idleUs) => ({
      labels: { ...labels, idle: formatTimeShort(idleUs) },
      value: computeColdBytes(regions, idleUs, aggrIntervalUs),
    }));
  });
}

/** What is monitored, and how it was in the last aggregation or minutes. */
export const TARGET_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_target_info',
    otelName: 'damon.target.info',
    unit: '',
    kind: 'info',
    help: 'Command name of the monitored process; empty for physical memory.',
    kernelSource: 'targets/<N>/pid_target, /proc/<pid>/comm',
    absent: TARGET_ABSENT,
    example: {
      answers: 'Working sets with the names of the programs.',
      query: 'damon_wss_bytes * ignoring (command) group_left (command) damon_target_info',
    },
    labels: [...TARGET_LABELS, 'command'],
    computePoints: ({ observation }) =>
      listTargets(observation).map(({ labels, target }) => ({
        labels: { ...labels, command: target.command ?? '' },
        value: 1,
      })),
  },
  {
    name: 'damon_regions',
    otelName: 'damon.regions',
    unit: '{region}',
    kind: 'gauge',
    help: 'Regions the memory of the target was divided into in the last aggregation.',
    kernelSource: REGIONS_SOURCE,
    absent: TARGET_ABSENT,
    example: {
      answers: 'Mean size of a region: what is smaller is averaged with its surroundings.',
      query: 'damon_monitored_bytes / damon_regions',
    },
    labels: TARGET_LABELS,
    computePoints: perTarget(({ target }) => target.latest.regions.count),
  },
  {
    name: 'damon_monitored_bytes',
    otelName: 'damon.monitored',
    unit: 'By',
    kind: 'gauge',
    help: 'Size of all regions of the target, accessed or not, mapped or not.',
    kernelSource: REGIONS_SOURCE,
    absent: TARGET_ABSENT,
    example: {
      answers: 'What each kdamond watches.',
      query: 'sum by (instance, kdamond) (damon_monitored_bytes)',
    },
    labels: TARGET_LABELS,
    computePoints: perTarget(({ target }) => computeMonitoredBytes(target.latest.regions)),
  },
  {
    name: 'damon_wss_bytes',
    otelName: 'damon.wss',
    unit: 'By',
    kind: 'gauge',
    help: 'Working set size: bytes in regions accessed in the last aggregation.',
    kernelSource: REGIONS_SOURCE,
    absent: TARGET_ABSENT,
    example: {
      answers: 'Share of the monitored memory that is in use.',
      query: 'damon_wss_bytes / damon_monitored_bytes',
    },
    labels: TARGET_LABELS,
    computePoints: perTarget(({ target }, { settings }) =>
      computeWssBytes(target.latest.regions, settings.wssThresholdSamples),
    ),
  },
  {
    name: 'damon_wss_window_bytes',
    otelName: 'damon.wss_window',
    unit: 'By',
    kind: 'gauge',
    help: 'Percentiles of the working set sizes of the last minutes (--metrics.wss-window), as report wss prints them.',
    kernelSource: REGIONS_SOURCE,
    absent: TARGET_ABSENT,
    example: {
      answers: 'The five targets that needed most memory in 95 % of the last minutes.',
      query: 'topk(5, damon_wss_window_bytes{percentile="95"})',
    },
    labels: [...TARGET_LABELS, 'percentile'],
    computePoints: windowPercentiles,
  },
  {
    name: 'damon_wss_window_snapshots',
    otelName: 'damon.wss_window_snapshots',
    unit: '{snapshot}',
    kind: 'gauge',
    help: 'Snapshots behind the percentiles of damon_wss_window_bytes: few of them say little.',
    kernelSource: REGIONS_SOURCE,
    absent: TARGET_ABSENT,
    example: {
      answers: 'The percentile only where it comes from 20 snapshots or more.',
      query:
        'damon_wss_window_bytes{percentile="95"} and ignoring (percentile) damon_wss_window_snapshots >= 20',
    },
    labels: TARGET_LABELS,
    computePoints: windowSnapshots,
  },
  {
    name: 'damon_cold_bytes',
    otelName: 'damon.cold',
    unit: 'By',
    kind: 'gauge',
    help: 'Bytes in regions without an access for at least this long (--metrics.cold-ages).',
    kernelSource: REGIONS_SOURCE,
    absent: `${TARGET_ABSENT}, and while the aggregation interval is not known`,
    example: {
      answers: 'Share of the monitored memory that was idle for 2 minutes.',
      query: 'damon_cold_bytes{idle="2m"} / ignoring (idle) damon_monitored_bytes',
    },
    labels: [...TARGET_LABELS, 'idle'],
    computePoints: coldPoints,
  },
];
