import type { SummaryEvent } from '../live/liveEvents.ts';
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
  // Numbers that are not of now must not look so.
  document.body.classList.toggle(
    'old',
    state.connection.kind !== 'live' && state.held === undefined,
  );
  const { summary } = state;
  if (summary === undefined) return;
  const kernel = summary.kernelRelease === null ? '' : `Linux ${summary.kernelRelease} · `;
  setText(byId('machine'), `${kernel}damon-exporter ${summary.version}`);
}

/** Why there is nothing to look at, and what to do. */
type Emptiness = 'unmonitored' | 'unread' | 'awaited';

function findEmptiness({ kdamonds, collector }: SummaryEvent): Emptiness {
  if (!kdamonds.some(({ isRunning }) => isRunning)) return 'unmonitored';
  return collector.spoiledSnapshots > 0 ? 'unread' : 'awaited';
}

function makeCommand(command: string, what: string): HTMLElement {
  return make('li', {}, make('code', {}, command), ` – ${what}`);
}

function describeEmptiness(emptiness: Emptiness): readonly HTMLElement[] {
  if (emptiness === 'awaited') {
    return [
      make('h2', {}, 'Waiting for the first snapshot'),
      make('p', {}, 'DAMON runs here, and has not reported an aggregation yet.'),
    ];
  }
  if (emptiness === 'unread') {
    return [
      make('h2', {}, 'No snapshot comes whole'),
      make(
        'p',
        {},
        'DAMON reports more than the trace buffer holds: a part of each snapshot is lost. Start the exporter with',
      ),
      make('ul', {}, makeCommand('--trace.buffer-size 16M', 'or more, for each CPU')),
    ];
  }
  return [
    make('h2', {}, 'Nothing is monitored'),
    make('p', {}, 'No kdamond runs. As root, on the machine itself:'),
    make(
      'ul',
      {},
      makeCommand(
        'damon-exporter doctor',
        'says whether DAMON can be used here, and what to do if not',
      ),
      makeCommand('damon-exporter serve PID', 'starts a kdamond for a process'),
      makeCommand('damon-exporter serve paddr', 'starts one for all physical memory'),
      makeCommand(
        'echo Y > /sys/module/damon_stat/parameters/enabled',
        'lets the kernel monitor by itself (Linux 6.17 or later)',
      ),
    ),
    make('p', { class: 'quiet' }, 'This page goes on by itself when something is there.'),
  ];
}

/** What to do where there is nothing to look at. */
export function showEmpty({ summary, key }: PageState): void {
  const section = byId('empty');
  // A target that was looked at is still there to be read when it is gone.
  const isEmpty = summary !== undefined && key === undefined && listTargets(summary).length === 0;
  section.hidden = !isEmpty;
  for (const id of ['side', 'target']) byId(id).hidden = isEmpty || summary === undefined;
  if (!isEmpty) return;
  const emptiness = findEmptiness(summary);
  if (section.dataset['shown'] === emptiness) return;
  section.dataset['shown'] = emptiness;
  section.replaceChildren(...describeEmptiness(emptiness));
}
