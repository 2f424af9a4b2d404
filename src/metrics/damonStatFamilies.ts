import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

/** The percentiles shown of the 101 there are. */
const IDLE_PERCENTILES = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100] as const;

const NO_RESULTS = 'while DAMON_STAT is off, and until its first results';

function idlePoints({ observation }: MetricsInput): ScalarPoint[] {
  const idleMs = observation?.damonStat?.memoryIdleMsPercentiles;
  return IDLE_PERCENTILES.flatMap((percentile) => {
    const value = idleMs?.[percentile];
    return pointIfKnown(
      { percentile: String(percentile) },
      value === undefined ? undefined : value / 1000,
    );
  });
}

/** Parameters of DAMON_STAT that are observations. */
export const DAMON_STAT_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_stat_enabled',
    otelName: 'damon.stat.enabled',
    unit: '',
    kind: 'gauge',
    help: 'Whether DAMON_STAT is switched on: 1 or 0.',
    kernelSource: 'damon_stat/parameters/enabled (6.17)',
    absent: 'before Linux 6.17, and where DAMON_STAT is not built',
    example: {
      answers: 'Hosts on which DAMON_STAT is switched on.',
      query: 'count(damon_stat_enabled == 1)',
    },
    labels: [],
    computePoints: ({ observation }) =>
      observation?.damonStat === undefined
        ? []
        : [{ labels: {}, value: Number(observation.damonStat.isEnabled) }],
  },
  {
    name: 'damon_stat_aggregation_interval_seconds',
    otelName: 'damon.stat.aggregation_interval',
    unit: 's',
    kind: 'gauge',
    help: 'Aggregation interval DAMON_STAT has tuned itself to.',
    kernelSource: 'damon_stat/parameters/aggr_interval_us (6.18)',
    absent: 'before Linux 6.18, while DAMON_STAT is off, and until its first results',
    example: {
      answers: 'Longest interval within a day: the kernel lengthens it where little is accessed.',
      query: 'max_over_time(damon_stat_aggregation_interval_seconds[1d])',
    },
    labels: [],
    computePoints: ({ observation }) => {
      const aggrIntervalUs = observation?.damonStat?.aggrIntervalUs;
      return pointIfKnown({}, aggrIntervalUs === undefined ? undefined : aggrIntervalUs / 1e6);
    },
  },
  {
    name: 'damon_stat_memory_bandwidth_bytes_per_second',
    otelName: 'damon.stat.memory_bandwidth',
    unit: 'By/s',
    kind: 'gauge',
    help: 'Memory bandwidth use as DAMON_STAT estimates it.',
    kernelSource: 'damon_stat/parameters/estimated_memory_bandwidth',
    absent: NO_RESULTS,
    example: {
      answers: 'The hosts that access memory most, over an hour.',
      query: 'topk(10, avg_over_time(damon_stat_memory_bandwidth_bytes_per_second[1h]))',
    },
    labels: [],
    computePoints: ({ observation }) =>
      pointIfKnown({}, observation?.damonStat?.estimatedMemoryBandwidthBytesPerSecond),
  },
  {
    name: 'damon_stat_idle_seconds',
    otelName: 'damon.stat.idle',
    unit: 's',
    kind: 'gauge',
    help: 'Idle time that this percentage of memory stays at or below; negative = accessed so long.',
    kernelSource: 'damon_stat/parameters/memory_idle_ms_percentiles',
    absent: NO_RESULTS,
    example: {
      answers: 'A quarter of the memory has been idle for at least so long.',
      query: 'damon_stat_idle_seconds{percentile="75"}',
    },
    labels: ['percentile'],
    computePoints: idlePoints,
  },
];
