import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { encodeText } from '../../src/metrics/exposition.ts';
import { FULL_OBSERVATION, makeMetrics, STRIPES_SNAPSHOT } from '../support/metricsFixture.ts';

async function exposeEverything(): Promise<string> {
  const metrics = makeMetrics();
  metrics.addSnapshot(STRIPES_SNAPSHOT);
  return encodeText(metrics.collectFamilies(FULL_OBSERVATION));
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
