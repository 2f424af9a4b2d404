import { describe, expect, test } from 'vitest';
import type { KdamondObservation, Observation } from '../../src/damon/observation.ts';
import type { MetricFamily } from '../../src/metrics/metricFamily.ts';
import { FULL_OBSERVATION, makeMetrics } from '../support/metricsFixture.ts';
import {
  makeKdamond,
  makeKdamondState,
  makeObservation,
  makeScheme,
  makeSnapshot,
} from '../support/observations.ts';

function findPoints(families: readonly MetricFamily[], name: string): MetricFamily['points'] {
  return families.find((family) => family.name === name)?.points ?? [];
}

test('before the first observation there is only what the exporter knows of itself', () => {
  const names = makeMetrics()
    .collectFamilies(undefined)
    .map(({ name }) => name);
  expect(names.filter((name) => !/^(damon_exporter|process)_/.test(name))).toEqual([]);
  expect(names).toContain('damon_exporter_build_info');
});

test('what is gone from the observation is gone from the families', () => {
  const metrics = makeMetrics();
  const before = metrics.collectFamilies(FULL_OBSERVATION);
  expect(findPoints(before, 'damon_wss_bytes')).toHaveLength(2);
  const names = metrics.collectFamilies(makeObservation([])).map(({ name }) => name);
  expect(names.filter((name) => !/^(damon_exporter|process)_/.test(name))).toEqual([]);
});

test('counters go on when the scheme is made anew between two scrapes', () => {
  const metrics = makeMetrics();
  const observe = (triedBytes: bigint): Observation =>
    makeObservation([
      makeKdamond({ state: makeKdamondState([makeScheme({ triedRegions: 1n, triedBytes })]) }),
    ]);
  metrics.addMachine(observe(1000n));
  metrics.addMachine(observe(50n));
  const families = metrics.collectFamilies(observe(60n));
  expect(findPoints(families, 'damon_scheme_tried_bytes_total')).toEqual([
    { labels: { kdamond: '0', context: '0', scheme: '0' }, value: 1060n },
  ]);
});

test('intervals are those of the newest snapshot, else those of sysfs', () => {
  const latest = makeSnapshot([], { sampleIntervalUs: 85_000, aggrIntervalUs: 1_700_000 });
  const tuned = makeKdamond({ targets: [{ target: '0', command: undefined, latest }] });
  const readInterval = (kdamond: KdamondObservation): MetricFamily['points'] =>
    findPoints(
      makeMetrics().collectFamilies(makeObservation([kdamond])),
      'damon_aggregation_interval_seconds',
    );
  expect(readInterval(tuned)).toMatchObject([{ value: 1.7 }]);
  expect(readInterval(makeKdamond())).toMatchObject([{ value: 0.1 }]);
});

describe('series that a server should not get', () => {
  const observeTargets = (names: readonly string[]): Observation => {
    const targets = names.map((target) => {
      return { target, command: undefined, latest: makeSnapshot([], { target }) };
    });
    return makeObservation([makeKdamond({ targets })]);
  };

  test('are left out beyond the limit of a family, and counted in the same exposition', () => {
    const metrics = makeMetrics({ maxSeriesPerFamily: 8 });
    const observation = observeTargets(Array.from({ length: 10 }, (_, index) => String(index)));
    const first = metrics.collectFamilies(observation);
    expect(findPoints(first, 'damon_regions')).toHaveLength(8);
    const labels = { family: 'damon_regions', reason: 'limit' };
    const dropped = 'damon_exporter_series_dropped_total';
    expect(findPoints(first, dropped)).toContainEqual({ labels, value: 2 });
    const second = metrics.collectFamilies(observation);
    expect(findPoints(second, dropped)).toContainEqual({ labels, value: 4 });
  });

  test('are shown once when two things have the same labels', () => {
    const families = makeMetrics().collectFamilies(observeTargets(['3', '3']));
    expect(findPoints(families, 'damon_wss_bytes')).toHaveLength(1);
    expect(findPoints(families, 'damon_exporter_series_dropped_total')).toContainEqual({
      labels: { family: 'damon_wss_bytes', reason: 'duplicate' },
      value: 1,
    });
  });
});

test('a parameter that is no number is no counter', () => {
  const parameters = new Map([['nr_quota_exceeds', 'Y']]);
  const observation = makeObservation([], {
    modules: [{ name: 'damon_reclaim', isEnabled: true, kdamondPid: 1, parameters }],
  });
  const families = makeMetrics().collectFamilies(observation);
  expect(findPoints(families, 'damon_reclaim_enabled')).toEqual([{ labels: {}, value: 1 }]);
  expect(findPoints(families, 'damon_reclaim_quota_exceeded_total')).toEqual([]);
});

describe('families that nothing happened to', () => {
  const observation = makeObservation([
    makeKdamond({
      targets: [{ target: '7', command: undefined, latest: makeSnapshot([], { target: '7' }) }],
    }),
  ]);
  const find = (families: readonly MetricFamily[], name: string): MetricFamily | undefined =>
    families.find((family) => family.name === name);

  test('are the same objects again in a later observation of the same', () => {
    const metrics = makeMetrics();
    const first = metrics.collectFamilies(observation);
    const again = metrics.collectFamilies({ ...observation, takenAtNs: 99n });
    expect(find(again, 'damon_wss_bytes')).toBeDefined();
    for (const name of ['damon_wss_bytes', 'damon_regions', 'damon_kdamond_running']) {
      expect(find(again, name)).toBe(find(first, name));
    }
  });

  test('are computed anew after a snapshot, a reading, and for what the exporter uses itself', () => {
    const metrics = makeMetrics();
    const first = metrics.collectFamilies(observation);
    const health = { ...observation.collector, snapshots: observation.collector.snapshots + 1 };
    const later = metrics.collectFamilies({ ...observation, collector: health });
    expect(find(later, 'damon_exporter_snapshots_total')?.points).not.toEqual(
      find(first, 'damon_exporter_snapshots_total')?.points,
    );
    metrics.addSnapshot(makeSnapshot([], { target: '7' }));
    const afterSnapshot = metrics.collectFamilies(observation);
    expect(find(first, 'damon_wss_window_snapshots')?.points ?? []).toEqual([]);
    expect(find(afterSnapshot, 'damon_wss_window_snapshots')?.points).toHaveLength(1);
    const afterReading = metrics.collectFamilies({ ...observation, kdamonds: [] });
    expect(find(afterReading, 'damon_wss_bytes')).toBeUndefined();
  });
});
