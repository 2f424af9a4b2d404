import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildAllDashboards } from '../../scripts/dashboards/allDashboards.ts';
import { listQueries } from '../support/dashboardQueries.ts';
import { runProgram, startServe } from './program.ts';
import { startPrometheus } from './prometheusServer.ts';

const HEADROOM = 1.5;
const SPAN_S = 15;

interface Advice {
  readonly kdamond: string;
  readonly target_id: string | null;
  readonly needed: readonly { readonly percentile: number; readonly bytes: number }[];
  readonly reclaimable: readonly { readonly median_bytes: number | null }[];
}

/** Queries of a panel, as Grafana sends them for one kdamond and the last seconds. */
function listPanelQueries(panel: string): string[] {
  const host = buildAllDashboards().find(({ uid }) => uid === 'damon-host')!;
  const queries = listQueries(host).filter((query) => query.panel === panel);
  expect(queries.length).toBeGreaterThan(0);
  return queries.map(({ expr }) =>
    expr
      .replaceAll('$__range', `${2 * SPAN_S}s`)
      .replaceAll('$headroom', String(HEADROOM))
      .replaceAll(/\$\w+/g, '.*'),
  );
}

function expectNear(found: number | undefined, expected: number | null | undefined, what: string) {
  expect(found! / expected!, `${what}: ${found} for ${expected}`).toBeGreaterThan(0.9);
  expect(found! / expected!, `${what}: ${found} for ${expected}`).toBeLessThan(1.1);
}

test('report sizing and the dashboard of a host give the same advice', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-sizing-'));
  const record = join(dir, 'damon.data');
  const exporter = await startServe(
    ...['--source', 'simulator', '--simulator.speed', '2'],
    ...['--record.path', record, '--metrics.cold-ages', '2s'],
  );
  const prometheus = await startPrometheus(`global: {scrape_interval: 200ms, scrape_timeout: 200ms}
scrape_configs:
  - job_name: damon
    static_configs: [{targets: ['${new URL(exporter.url).host}']}]
`);
  /** Values of a query by kdamond and target. */
  const ask = async (query: string): Promise<Map<string, number>> =>
    new Map(
      (await prometheus.query(query)).map(({ metric, value }) => [
        `${metric['kdamond']}/${metric['target']}`,
        Number(value[1]),
      ]),
    );
  try {
    const seen = `count_over_time(damon_wss_bytes{kdamond="0",target="0"}[1h]) > ${SPAN_S * 5}`;
    await prometheus.queryUntilFound(seen);
    const needed = await Promise.all(listPanelQueries('Memory needed, headroom included').map(ask));
    const [, medianCold] = await Promise.all(listPanelQueries('Reclaimable').map(ask));
    await exporter.stop();
    const { stdout } = runProgram(
      ...['report', 'sizing', '-i', record, '--exclude_samples', '0'],
      ...['--json', '--headroom', `${(HEADROOM - 1) * 100}%`, '--idle', '2s'],
    );
    const { targets } = JSON.parse(stdout) as { targets: readonly Advice[] };
    const single = targets.filter(({ target_id: id }) => id !== null);
    expect(single).toHaveLength(6);
    for (const { kdamond, target_id: id, needed: advised, reclaimable } of single) {
      const key = `${kdamond}/${id}`;
      const [p50, p95, , max] = advised.map(({ bytes }) => bytes);
      const asked = needed.map((values) => values.get(key));
      expectNear(asked[0], p50, `p50 of ${key}`);
      expectNear(asked[1], p95, `p95 of ${key}`);
      // Scrapes see one snapshot in four, so that the largest hundredth is left to chance.
      expect(asked[2], `p99 of ${key}`).toBeLessThanOrEqual(max!);
      expectNear(asked[3], max, `max of ${key}`);
      expectNear(medianCold?.get(key), reclaimable[0]?.median_bytes, `cold of ${key}`);
    }
  } finally {
    await prometheus.stop();
    await exporter.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
