import type { SummaryEvent, ViewEvent } from '../live/liveEvents.ts';
import { openConnection } from './connection.ts';
import { connectControls } from './controls.ts';
import { byId } from './dom.ts';
import { addToHistory, createHistory, forgetBefore } from './history.ts';
import {
  findWindow,
  formatPlace,
  formatStreamUrl,
  parsePlace,
  SPANS_SECONDS,
} from './pageState.ts';
import type { AddressZoom, PageState } from './pageState.ts';
import { drawPictures } from './pictures.ts';
import type { Drawn } from './pictures.ts';
import { watchPointing } from './pointing.ts';
import { keepPreferences, readPreferences } from './preferences.ts';
import { createRates } from './rates.ts';
import { readPoint } from './reading.ts';
import { showPanels } from './showPanels.ts';
import { showEmpty, showStatus } from './status.ts';
import { createTargetList } from './targetList.ts';
import { listTargets } from './targets.ts';

/** Of each target; the longest time that can be shown. */
const KEPT_MS = 1000 * Math.max(...SPANS_SECONDS);
/** Of targets that were looked at. */
const MAX_HISTORIES = 8;
/** Nobody looks at a page behind others: then it asks for nothing. */
const HIDDEN_MS = 30_000;
const DEFAULT_SPAN_SECONDS = 300;

const darkScheme = matchMedia('(prefers-color-scheme: dark)');

function createState(): PageState {
  const { theme, zone } = readPreferences();
  const place = parsePlace(location.hash);
  return {
    connection: { kind: 'connecting' },
    summary: undefined,
    key: place.key,
    detail: undefined,
    nrMissed: 0,
    histories: new Map(),
    zoom: place.key === undefined ? undefined : place.zoom,
    spanSeconds: place.spanSeconds ?? DEFAULT_SPAN_SECONDS,
    held: undefined,
    zone: zone ?? 'local',
    theme: theme ?? (darkScheme.matches ? 'dark' : 'light'),
  };
}

/** Draws once for all that happened since the last picture. */
function createPainter(paint: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      paint();
    });
  };
}

export function startLivePage(): void {
  const state = createState();
  const rates = createRates();
  let drawn: Drawn | undefined;
  let connection: { close(): void } | undefined;

  const targetList = createTargetList(byId('targetList'), (key) => {
    choose(key);
  });

  const paint = createPainter(() => {
    document.documentElement.dataset['theme'] = state.theme;
    showStatus(state);
    showEmpty(state);
    if (state.summary !== undefined) targetList.show(listTargets(state.summary), state.key);
    updateControls();
    drawn = drawPictures(state);
  });

  const takeSummary = (summary: SummaryEvent): void => {
    state.summary = summary;
    const targets = listTargets(summary);
    const [first] = targets;
    if (state.key === undefined && first !== undefined) choose(first.key);
    if (state.held === undefined) showPanels(state, targets, rates);
  };

  const takeView = (view: ViewEvent): void => {
    if (view.target !== state.key) return;
    state.detail = view.detail ?? undefined;
    state.nrMissed += view.nrMissed;
    const history = state.histories.get(view.target) ?? createHistory();
    state.histories.delete(view.target);
    state.histories.set(view.target, history);
    for (const oldest of state.histories.keys()) {
      if (state.histories.size <= MAX_HISTORIES) break;
      state.histories.delete(oldest);
    }
    addToHistory(history, view);
    forgetBefore(
      history,
      Math.min(findWindow(state).startMs, (state.summary?.wallMs ?? 0) - KEPT_MS),
    );
  };

  const takeEvent = (name: string, data: string): void => {
    if (name === 'summary') takeSummary(JSON.parse(data) as SummaryEvent);
    if (name === 'view') takeView(JSON.parse(data) as ViewEvent);
    paint();
  };

  const reconnect = (): void => {
    connection?.close();
    state.nrMissed = 0;
    history.replaceState(null, '', formatPlace(state));
    connection = openConnection({
      url: formatStreamUrl(state),
      onEvent: takeEvent,
      onState: (connectionState) => {
        state.connection = connectionState;
        paint();
      },
    });
  };

  const choose = (key: string): void => {
    if (key === state.key) return;
    state.key = key;
    state.detail = undefined;
    state.zoom = undefined;
    state.held = undefined;
    reconnect();
    paint();
  };

  const setZoom = (zoom: AddressZoom | undefined): void => {
    if (zoom?.start === state.zoom?.start && zoom?.end === state.zoom?.end) return;
    state.zoom = zoom;
    reconnect();
  };

  const keep = (): void => {
    keepPreferences({ theme: state.theme, zone: state.zone });
    paint();
  };

  const updateControls = connectControls(state, {
    pause: () => {
      state.held = state.held === undefined ? findWindow(state) : undefined;
      paint();
    },
    setSpan: (seconds) => {
      state.spanSeconds = seconds;
      if (state.held !== undefined) {
        state.held = { startMs: state.held.endMs - seconds * 1e3, endMs: state.held.endMs };
      }
      history.replaceState(null, '', formatPlace(state));
      paint();
    },
    reset: () => {
      state.held = undefined;
      setZoom(undefined);
      paint();
    },
    changeZone: () => {
      state.zone = state.zone === 'utc' ? 'local' : 'utc';
      keep();
    },
    changeTheme: () => {
      state.theme = state.theme === 'dark' ? 'light' : 'dark';
      keep();
    },
    moveTarget: (by) => {
      const keys =
        state.summary === undefined ? [] : listTargets(state.summary).map(({ key }) => key);
      const next = keys[(keys.indexOf(state.key ?? '') + by + keys.length) % keys.length];
      if (next !== undefined) choose(next);
    },
  });

  watchPointing({
    findDrawn: () => drawn,
    read: (picture, point) => readPoint(picture, point, state.zone),
    zoom: (time, addresses) => {
      if (time !== undefined) state.held = time;
      if (addresses !== undefined) setZoom(addresses);
      paint();
    },
  });

  darkScheme.addEventListener('change', () => {
    if (readPreferences().theme !== undefined) return;
    state.theme = darkScheme.matches ? 'dark' : 'light';
    paint();
  });
  addEventListener('resize', paint);
  let hiddenTimer = 0;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (!document.hidden) {
      if (connection === undefined) reconnect();
      return;
    }
    hiddenTimer = setTimeout(() => {
      connection?.close();
      connection = undefined;
    }, HIDDEN_MS);
  });
  reconnect();
}
