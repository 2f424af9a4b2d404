import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAllDashboards } from '../../scripts/dashboards/allDashboards.ts';
import { listQueries, listVariableQueries } from '../support/dashboardQueries.ts';
import type { PanelQuery } from '../support/dashboardQueries.ts';
import { startSimulatedFleet } from './simulatedFleet.ts';
import type { Scene, SimulatedFleet } from './simulatedFleet.ts';

const ALL = '.*';
let fleet: SimulatedFleet;

beforeAll(async () => {
  fleet = await startSimulatedFleet();
});

afterAll(async () => {
  await fleet.stop();
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
  { expr }: PanelQuery,
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
  await fleet.expectData(sent);
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
    await expectData(query, { instance: fleet.hosts[scene], kdamond });
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
      const values = await fleet.prometheus.query(
        `count by (${label}) (${substitute(metric, variables)})`,
      );
      expect(values.some(({ metric: labels }) => (labels[label] ?? '') !== '')).toBe(true);
    }
  },
);
