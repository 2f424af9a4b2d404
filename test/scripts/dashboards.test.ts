import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildAllDashboards, formatDashboards } from '../../scripts/dashboards/allDashboards.ts';
import { listPanels, listQueries, listVariableQueries } from '../support/dashboardQueries.ts';
import { listUnknown } from '../support/knownMetrics.ts';
import { listRunbookAnchors } from '../support/runbooks.ts';

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

test('the committed dashboards are what `npm run dashboards` writes', () => {
  const committed = Object.fromEntries(
    readdirSync('dashboards').map((name) => [name, readFileSync(`dashboards/${name}`, 'utf8')]),
  );
  expect(committed).toEqual(formatDashboards());
});

test('addresses of dashboards stay as people have kept them', () => {
  expect(buildAllDashboards().map(({ uid, title }) => [uid, title])).toEqual([
    ['damon-fleet', 'DAMON / Fleet'],
    ['damon-host', 'DAMON / Host'],
    ['damon-schemes', 'DAMON / Schemes'],
    ['damon-exporter', 'DAMON / Exporter'],
  ]);
});

describe.each(buildAllDashboards().map((board) => [board.uid!, board] as const))(
  '%s',
  (_, board) => {
    const panels = listPanels(board).map(({ panel }) => panel);

    test('every panel says what it shows, in which unit, from the chosen data source', () => {
      for (const { title, description, fieldConfig, datasource } of panels) {
        expect(description, title).toMatch(/^[A-Z0-9].{20,}\.$/);
        expect(fieldConfig?.defaults.unit, title).toMatch(/^\w+$/);
        expect(datasource, title).toEqual(DATASOURCE);
      }
    });

    test('no title is used twice, and panels are numbered', () => {
      const titles = panels.map(({ title }) => title);
      expect(new Set(titles).size).toBe(titles.length);
      const ids = [...(board.panels ?? []), ...panels].map(({ id }) => id);
      expect(ids.every((id) => Number.isInteger(id))).toBe(true);
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    });

    test('no panel covers another or leaves the grid', () => {
      const taken = new Map<string, string>();
      for (const { row, panel } of listPanels(board)) {
        const { x, y, w, h } = panel.gridPos!;
        expect(x + w, panel.title).toBeLessThanOrEqual(24);
        for (let cell = 0; cell < w * h; cell += 1) {
          // Folded rows lie upon each other until they are opened.
          const place = `${row} ${x + (cell % w)} ${y + Math.floor(cell / w)}`;
          expect(taken.get(place), panel.title).toBeUndefined();
          taken.set(place, panel.title ?? '');
        }
      }
    });

    test('queries ask for series and labels that the exporter exposes', () => {
      const exprs = [...listQueries(board).map(({ expr }) => expr), ...listVariableQueries(board)];
      expect(exprs.flatMap(listUnknown)).toEqual([]);
    });

    test('queries of a panel are told apart, and restricted to the chosen hosts', () => {
      const queries = listQueries(board);
      expect(queries.filter(({ expr }) => !expr.includes('instance=~"$instance"'))).toEqual([]);
      const names = queries.map(({ panel, refId }) => `${panel} ${refId}`);
      expect(new Set(names).size).toBe(names.length);
    });

    test('heatmaps get cumulative buckets', () => {
      const heatmaps = panels.filter(({ type }) => type === 'heatmap');
      for (const { title, targets, options } of heatmaps) {
        expect(targets, title).toEqual([expect.objectContaining({ format: 'heatmap' })]);
        expect(targets![0], title).toHaveProperty(
          'expr',
          expect.stringMatching(/^sum by \(le\) \(\s*rate\(\w+_bucket\{.*\[\$__rate_interval\]\)/),
        );
        expect(options, title).toMatchObject({ calculate: false });
      }
    });

    test('the heat by address is that of one layout at a time', () => {
      const exprs = listQueries(board).map(({ expr }) => expr);
      const heats = exprs.filter((expr) => expr.includes('damon_address_heat_bucket'));
      expect(heats).toHaveLength(board.uid === 'damon-host' ? 1 : 0);
      for (const heat of heats) expect(heat).toMatch(/and on \([^)]*\blayout\)\s+\S+ @ end\(\)/);
    });

    test('links lead to every other dashboard, and to the runbooks', () => {
      const links = board.links ?? [];
      const uids = links.flatMap(({ url }) => /^\/d\/([\w-]+)\?/.exec(url ?? '')?.[1] ?? []);
      const others = buildAllDashboards().flatMap(({ uid }) => (uid === board.uid ? [] : [uid]));
      expect(uids).toEqual(others);
      expect(links.at(-1)).toMatchObject({ title: 'Runbooks' });
      const variables = board.templating.list?.map(({ name }) => name);
      const used = links.flatMap(({ url }) => [...(url ?? '').matchAll(/\$\{(\w+):/g)]);
      expect(used.filter(([, name]) => !variables?.includes(name ?? ''))).toEqual([]);
    });

    test('links to runbooks lead to a section', () => {
      const urls = panels.flatMap(({ links }) => links ?? []).map(({ url }) => url!);
      expect(urls.length).toBeGreaterThan(0);
      const anchors = listRunbookAnchors();
      expect(urls.filter((url) => !anchors.includes(url.split('#')[1] ?? ''))).toEqual([]);
    });
  },
);
