import { describe, expect, test } from 'vitest';
import { FAMILY_GROUPS } from '../../src/metrics/families.ts';
import { formatPrometheusName } from '../../src/metrics/metricFamily.ts';
import { FULL_OBSERVATION, makeMetrics, STRIPES_SNAPSHOT } from '../support/metricsFixture.ts';

const SPECS = FAMILY_GROUPS.flatMap(({ families }) => families);

describe('the family table', () => {
  test('names every family in Prometheus as its OpenTelemetry name, unit and kind demand', () => {
    expect(SPECS.map(({ name }) => name)).toEqual(SPECS.map(formatPrometheusName));
  });

  test('has each name once, and no OpenTelemetry name is the namespace of another', () => {
    expect(new Set(SPECS.map(({ name }) => name)).size).toBe(SPECS.length);
    const names = SPECS.map(({ otelName }) => otelName);
    const namespaces = names.filter((name) => names.some((other) => other.startsWith(`${name}.`)));
    expect(namespaces).toEqual([]);
  });

  test('labels nothing by pid, address or region', () => {
    const labels = new Set(SPECS.flatMap((spec) => spec.labels));
    const forbidden = /pid|addr$|address|region|^type$|quantile/;
    expect([...labels].filter((label) => forbidden.test(label))).toEqual([]);
  });

  test('has help of whole sentences', () => {
    expect(SPECS.filter(({ help }) => !/^[A-Z].*\.$/.test(help))).toEqual([]);
  });

  test('gives every family a value for a full observation, with no label it does not name', () => {
    const metrics = makeMetrics({ maxSeriesPerFamily: 26 });
    metrics.addSnapshot(STRIPES_SNAPSHOT);
    metrics.addSnapshot({ ...STRIPES_SNAPSHOT, target: 'second' });
    const kdamonds = FULL_OBSERVATION.kdamonds.map((kdamond) => ({
      ...kdamond,
      targets: kdamond.targets.flatMap((target) => [target, { ...target, target: 'second' }]),
    }));
    const families = metrics.collectFamilies({ ...FULL_OBSERVATION, kdamonds });
    expect(families.map(({ name }) => name)).toEqual(SPECS.map(({ name }) => name));
    const strays = families.flatMap(({ points }, index) =>
      points
        .flatMap(({ labels }) => Object.keys(labels))
        .filter((label) => SPECS[index]?.labels.includes(label) !== true),
    );
    expect(strays).toEqual([]);
  });
});
