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

  test('are the same objects again when what was read anew says the same', () => {
    const metrics = makeMetrics();
    const first = metrics.collectBlocks(observation);
    const again = metrics.collectBlocks({ ...observation, kdamonds: [...observation.kdamonds] });
    expect(again).toHaveLength(first.length);
    const changed = again.filter((block, at) => block !== first[at]);
    expect(changed.flat().map(({ name }) => name)).toEqual([]);
  });

  test('are new when a value, a label or their number differs', () => {
    const metrics = makeMetrics();
    const observe = (command: string, nrTargets: number): Observation => {
      const targets = Array.from({ length: nrTargets }, (_, nr) => {
        const target = String(nr);
        return { target, command, latest: makeSnapshot([], { target }) };
      });
      return makeObservation([makeKdamond({ targets })]);
    };
    const read = (seen: Observation): unknown[] => {
      const families = metrics.collectFamilies(seen);
      return ['damon_target_info', 'damon_regions'].map((name) => find(families, name));
    };
    const [info, regions] = read(observe('one', 1));
    const [otherInfo, sameRegions] = read(observe('two', 1));
    expect(otherInfo).not.toBe(info);
    expect(sameRegions).toBe(regions);
    const [moreInfo, moreRegions] = read(observe('two', 2));
    expect(moreInfo).not.toBe(otherInfo);
    expect(moreRegions).not.toBe(regions);
  });

  test('go on being counted as left out while their values change', () => {
    const metrics = makeMetrics({ maxSeriesPerFamily: 1 });
    const observe = (nrRegions: number): Observation => {
      const regions = Array.from({ length: nrRegions }, (_, nr) => {
        return [BigInt(nr) * 4096n, BigInt(nr + 1) * 4096n, 0, 0] as const;
      });
      const targets = ['1', '2'].map((target) => {
        return { target, command: undefined, latest: makeSnapshot(regions, { target }) };
      });
      return makeObservation([makeKdamond({ targets })]);
    };
    for (const nr of [1, 2, 3]) {
      const families = metrics.collectFamilies(observe(nr));
      expect(findPoints(families, 'damon_regions')).toMatchObject([{ value: nr }]);
      // Not from the family that tells it, which is limited to one series, too.
      expect([...metrics.read(undefined).droppedSeries]).toContainEqual({
        family: 'damon_regions',
        reason: 'limit',
        count: nr,
      });
    }
  });
});
