import { formatCount } from '../base/format.ts';
import { byId, fillFacts, fillTable, make, setText } from './dom.ts';
import { formatBytes, formatDuration } from './humanText.ts';
import type { PageState } from './pageState.ts';
import {
  listHealth,
  listProblems,
  listTiles,
  tabulateIdle,
  tabulateKdamonds,
  tabulatePercentiles,
  tabulateSchemes,
} from './panels.ts';
import type { Rates } from './rates.ts';
import type { NamedTarget } from './targets.ts';

function showTarget({ detail, key }: PageState, target: NamedTarget | undefined): void {
  const name = byId('targetName');
  byId('target').classList.toggle('gone', target === undefined);
  if (target === undefined || detail === undefined) {
    setText(name, key === undefined ? '–' : `${name.dataset['shown'] ?? key} is not monitored now`);
    return;
  }
  const space = target.isPhysical ? 'physical addresses' : 'virtual addresses';
  name.dataset['shown'] = target.name;
  setText(name, `${target.name} · ${target.place} · ${space}`);
  document.title = `${formatBytes(detail.wssBytes)} ${target.name} – damon-exporter`;
  fillFacts(byId('tiles'), listTiles(detail, target));
  fillTable(byId('percentiles'), tabulatePercentiles(detail));
  const window = formatDuration(detail.windowSeconds);
  setText(
    byId('percentilesNote'),
    `of ${formatCount(detail.nrWindowSnapshots)} snapshots in the last ${window}`,
  );
  fillTable(byId('idle'), tabulateIdle(detail));
  setText(
    byId('idleNote'),
    detail.idle === null ? 'The aggregation interval is not known: ages cannot be told.' : '',
  );
}

function showProblems(problems: readonly string[]): void {
  const list = byId('problems');
  const text = problems.join('\n');
  if (list.dataset['text'] === text) return;
  list.dataset['text'] = text;
  list.replaceChildren(...problems.map((problem) => make('li', {}, problem)));
}

/** Everything but the pictures. */
export function showPanels(state: PageState, targets: readonly NamedTarget[], rates: Rates): void {
  const { summary, key } = state;
  if (summary === undefined) return;
  showTarget(
    state,
    targets.find((target) => target.key === key),
  );
  byId('schemesCard').hidden = summary.schemes.length === 0;
  fillTable(byId('schemes'), tabulateSchemes(summary, rates));
  fillTable(byId('kdamonds'), tabulateKdamonds(summary, rates));
  byId('kdamonds').hidden = summary.kdamonds.length === 0;
  fillFacts(byId('health'), listHealth(summary, rates));
  showProblems(listProblems(summary));
}
