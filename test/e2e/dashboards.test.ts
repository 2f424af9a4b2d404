import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAllDashboards } from '../../scripts/dashboards/allDashboards.ts';
import { createFasterDurations } from '../../scripts/rules/rule.ts';
import { formatRuleFiles } from '../../scripts/rules/ruleFiles.ts';
import { listQueries, listVariableQueries } from '../support/dashboardQueries.ts';
import type { PanelQuery } from '../support/dashboardQueries.ts';
import { startOtlpReceiver } from '../support/otlpReceiver.ts';
import type { OtlpReceiver } from '../support/otlpReceiver.ts';
import { startServe, until } from './program.ts';
import type { RunningProgram } from './program.ts';
import { startPrometheus } from './prometheusServer.ts';
import type { PrometheusServer, PromResult } from './prometheusServer.ts';

/** Which host is looked at: with two kdamonds of an operator, or with nothing but DAMON_STAT. */
type Scene = 'operator' | 'damon_stat';

const ALL = '.*';
const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-dashboards-'));
const exporters = new Map<Scene, RunningProgram>();
let prometheus: PrometheusServer;
let collector: OtlpReceiver;

function startSimulator(...args: readonly string[]): Promise<RunningProgram> {
  return startServe('--source', 'simulator', '--simulator.speed', '5', ...args);
}

function hostOf({ url }: RunningProgram): string {
  return new URL(url).host;
}

beforeAll(async () => {
  collector = await startOtlpReceiver();
  const operator = await startSimulator(
    ...['--record.path', join(dir, 'damon.data')],
    ...['--otlp.endpoint', collector.url, '--otlp.interval', '1s'],
  );
  const damonStat = await startSimulator('--simulator.scene', 'damon_stat');
  // One that was there and is not any more, so that an alert fires.
  const gone = await startSimulator('--simulator.scene', 'idle');
  exporters.set('operator', operator).set('damon_stat', damonStat);
  prometheus = await startPrometheus(
    `global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 500ms}
rule_files: ['*.yaml']
scrape_configs:
  - job_name: damon
    static_configs:
      - {targets: ['${hostOf(operator)}'], labels: {cluster: one}}
      - {targets: ['${hostOf(damonStat)}', '${hostOf(gone)}']}
`,
    formatRuleFiles(createFasterDurations(60)),
  );
  await prometheus.queryUntilFound('count(damon_exporter_build_info) == 3');
  await gone.stop();
});

afterAll(async () => {
  await prometheus.stop();
  for (const exporter of exporters.values()) await exporter.stop();
  collector.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The expression as Grafana sends it with these values of the variables. */
function substitute(expr: string, variables: Readonly<Record<string, string>>): string {
  return expr.replace(/\$(\w+)/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`no value for the variable ${name} in: ${expr}`);
    return value;
  });
}

async function expectData(
  { refId, expr }: PanelQuery,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const sent = substitute(expr, {
    cluster: ALL,
    job: ALL,
    instance: ALL,
    kdamond: ALL,
    target: ALL,
    scheme: ALL,
    headroom: '1.2',
    __rate_interval: '10s',
    __range: '1m',
    ...variables,
  });
  const isData = ({ value }: PromResult): boolean => value[1] !== 'NaN';
  const data = await until(async () => {
    const result = await prometheus.query(sent);
    return result.some(isData) ? result : undefined;
  }, `query ${refId} returns data: ${sent}`);
  expect(data.every(isData)).toBe(true);
}

const dashboards = buildAllDashboards();

/** Panels of the host's dashboard that say nothing about it in a scene, and why. */
const EMPTY_ON_HOST: Readonly<Record<Scene, readonly { query: RegExp; reason: string }[]>> = {
  operator: [{ query: /^DAMON_STAT:/, reason: 'DAMON_STAT is off: it has nothing to tell' }],
  damon_stat: [
    { query: /: Regions B$/, reason: 'modules do not tell their bounds of regions' },
    { query: /: Intervals C$/, reason: 'modules do not tell their update interval' },
  ],
};

function isExpected(scene: Scene, { row, panel, refId }: PanelQuery): boolean {
  const name = `${row}: ${panel} ${refId}`;
  return !EMPTY_ON_HOST[scene].some(({ query }) => query.test(name));
}

function describeQuery(query: PanelQuery): [string, PanelQuery] {
  return [`${query.row}: ${query.panel} ${query.refId}`, query];
}

const hostQueries = dashboards.filter(({ uid }) => uid === 'damon-host').flatMap(listQueries);

describe.each([
  ['operator', '0'],
  ['operator', '1'],
  ['damon_stat', 'damon_stat'],
] as const)('damon-host, scene %s, kdamond %s', (scene, kdamond) => {
  const expected = hostQueries.filter((query) => isExpected(scene, query));
  test.each(expected.map(describeQuery))('%s returns data', async (_, query) => {
    await expectData(query, { instance: hostOf(exporters.get(scene)!), kdamond });
  });
});

const others = dashboards.filter(({ uid }) => uid !== 'damon-host');

describe.each(others.map((dashboard) => [dashboard.uid!, dashboard] as const))('%s', (_, board) => {
  test.each(listQueries(board).map(describeQuery))('%s returns data', async (_name, query) => {
    await expectData(query, {});
  });
});

test('every query of the host dashboard is expected to return data in some scene', () => {
  const never = hostQueries.filter(
    (query) => !isExpected('operator', query) && !isExpected('damon_stat', query),
  );
  expect(never).toEqual([]);
});

test.each(dashboards.map((dashboard) => [dashboard.uid!, dashboard] as const))(
  'the variables of %s offer something to choose',
  async (_, dashboard) => {
    const queries = listVariableQueries(dashboard);
    expect(queries.length).toBeGreaterThan(1);
    for (const query of queries) {
      const [, metric = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      const variables = { cluster: ALL, job: ALL, instance: ALL, kdamond: ALL };
      const values = await prometheus.query(
        `count by (${label}) (${substitute(metric, variables)})`,
      );
      expect(values.some(({ metric: labels }) => (labels[label] ?? '') !== '')).toBe(true);
    }
  },
);
