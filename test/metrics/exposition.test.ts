import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import * as exposition from '../../src/metrics/exposition.ts';
import type { MetricFamily } from '../../src/metrics/metricFamily.ts';
import { FULL_OBSERVATION, makeMetrics, STRIPES_SNAPSHOT } from '../support/metricsFixture.ts';

async function encodeText(families: readonly MetricFamily[]): Promise<string> {
  return Buffer.concat(await exposition.createTextEncoder()([families])).toString();
}

async function encodeOpenMetrics(families: readonly MetricFamily[]): Promise<string> {
  return Buffer.concat(await exposition.createOpenMetricsEncoder()([families])).toString();
}

function collectEverything(): MetricFamily[] {
  const metrics = makeMetrics();
  metrics.addSnapshot(STRIPES_SNAPSHOT);
  return metrics.collectFamilies(FULL_OBSERVATION);
}

function exposeEverything(): Promise<string> {
  return encodeText(collectEverything());
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test('a full observation is exposed as in the golden file', async () => {
  await expect(await exposeEverything()).toMatchFileSnapshot('../golden/metrics/full.prom');
});

test('before the first observation the exposition is as in the golden file', async () => {
  const text = await encodeText(makeMetrics().collectFamilies(undefined));
  await expect(text).toMatchFileSnapshot('../golden/metrics/empty.prom');
});

// The end-to-end tests require promtool; here its absence must not stop somebody's first run.
test.skipIf(!hasPromtool)('promtool finds nothing to complain about', async () => {
  const input = await exposeEverything();
  const result = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  expect(result.stderr + result.stdout).toBe('');
  expect(result.status).toBe(0);
});

test('a counter beyond 2^53 is printed as the nearest double', async () => {
  const text = await encodeText([
    {
      name: 'a_total',
      otelName: 'a',
      unit: '',
      help: 'A.',
      kind: 'counter',
      points: [{ labels: {}, value: (1n << 64n) - 1n }],
    },
  ]);
  expect(text).toBe('# HELP a_total A.\n# TYPE a_total counter\na_total 18446744073709552000\n');
});

test('OpenMetrics of a full observation is as in the golden file', async () => {
  const text = await encodeOpenMetrics(collectEverything());
  await expect(text).toMatchFileSnapshot('../golden/metrics/full.openmetrics');
});

test('OpenMetrics of nothing is its end', async () => {
  expect(await encodeOpenMetrics([])).toBe('# EOF\n');
});

test('both formats tell the same samples, but for how bounds are written', async () => {
  const readSamples = (text: string): string[] =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.replace(/le="([^"]*)"/, (_, le: string) => `le="${String(Number(le))}"`));
  const families = collectEverything();
  const samples = readSamples(await encodeOpenMetrics(families));
  expect(samples.length).toBeGreaterThan(100);
  expect(samples).toEqual(readSamples(await encodeText(families)));
});

// prom-client escapes no quotes there, and OpenMetrics wants them escaped.
test('help has no quotes', () => {
  expect(collectEverything().filter(({ help }) => help.includes('"'))).toEqual([]);
});
