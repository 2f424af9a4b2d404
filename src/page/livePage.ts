import type { SummaryEvent, ViewEvent, ZoomEvent } from '../live/liveEvents.ts';
import { openConnection } from './connection.ts';
import { connectControls } from './controls.ts';
import type { Actions } from './controls.ts';
import { byId } from './dom.ts';
import { addToHeat, addToHistory, createHistory, forgetBefore } from './history.ts';
import type { HeatHistory, TargetHistory } from './history.ts';
import {
  findWindow,
  formatPlace,
  formatStreamUrl,
  formatZoom,
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
    closer: place.key === undefined || place.zoom === undefined ? undefined : createHistory(),
    spanSeconds: place.spanSeconds ?? DEFAULT_SPAN_SECONDS,
    held: undefined,
    zone: zone ?? 'local',
    theme: theme ?? (darkScheme.matches ? 'dark' : 'light'),
  };
}

/** Follows the stream and draws what it tells, until the browser leaves the page. */
export class LivePage {
  readonly #state = createState();
  readonly #rates = createRates();
  readonly #targetList = createTargetList(byId('targetList'), (key) => {
    this.#choose(key);
  });
  readonly #updateControls = connectControls(this.#state, this.#createActions());
  readonly #pointing = watchPointing({
    findDrawn: () => this.#drawn,
    read: (drawn, point) => readPoint(drawn, point, this.#state.zone),
    zoom: (time, addresses) => {
      if (time !== undefined) this.#state.held = time;
      if (addresses !== undefined) this.#setZoom(addresses);
      this.#paintSoon();
    },
  });
  #drawn: Drawn | undefined;
  #connection: { close(): void } | undefined;
  #isPaintDue = false;
  /** Numbers came that are not shown yet. */
  #areNumbersDue = false;

  start(): void {
    darkScheme.addEventListener('change', () => {
      if (readPreferences().theme !== undefined) return;
      this.#state.theme = darkScheme.matches ? 'dark' : 'light';
      this.#paintSoon();
    });
    addEventListener('resize', () => {
      this.#paintSoon();
    });
    this.#restWhileHidden();
    this.#reconnect();
  }

  #createActions(): Actions {
    return {
      pause: () => {
        this.#state.held = this.#state.held === undefined ? findWindow(this.#state) : undefined;
        this.#areNumbersDue = true;
        this.#paintSoon();
      },
      setSpan: (seconds) => {
        this.#setSpan(seconds);
      },
      reset: () => {
        this.#state.held = undefined;
        this.#setZoom(undefined);
        this.#paintSoon();
      },
      changeZone: () => {
        this.#state.zone = this.#state.zone === 'utc' ? 'local' : 'utc';
        this.#keepPreferences();
      },
      changeTheme: () => {
        this.#state.theme = this.#state.theme === 'dark' ? 'light' : 'dark';
        this.#keepPreferences();
      },
      moveTarget: (by) => {
        this.#moveTarget(by);
      },
    };
  }

  #setSpan(seconds: number): void {
    const state = this.#state;
    state.spanSeconds = seconds;
    if (state.held !== undefined) {
      const { endMs } = state.held;
      state.held = { startMs: endMs - seconds * 1e3, endMs };
    }
    this.#rememberPlace();
    this.#paintSoon();
  }

  #moveTarget(by: 1 | -1): void {
    const { summary, key = '' } = this.#state;
    const keys = summary === undefined ? [] : listTargets(summary).map((target) => target.key);
    const next = keys[(keys.indexOf(key) + by + keys.length) % keys.length];
    if (next !== undefined) this.#choose(next);
  }

  #choose(key: string): void {
    const state = this.#state;
    if (key === state.key) return;
    state.key = key;
    state.detail = undefined;
    state.zoom = undefined;
    state.closer = undefined;
    state.held = undefined;
    this.#reconnect();
    this.#paintSoon();
  }

  #setZoom(zoom: AddressZoom | undefined): void {
    const { zoom: last } = this.#state;
    if (zoom?.start === last?.start && zoom?.end === last?.end) return;
    this.#state.zoom = zoom;
    this.#state.closer = zoom === undefined ? undefined : createHistory();
    this.#reconnect();
  }

  #keepPreferences(): void {
    keepPreferences({ theme: this.#state.theme, zone: this.#state.zone });
    this.#paintSoon();
  }

  #rememberPlace(): void {
    history.replaceState(null, '', formatPlace(this.#state));
  }

  #reconnect(): void {
    this.#connection?.close();
    this.#state.nrMissed = 0;
    this.#rememberPlace();
    this.#connection = openConnection({
      url: formatStreamUrl(this.#state),
      onEvent: (name, data) => {
        if (name === 'summary') this.#takeSummary(JSON.parse(data) as SummaryEvent);
        if (name === 'view') this.#takeView(JSON.parse(data) as ViewEvent);
        if (name === 'zoom') this.#takeZoom(JSON.parse(data) as ZoomEvent);
        this.#areNumbersDue = true;
        this.#paintSoon();
      },
      onState: (connection) => {
        this.#state.connection = connection;
        this.#paintSoon();
      },
    });
  }

  #takeSummary(summary: SummaryEvent): void {
    this.#state.summary = summary;
    const [first] = listTargets(summary);
    if (this.#state.key === undefined && first !== undefined) this.#choose(first.key);
  }

  #takeView(view: ViewEvent): void {
    const state = this.#state;
    if (view.target !== state.key) return;
    state.detail = view.detail ?? undefined;
    state.nrMissed += view.nrMissed;
    const known = this.#findHistory(view.target);
    addToHistory(known, view);
    this.#forgetOld(known);
  }

  #takeZoom(event: ZoomEvent): void {
    const { key, zoom, closer } = this.#state;
    if (closer === undefined || zoom === undefined) return;
    if (event.target !== key || event.range !== formatZoom(zoom)) return;
    addToHeat(closer, event);
    this.#forgetOld(closer);
  }

  #forgetOld(history: HeatHistory): void {
    const nowMs = this.#state.summary?.wallMs ?? 0;
    forgetBefore(history, Math.min(findWindow(this.#state).startMs, nowMs - KEPT_MS));
  }

  #findHistory(key: string): TargetHistory {
    const { histories } = this.#state;
    const known = histories.get(key) ?? createHistory();
    // Set anew, so that the first key is that of the one looked at least recently.
    histories.delete(key);
    histories.set(key, known);
    for (const oldest of histories.keys()) {
      if (histories.size <= MAX_HISTORIES) break;
      histories.delete(oldest);
    }
    return known;
  }

  #restWhileHidden(): void {
    let timer = 0;
    document.addEventListener('visibilitychange', () => {
      clearTimeout(timer);
      if (!document.hidden) {
        if (this.#connection === undefined) this.#reconnect();
        return;
      }
      timer = setTimeout(() => {
        this.#connection?.close();
        this.#connection = undefined;
      }, HIDDEN_MS);
    });
  }

  /** Once for all that happens before the next picture. */
  #paintSoon(): void {
    if (this.#isPaintDue) return;
    this.#isPaintDue = true;
    requestAnimationFrame(() => {
      this.#isPaintDue = false;
      this.#paint();
    });
  }

  #paint(): void {
    const state = this.#state;
    document.documentElement.dataset['theme'] = state.theme;
    showStatus(state);
    showEmpty(state);
    this.#updateControls();
    // What stands still is to be read at leisure: numbers stand still, too.
    if (this.#areNumbersDue && state.held === undefined && state.summary !== undefined) {
      this.#areNumbersDue = false;
      const targets = listTargets(state.summary);
      this.#targetList.show(targets, state.key);
      showPanels(state, targets, this.#rates);
    }
    this.#drawn = drawPictures(state);
    this.#pointing.refresh();
  }
}
