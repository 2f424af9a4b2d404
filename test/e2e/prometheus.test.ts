import { execFileSync, spawnSync } from 'node:child_process';
import { createServer as createProxy, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServe } from './program.ts';
import type { RunningProgram } from './program.ts';
import { startPrometheus } from './prometheusServer.ts';
import type { PrometheusServer } from './prometheusServer.ts';

let exporter: RunningProgram;
let proxy: Server;
let prometheus: PrometheusServer;

/** A way to the exporter on which the wish for OpenMetrics gets lost: Prometheus always has it. */
async function startTextProxy(target: string): Promise<Server> {
  const server = createProxy((asked, response) => {
    const headers = { ...asked.headers, accept: '*/*' };
    const forwarded = request(new URL(asked.url ?? '/', target), { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    forwarded.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

beforeAll(async () => {
  exporter = await startServe('--source', 'simulator', '--simulator.speed', '5');
  proxy = await startTextProxy(exporter.url);
  prometheus = await startPrometheus(`global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: damon
    static_configs: [{targets: ['${new URL(exporter.url).host}']}]
  - job_name: damon-text
    static_configs: [{targets: ['127.0.0.1:${(proxy.address() as AddressInfo).port}']}]
`);
  await prometheus.queryUntilFound('up{job="damon"} == 1');
});

afterAll(async () => {
  await prometheus.stop();
  proxy.close();
  await exporter.stop();
});

test('the working set of the simulated machine arrives and moves', async () => {
  const wss = await prometheus.queryUntilFound('damon_wss_bytes{job="damon"}');
  expect(
    wss.every(({ metric }) => metric['kdamond'] !== undefined && metric['target'] !== undefined),
  ).toBe(true);
  const changed = 'max(changes(damon_wss_bytes[1m])) > 0';
  expect(await prometheus.queryUntilFound(changed)).toHaveLength(1);
});

test('snapshots keep coming and none is lost', async () => {
  const coming = 'rate(damon_exporter_snapshots_total{job="damon"}[20s]) > 0';
  expect(await prometheus.queryUntilFound(coming)).toHaveLength(1);
  const lost = await prometheus.query('sum(damon_exporter_lost_events_total{job="damon"})');
  expect(lost.map(({ value }) => value[1])).toEqual(['0']);
});

test('no sample was a duplicate or out of order', async () => {
  const bad = await prometheus.query(
    '{__name__=~"prometheus_target_scrapes_sample_(duplicate_timestamp|out_of_order|out_of_bounds)_total"}',
  );
  // Prometheus does not scrape itself here: its own page tells.
  expect(bad).toEqual([]);
  const page = await (await fetch(`${prometheus.url}/metrics`)).text();
  const counts = [
    ...page.matchAll(
      /^prometheus_target_scrapes_sample_(?:duplicate_timestamp|out_of_order|out_of_bounds)_total (\d+)$/gm,
    ),
  ].map(([, count]) => count);
  expect(counts).toEqual(['0', '0', '0']);
  expect(prometheus.readLog()).not.toMatch(/[Dd]uplicate sample|[Oo]ut-of-order/);
});

test('OpenMetrics and text give the same series, types and help', async () => {
  const listSeries = async (job: string): Promise<string[]> =>
    (await prometheus.query(`{job="${job}",__name__=~"damon_.*"}`))
      .map(({ metric: { instance: _instance, job: _job, le, ...labels } }) =>
        JSON.stringify({ ...labels, ...(le !== undefined && { le: Number(le) }) }),
      )
      .sort();
  let series: string[] = [];
  // Between the scrape of the one and of the other, address heat may have been laid out anew.
  await expect
    .poll(
      async () => {
        const text = await listSeries('damon-text');
        series = await listSeries('damon');
        if (series.length === 0) return ['nothing is scraped'];
        return [
          ...series.filter((one) => !text.includes(one)),
          ...text.filter((one) => !series.includes(one)),
        ];
      },
      { timeout: 30_000, interval: 500 },
    )
    .toEqual([]);
  expect(series.length).toBeGreaterThan(200);
  const metadata = await fetch(`${prometheus.url}/api/v1/metadata?metric=damon_wss_bytes`);
  expect(await metadata.json()).toMatchObject({
    data: {
      damon_wss_bytes: expect.arrayContaining([
        expect.objectContaining({ type: 'gauge', unit: 'bytes' }),
        expect.objectContaining({ type: 'gauge', unit: '' }),
      ]) as unknown,
    },
  });
});

test('promtool finds nothing to complain about', async () => {
  const text = await (await fetch(new URL('/metrics', exporter.url))).text();
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(execFileSync('promtool', ['--version'], { encoding: 'utf8' })).toContain('promtool');
});
