import { createMetrics, DEFAULT_METRICS_SETTINGS } from '../../src/metrics/metrics.ts';
import type { Metrics, MetricsOptions } from '../../src/metrics/metrics.ts';
import {
  makeKdamond,
  makeKdamondState,
  makeObservation,
  makeScheme,
  makeSnapshot,
  MIB,
} from './observations.ts';
import type { KdamondState, SchemeState } from '../../src/damon/kdamond.ts';
import { NO_QUOTAS } from '../../src/damon/spec.ts';
import type { Observation } from '../../src/damon/observation.ts';
import type { Snapshot } from '../../src/damon/snapshot.ts';

/** Metrics where clock and process stand still: 10.5 s after boot. */
export function makeMetrics(settings: Partial<MetricsOptions['settings']> = {}): Metrics {
  return createMetrics({
    settings: { ...DEFAULT_METRICS_SETTINGS, addressCells: 8, ...settings },
    build: { version: '1.2.3', revision: 'abc1234', nodeVersion: 'v20.20.2' },
    clock: { monotonicNs: () => 10_500_000_000n },
    readProcess: () => ({
      cpuSeconds: 2.5,
      residentBytes: 50_000_000,
      startTimeSeconds: 1_700_000_000,
      openFds: 21,
    }),
    readRecord: () => ({
      isRecording: true,
      sizeBytes: 1_234_567,
      nrSegments: 3,
      flushAgeSeconds: 1.5,
      droppedSnapshots: 2,
      errors: 1,
    }),
    readConfig: () => ({
      isLastReloadGood: true,
      lastReloadSuccessMs: 1_800_000_000_500,
      kdamonds: [
        {
          name: 'web',
          kdamond: '0',
          isInForce: false,
          isWaiting: false,
          nrDriftedSettings: 2,
        },
      ],
    }),
    readWeb: () => ({ isLastReloadGood: false, lastReloadSuccessMs: 1_800_000_001_500 }),
    readOtlp: () => ({ successes: 12, failures: 1, successAgeSeconds: 60.5 }),
  });
}

/** 4 of 16 MiB accessed at full rate for 3 s, 4 at half, the rest idle for 2 minutes. */
export const STRIPES_SNAPSHOT: Snapshot = makeSnapshot([
  [0n, 4n * MIB, 20, 30],
  [4n * MIB, 8n * MIB, 10, 5],
  [8n * MIB, 16n * MIB, 0, 1200],
]);

/** All of the first region, half of the second and a quarter of the last are of one kind. */
const PROBED_SNAPSHOT: Snapshot = {
  ...STRIPES_SNAPSHOT,
  regions: {
    ...STRIPES_SNAPSHOT.regions,
    probeHits: [Uint8Array.of(20, 10, 5), Uint8Array.of(0, 0, 20)],
  },
};

const STAT_KDAMOND = { label: 'damon_stat', owner: 'damon_stat', pid: 77 } as const;

function withProbes(schemes: readonly SchemeState[]): KdamondState {
  const state = makeKdamondState(schemes);
  const probes = [
    { name: 'anon', filters: [{ type: 'anon', isMatching: true, isAllowing: true }] },
    { filters: [{ type: 'memcg', isMatching: true, isAllowing: true, memcgPath: '/a b' }] },
  ];
  return { ...state, contexts: state.contexts.map((context) => ({ ...context, probes })) };
}

/** As much of everything as one observation can hold. */
export const FULL_OBSERVATION: Observation = makeObservation(
  [
    makeKdamond({
      state: withProbes([
        makeScheme(
          {
            triedRegions: 7n,
            triedBytes: 28n * MIB,
            appliedRegions: 5n,
            appliedBytes: 20n * MIB,
            opsFilterPassedBytes: 12n * MIB,
            quotaExceeds: 2n,
            nrSnapshots: 40n,
          },
          {
            action: 'pageout',
            coreFilters: [
              {
                type: 'addr',
                isMatching: true,
                isAllowing: true,
                addrRange: { startAddr: 0n, endAddr: 1n << 30n },
              },
            ],
            opsFilters: [
              {
                type: 'memcg',
                isMatching: false,
                isAllowing: false,
                memcgPath: '/system.slice/web.service',
              },
            ],
            effectiveQuotaBytes: 32n * MIB,
            quotas: {
              ...NO_QUOTAS,
              sizeBytes: 64n * MIB,
              timeMs: 250n,
              resetIntervalMs: 1000n,
              goals: [
                { metric: 'user_input', targetValue: 10_000n, currentValue: 9_000n },
                { metric: 'node_mem_free_bp', nid: 1, targetValue: 500n, currentValue: 0n },
              ],
            },
            watermarks: {
              metric: 'free_mem_rate',
              intervalUs: 5_000_000n,
              highPermil: 500,
              midPermil: 400,
              lowPermil: 50,
            },
          },
        ),
        makeScheme({ triedRegions: 120n, triedBytes: 1n << 62n }),
      ]),
      targets: [{ target: '0', command: 'a "quoted\\\nname"', latest: PROBED_SNAPSHOT }],
    }),
    makeKdamond({
      ref: STAT_KDAMOND,
      cpuSeconds: undefined,
      state: undefined,
      targets: [
        {
          target: '0',
          command: undefined,
          latest: makeSnapshot([[0n, 1n << 40n, 0, 3]], {
            kdamond: STAT_KDAMOND,
            sampleIntervalUs: undefined,
            aggrIntervalUs: 2_000_000,
            startNs: 8_000_000_000n,
          }),
        },
      ],
    }),
    makeKdamond({
      ref: { label: '1', owner: 'sysfs', pid: undefined },
      isRunning: false,
      cpuSeconds: undefined,
      state: makeKdamondState([], { index: 1, isRunning: false, pid: undefined }),
    }),
  ],
  {
    memory: { totalBytes: 1000n * MIB, freeBytes: 333n * MIB },
    damonStat: {
      isEnabled: true,
      kdamondPid: 77,
      aggrIntervalUs: 2_000_000,
      estimatedMemoryBandwidthBytesPerSecond: 123_456_789n,
      memoryIdleMsPercentiles: Array.from({ length: 101 }, (_, index) => (index - 40) * 2000),
    },
    modules: [
      {
        name: 'damon_reclaim',
        isEnabled: true,
        kdamondPid: 88,
        parameters: new Map([
          ['min_age', '120000000'],
          ['nr_reclaim_tried_regions', '11'],
          ['bytes_reclaim_tried_regions', '45056'],
          ['nr_reclaimed_regions', '10'],
          ['bytes_reclaimed_regions', '40960'],
          ['nr_quota_exceeds', '1'],
        ]),
      },
      {
        name: 'damon_lru_sort',
        isEnabled: false,
        kdamondPid: undefined,
        parameters: new Map([
          ['nr_lru_sort_tried_hot_regions', '3'],
          ['bytes_lru_sort_tried_hot_regions', '12288'],
          ['nr_lru_sorted_hot_regions', '2'],
          ['bytes_lru_sorted_hot_regions', '8192'],
          ['nr_hot_quota_exceeds', '0'],
          ['nr_lru_sort_tried_cold_regions', '6'],
          ['bytes_lru_sort_tried_cold_regions', '24576'],
          ['nr_lru_sorted_cold_regions', '5'],
          ['bytes_lru_sorted_cold_regions', '20480'],
          ['nr_cold_quota_exceeds', '4'],
        ]),
      },
    ],
    collector: {
      sourceProblems: new Map([['sysfs', 'not tried']]),
      parts: [
        { part: 'source_trace', wasSuccessful: true, durationSeconds: 0.002, problem: undefined },
        { part: 'modules', wasSuccessful: false, durationSeconds: 0.5, problem: 'no permission' },
      ],
      snapshots: 1234,
      lostEvents: 5,
      spoiledSnapshots: 2,
      busyRetries: 9,
    },
  },
);
