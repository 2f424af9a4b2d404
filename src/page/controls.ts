import { byId, make, setText } from './dom.ts';
import { formatDuration } from './humanText.ts';
import { SPANS_SECONDS } from './pageState.ts';
import type { PageState } from './pageState.ts';

/** What buttons and keys do. */
export interface Actions {
  readonly pause: () => void;
  readonly setSpan: (seconds: number) => void;
  readonly reset: () => void;
  readonly changeZone: () => void;
  readonly changeTheme: () => void;
  /** The next one, or with -1 the one before. */
  readonly moveTarget: (by: 1 | -1) => void;
}

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['Space', 'pause, and go on'],
  ['− and +', 'more time, less time'],
  ['j and k', 'next target, previous target'],
  ['Escape', 'whole address range, up to now'],
  ['u', 'times in UTC, or of this computer'],
  ['t', 'light, dark'],
  ['arrows', 'read the heatmap cell by cell, when it has the focus (Shift: further)'],
  ['Enter', 'look closer at the addresses around that cell'],
  ['mouse', 'mark a part of the heatmap to look at it closer'],
];

function createHelp(): () => void {
  const dialog = byId('keys');
  const close = make('button', { type: 'button' }, 'Close');
  const rows = KEYS.map(([keys, what]) =>
    make('tr', {}, make('th', { scope: 'row' }, keys), make('td', {}, what)),
  );
  dialog.append(
    make('h2', { id: 'keysTitle' }, 'Keyboard'),
    make('table', {}, make('tbody', {}, ...rows)),
    close,
  );
  if (!(dialog instanceof HTMLDialogElement)) return () => undefined;
  close.addEventListener('click', () => {
    dialog.close();
  });
  return () => {
    dialog.showModal();
  };
}

function neighborSpan(seconds: number, by: 1 | -1): number {
  const spans: readonly number[] = SPANS_SECONDS;
  return spans[spans.indexOf(seconds) + by] ?? seconds;
}

function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLSelectElement || target instanceof HTMLDialogElement;
}

/** Connects buttons and keys; returns what brings the buttons up to date. */
export function connectControls(state: PageState, actions: Actions): () => void {
  const spanButtons = SPANS_SECONDS.map((seconds) => {
    const button = make('button', { type: 'button' }, formatDuration(seconds));
    button.addEventListener('click', () => {
      actions.setSpan(seconds);
    });
    return { seconds, button };
  });
  byId('spans').append(...spanButtons.map(({ button }) => button));
  const help = createHelp();
  const clicks: Readonly<Record<string, () => void>> = {
    pause: actions.pause,
    whole: actions.reset,
    zone: actions.changeZone,
    theme: actions.changeTheme,
    help,
  };
  for (const [id, act] of Object.entries(clicks)) byId(id).addEventListener('click', act);

  const changeSpan = (by: 1 | -1): void => {
    actions.setSpan(neighborSpan(state.spanSeconds, by));
  };
  const keys: Readonly<Record<string, () => void>> = {
    ' ': actions.pause,
    '+': () => {
      changeSpan(-1);
    },
    '-': () => {
      changeSpan(1);
    },
    j: () => {
      actions.moveTarget(1);
    },
    k: () => {
      actions.moveTarget(-1);
    },
    Escape: actions.reset,
    u: actions.changeZone,
    t: actions.changeTheme,
    '?': help,
  };
  document.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    const isOnButton = event.key === ' ' && event.target instanceof HTMLButtonElement;
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event) || isOnButton) return;
    event.preventDefault();
    act();
  });

  return () => {
    const pause = byId('pause');
    setText(pause, state.held === undefined ? 'Pause' : 'Resume');
    pause.setAttribute('aria-pressed', String(state.held !== undefined));
    byId('whole').toggleAttribute('disabled', state.zoom === undefined && state.held === undefined);
    setText(byId('zone'), state.zone === 'utc' ? 'Local time' : 'UTC');
    setText(byId('theme'), state.theme === 'dark' ? 'Light' : 'Dark');
    for (const { seconds, button } of spanButtons) {
      button.setAttribute('aria-pressed', String(seconds === state.spanSeconds));
    }
  };
}
