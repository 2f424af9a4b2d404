import { byId, make, setText } from './dom.ts';
import { formatClock } from './clockText.ts';
import { formatDuration } from './humanText.ts';
import type { PageState } from './pageState.ts';
import { listTargets } from './targets.ts';

interface Status {
  readonly state: 'live' | 'waiting' | 'broken' | 'held';
  readonly text: string;
}

/** How many seconds old a snapshot may be before the page says so, beyond its own interval. */
const OLD_SECONDS = 10;

function describeData({ summary, nrMissed }: PageState): Status {
  if (summary === undefined) return { state: 'waiting', text: 'waiting for the first observation' };
  if (summary.collector.isIdle) return { state: 'waiting', text: 'waking up' };
  if (summary.source.active === null) return { state: 'broken', text: 'no source is usable' };
  const targets = listTargets(summary);
  if (targets.length === 0) return { state: 'waiting', text: 'nothing is monitored' };
  const ages = targets.map(({ target }) => target.ageSeconds - (target.aggrIntervalUs ?? 0) / 1e6);
  const youngest = Math.min(...ages);
  if (youngest > OLD_SECONDS) {
    return { state: 'waiting', text: `no snapshot for ${formatDuration(youngest)}` };
  }
  const missed = nrMissed === 0 ? '' : `, slow connection: ${nrMissed} columns missed`;
  return { state: 'live', text: `live, source ${summary.source.active}${missed}` };
}

function describeStatus(state: PageState): Status {
  const { connection, held, zone } = state;
  if (connection.kind === 'lost') {
    const retry = formatDuration(connection.retryMs / 1e3);
    return { state: 'broken', text: `${connection.reason}; trying again in ${retry}` };
  }
  if (connection.kind === 'connecting' && state.summary === undefined) {
    return { state: 'waiting', text: 'connecting …' };
  }
  if (connection.kind === 'connecting') return { state: 'broken', text: 'connecting again …' };
  if (held !== undefined) {
    return { state: 'held', text: `paused at ${formatClock(held.endMs, zone)}` };
  }
  return describeData(state);
}

export function showStatus(state: PageState): void {
  const status = describeStatus(state);
  const element = byId('status');
  element.dataset['state'] = status.state;
  setText(element, status.text);
  const { summary } = state;
  if (summary === undefined) return;
  const kernel = summary.kernelRelease === null ? '' : `Linux ${summary.kernelRelease} · `;
  setText(byId('machine'), `${kernel}damon-exporter ${summary.version}`);
}

/** What to do where nothing is monitored. */
export function showEmpty({ summary }: PageState): void {
  const section = byId('empty');
  const isEmpty = summary !== undefined && listTargets(summary).length === 0;
  section.hidden = !isEmpty;
  for (const id of ['targets', 'target', 'percentilesCard', 'idleCard']) byId(id).hidden = isEmpty;
  if (!isEmpty || section.childElementCount > 0) return;
  const command = (text: string, what: string): HTMLElement =>
    make('li', {}, make('code', {}, text), ` – ${what}`);
  section.append(
    make('h2', {}, 'Nothing is monitored'),
    make('p', {}, 'No kdamond reports any target. As root, on the machine itself:'),
    make(
      'ul',
      {},
      command(
        'damon-exporter doctor',
        'says whether DAMON can be used here, and what to do if not',
      ),
      command('damon-exporter serve PID', 'starts a kdamond for a process'),
      command('damon-exporter serve paddr', 'starts one for all physical memory'),
      command(
        'echo Y > /sys/module/damon_stat/parameters/enabled',
        'lets the kernel monitor by itself (Linux 6.17 or later)',
      ),
    ),
    make('p', { class: 'quiet' }, 'This page goes on by itself when something is there.'),
  );
}
