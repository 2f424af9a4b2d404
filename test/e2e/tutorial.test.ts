import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startServe, until } from './program.ts';
import { startPrometheus } from './prometheusServer.ts';
import type { PromAlert } from './prometheusServer.ts';

/** The files that the tutorial has readers write, by the name in their first line. */
function readFiles(): Map<string, string> {
  const text = readFileSync('docs/tutorial.md', 'utf8');
  const blocks = text.matchAll(/^```yaml\n# (\S+)\n(.*?)^```$/gms);
  return new Map(Array.from(blocks, ([, name = '', content = '']) => [name, content]));
}

test('the alert of the tutorial fires as it says', async () => {
  const files = readFiles();
  expect([...files.keys()]).toEqual(['prometheus.yml', 'batch.yaml', 'damon.yaml']);
  // Three times as fast, so that the minute before is 20 seconds.
  const exporter = await startServe('--source', 'simulator', '--simulator.speed', '3');
  const config = files.get('prometheus.yml') ?? '';
  expect(config).toContain('localhost:10077');
  const prometheus = await startPrometheus(
    config.replace('localhost:10077', new URL(exporter.url).host).replaceAll('5s', '1s'),
    { 'batch.yaml': files.get('batch.yaml') ?? '' },
  );
  try {
    const find = (state: string): Promise<PromAlert> =>
      until(async () => {
        const [found] = await prometheus.listAlerts();
        return found?.state === state ? found : undefined;
      }, `the alert is ${state}`);
    await find('pending');
    const alert = await find('firing');
    expect(alert.labels).toMatchObject({ alertname: 'BatchNeedsMuch', command: 'batch' });
    expect(alert.annotations['summary']).toMatch(/^batch uses 2\d\d.*MiB$/);
  } finally {
    await prometheus.stop();
    await exporter.stop();
  }
});
