import fc from 'fast-check';
import { Registry } from 'prom-client';
import type { Metric } from 'prom-client';
import { expect, test } from 'vitest';
import type {
  HistogramPoint,
  Labels,
  MetricFamily,
  ScalarPoint,
} from '../../src/metrics/metricFamily.ts';
import { formatSampleLines } from '../../src/metrics/sampleLines.ts';

const HEAD = { name: 'a_bytes', otelName: 'a', unit: 'By', help: 'A.' } as const;

function makeGauge(points: readonly ScalarPoint[]): MetricFamily {
  return { ...HEAD, kind: 'gauge', points };
}

function makeHistogram(points: readonly HistogramPoint[]): MetricFamily {
  return { ...HEAD, kind: 'histogram', points };
}

function formatLines(family: MetricFamily): string {
  return formatSampleLines(family, (bounds) => bounds.map(String));
}

interface PeerValue {
  readonly metricName?: string;
  readonly labels: Labels;
  readonly value: number;
}

/** What prom-client prints below the head. */
async function printByPeer(type: string, values: readonly PeerValue[]): Promise<string> {
  const registry = new Registry();
  const get = (): Promise<unknown> => Promise.resolve({ ...metric, values });
  const metric = { name: HEAD.name, help: HEAD.help, type, aggregator: 'sum', get };
  registry.registerMetric(metric as unknown as Metric);
  const text = await registry.getSingleMetricAsString(HEAD.name);
  return text
    .split('\n')
    .slice(2)
    .map((line) => `${line}\n`)
    .join('');
}

const labelsOf = fc.dictionary(
  fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/),
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('a\\b', '"', '\n', '\\n"'),
  ),
  { maxKeys: 4 },
);

test('samples are printed as by prom-client', async () => {
  const point = fc.record({
    labels: labelsOf,
    value: fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.bigInt(0n, (1n << 64n) - 1n)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(point, { maxLength: 4 }), async (points) => {
      const values = points.map(({ labels, value }) => ({ labels, value: Number(value) }));
      expect(formatLines(makeGauge(points))).toBe(await printByPeer('gauge', values));
    }),
  );
});

test('histograms are printed as by prom-client', async () => {
  const point = fc
    .record({
      labels: labelsOf,
      buckets: fc.array(fc.tuple(fc.double({ noNaN: true }), fc.bigInt(0n, 1n << 63n)), {
        maxLength: 5,
      }),
      count: fc.bigInt(0n, 1n << 63n),
      sum: fc.double({ noNaN: true }),
    })
    .map(({ labels, buckets, count, sum }) => ({
      ...{ labels, sum, startNs: 0n },
      bounds: buckets.map(([bound]) => bound),
      cumulativeCounts: [...buckets.map(([, counted]) => counted), count],
    }));
  await fc.assert(
    fc.asyncProperty(fc.array(point, { maxLength: 3 }), async (points) => {
      const values = points.flatMap(({ labels, bounds, cumulativeCounts, sum }) => [
        ...cumulativeCounts.map((count, at) => ({
          metricName: `${HEAD.name}_bucket`,
          labels: { ...labels, le: String(bounds[at] ?? '+Inf') },
          value: Number(count),
        })),
        { metricName: `${HEAD.name}_sum`, labels, value: sum },
        { metricName: `${HEAD.name}_count`, labels, value: Number(cumulativeCounts.at(-1)) },
      ]);
      expect(formatLines(makeHistogram(points))).toBe(await printByPeer('histogram', values));
    }),
  );
});

test.each([
  [Number.NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [-0, '0'],
  [0.1, '0.1'],
  [2 ** 64, '18446744073709552000'],
  [(1n << 64n) - 1n, '18446744073709552000'],
  [1e21, '1e+21'],
])('%s is printed as %s', (value, expected) => {
  expect(formatLines(makeGauge([{ labels: {}, value }]))).toBe(`a_bytes ${expected}\n`);
});

test('a family without points has no lines', () => {
  expect(formatLines(makeGauge([]))).toBe('');
  expect(formatLines(makeHistogram([]))).toBe('');
});
