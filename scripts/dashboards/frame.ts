import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  CustomVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, DashboardLink, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import { readRunbooksUrl } from '../rules/runbooks.ts';
import type { PanelBuilder } from './panels.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly PanelBuilder[];
  /** Folded at first; folded panels ask for nothing. */
  readonly isCollapsed?: boolean;
}

export interface Frame {
  /** Also the name of the file. It is in links people keep: never changes. */
  readonly uid: keyof typeof TITLES;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly rows: readonly Row[];
}

/** What links between them lead to; `host` shows one host, the others show several. */
const TITLES = {
  'damon-fleet': 'Fleet',
  'damon-host': 'Host',
  'damon-schemes': 'Schemes',
  'damon-exporter': 'Exporter',
};

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

export interface LabelVariable {
  readonly name: 'cluster' | 'job' | 'instance' | 'kdamond' | 'target' | 'scheme';
  readonly label: string;
  /** The metric whose label gives the choices, with a selector. */
  readonly metric: string;
  /** One value at a time, and none for all. */
  readonly isSingle?: boolean;
}

/** Lets one choose among the values of a label. */
export function labelVariable({
  name,
  label,
  metric,
  isSingle = false,
}: LabelVariable): Builder<VariableModel> {
  const query = `label_values(${metric}, ${name})`;
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(!isSingle)
    .includeAll(!isSingle);
  // An empty label, like `cluster` where there are no clusters, matches this too.
  if (!isSingle) variable.allValue('.*').current({ text: ['All'], value: ['$__all'] });
  return variable;
}

/** Which Prometheus, cluster and job; every dashboard begins with these. */
export function commonVariables(): readonly Builder<VariableModel>[] {
  const metric = 'damon_exporter_build_info';
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    labelVariable({ name: 'cluster', label: 'Cluster', metric }),
    labelVariable({ name: 'job', label: 'Job', metric: `${metric}{cluster=~"$cluster"}` }),
  ];
}

/** One host, or some of them. */
export function hostVariable(isSingle: boolean): Builder<VariableModel> {
  const metric = 'damon_exporter_build_info{cluster=~"$cluster",job=~"$job"}';
  return labelVariable({ name: 'instance', label: 'Host', metric, isSingle });
}

/** Factor by which advice exceeds what was measured. */
export function headroomVariable(): Builder<VariableModel> {
  const choices = ['1', '1.1', '1.2', '1.5', '2'];
  return new CustomVariableBuilder('headroom')
    .label('Headroom')
    .description('Factor between the working set and the memory that the row Right-sizing advises.')
    .values(choices.join(','))
    .options(choices.map((text) => ({ text, value: text, selected: text === '1.2' })))
    .current({ text: '1.2', value: '1.2' });
}

function addRow(builder: DashboardBuilder, { title, panels, isCollapsed = false }: Row): void {
  const row = new RowBuilder(title).collapsed(isCollapsed);
  if (isCollapsed) {
    for (const panel of panels) row.withPanel(panel);
    builder.withRow(row);
    return;
  }
  builder.withRow(row);
  for (const panel of panels) builder.withPanel(panel);
}

/** Links in sight: the library would put them into a menu. */
function showLinks(links: readonly DashboardLink[] = []): DashboardLink[] {
  return links.map(({ placement: _placement, ...link }) => link);
}

function finishDashboard(dashboard: Dashboard): Dashboard {
  let id = 0;
  for (const panel of dashboard.panels ?? []) {
    panel.id = ++id;
    const isRow = 'panels' in panel;
    for (const folded of isRow ? panel.panels : []) folded.id = ++id;
    for (const linked of isRow ? panel.panels : [panel]) linked.links = showLinks(linked.links);
  }
  return { ...dashboard, links: showLinks(dashboard.links) };
}

/**
 * Links to the others with what is chosen here. One host is handed on; several cannot be, to the one
 * that shows one, and everything is the point of the fleet.
 */
function otherDashboards(uid: Frame['uid']): DashboardLinkBuilder[] {
  return Object.entries(TITLES)
    .filter(([other]) => other !== uid)
    .map(([other, title]) => {
      const kept = ['datasource', 'cluster', 'job'];
      if (uid === 'damon-host' && other !== 'damon-fleet') kept.push('instance');
      const query = kept.map((name) => `\${${name}:queryparam}`).join('&');
      return new DashboardLinkBuilder(title)
        .type(DashboardLinkType.Link)
        .url(`/d/${other}?${query}`)
        .icon('dashboard')
        .keepTime(true);
    });
}

function runbooksLink(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Runbooks')
    .type(DashboardLinkType.Link)
    .url(readRunbooksUrl())
    .icon('doc')
    .tooltip('What each alert means and what to do')
    .targetBlank(true);
}

/** A dashboard with what they all share. */
export function buildDashboard(frame: Frame): Dashboard {
  const builder = new DashboardBuilder(frame.title)
    .uid(frame.uid)
    .description(frame.description)
    .tags(['damon'])
    .timezone('browser')
    .time({ from: 'now-3h', to: 'now' })
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...frame.variables])
    .links([...otherDashboards(frame.uid), runbooksLink()]);
  for (const row of frame.rows) addRow(builder, row);
  return finishDashboard(builder.build());
}
