import { describeError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import type { MetricsInput } from '../metrics/metricsInput.ts';
import { targetKeyOf } from './liveFrames.ts';
import type { LiveFrames, ViewRequest, WatchedView } from './liveFrames.ts';

export interface LiveHubOptions {
  readonly frames: LiveFrames;
  /** Told that somebody watches, so that collecting does not rest. */
  readonly noteDemand: () => void;
  readonly maxWatchers: number;
  /** Calls back about once a second until the returned function is called. */
  readonly startTimer: (tick: () => void) => () => void;
  readonly hostClock: Pick<Clock, 'monotonicNs'>;
  readonly logger: Logger;
}

/** Whom texts go to. */
export interface LiveClient {
  /** False: no more now, until `resume` is called. The text itself is taken in any case. */
  write(text: string): boolean;
  /** The stream is over. */
  end(): void;
}

export interface Watch {
  /** The client has room again. */
  resume(): void;
  /** The client is gone. */
  leave(): void;
}

/**
 * Tells any number of watchers what there is, as one computation for all of them; with nobody there
 * it does nothing. Whoever is slow gets fewer and larger frames, and delays nobody.
 */
export interface LiveHub {
  readonly nrWatchers: number;
  readonly maxWatchers: number;
  /** To be called with every snapshot. */
  take(snapshot: Snapshot): void;
  /**
   * What is the same for everybody, and each of these views. Undefined: there are too many watchers
   * already.
   */
  watch(requests: readonly ViewRequest[], client: LiveClient): Watch | undefined;
  /** Ends all streams. */
  stop(): void;
}

interface Watcher {
  readonly client: LiveClient;
  readonly views: readonly FollowedView[];
  /** Since when it takes nothing more. */
  fullSinceNs: bigint | undefined;
}

interface FollowedView {
  readonly request: ViewRequest;
  readonly view: WatchedView;
  /** The first column that the watcher does not have; undefined before its first frame. */
  cursor: number | undefined;
}

/** Who takes nothing for so long is gone without a word. */
const MAX_FULL_NS = 30_000_000_000n;

interface MadeText {
  readonly text: string;
  /** The first column that is not in it. */
  readonly next: number;
}

/** Texts of one moment, made when the first watcher needs them. */
class Moment {
  readonly #input: MetricsInput;
  /** For everybody. */
  readonly summary: string;
  readonly #made = new Map<WatchedView, Map<number | undefined, MadeText>>();

  constructor(frames: LiveFrames) {
    this.#input = frames.read();
    this.summary = frames.summaryText(this.#input);
  }

  /** For somebody who has the columns before the cursor. */
  textFor(view: WatchedView, cursor: number | undefined): MadeText {
    const ofView = this.#made.get(view) ?? new Map<number | undefined, MadeText>();
    this.#made.set(view, ofView);
    const made = ofView.get(cursor) ?? this.#make(view, cursor);
    ofView.set(cursor, made);
    return made;
  }

  #make(view: WatchedView, cursor: number | undefined): MadeText {
    const input = this.#input;
    const text = cursor === undefined ? view.openText(input) : view.textSince(cursor, input);
    return { text, next: view.next };
  }
}

/** Views are shared by those who ask for the same. */
class SharedViews {
  readonly #frames: Pick<LiveFrames, 'createView'>;
  readonly #views = new Map<string, { readonly view: WatchedView; nrUsers: number }>();

  constructor(frames: Pick<LiveFrames, 'createView'>) {
    this.#frames = frames;
  }

  add(snapshot: Snapshot): void {
    const key = targetKeyOf(snapshot);
    for (const { view } of this.#views.values()) if (view.target === key) view.add(snapshot);
  }

  join(request: ViewRequest): WatchedView {
    const key = formatRequest(request);
    const shared = this.#views.get(key) ?? { view: this.#frames.createView(request), nrUsers: 0 };
    shared.nrUsers += 1;
    this.#views.set(key, shared);
    return shared.view;
  }

  leave(request: ViewRequest): void {
    const key = formatRequest(request);
    const shared = this.#views.get(key);
    if (shared === undefined) return;
    shared.nrUsers -= 1;
    if (shared.nrUsers === 0) this.#views.delete(key);
  }
}

function formatRequest({ target, range }: ViewRequest): string {
  return JSON.stringify([target, range?.start, range?.end]);
}

export function createLiveHub(options: LiveHubOptions): LiveHub {
  const { frames, noteDemand, maxWatchers, startTimer, hostClock, logger } = options;
  const watchers = new Set<Watcher>();
  const views = new SharedViews(frames);
  let moment: Moment | undefined;
  let stopTimer: (() => void) | undefined;

  const send = (watcher: Watcher, now: Moment): void => {
    let text = now.summary;
    for (const followed of watcher.views) {
      const made = now.textFor(followed.view, followed.cursor);
      followed.cursor = made.next;
      text += made.text;
    }
    const hasRoom = watcher.client.write(text);
    if (!hasRoom) watcher.fullSinceNs = hostClock.monotonicNs();
  };

  const isGone = ({ fullSinceNs }: Watcher): boolean =>
    fullSinceNs !== undefined && hostClock.monotonicNs() - fullSinceNs > MAX_FULL_NS;

  const sendAll = (): void => {
    noteDemand();
    moment = new Moment(frames);
    for (const watcher of watchers) {
      if (watcher.fullSinceNs === undefined) {
        send(watcher, moment);
      } else if (isGone(watcher)) {
        watcher.client.end();
      }
    }
  };

  /** Nobody waits for what a timer throws. */
  const tick = (): void => {
    try {
      sendAll();
    } catch (error) {
      logger.error('live page: could not tell what there is', { error: describeError(error) });
    }
  };

  const leave = (watcher: Watcher): void => {
    if (!watchers.delete(watcher)) return;
    for (const { request } of watcher.views) views.leave(request);
    if (watchers.size > 0) return;
    stopTimer?.();
    stopTimer = undefined;
    moment = undefined;
  };

  return {
    maxWatchers,
    get nrWatchers() {
      return watchers.size;
    },
    take: (snapshot) => {
      if (watchers.size > 0) views.add(snapshot);
    },
    watch: (requests, client) => {
      if (watchers.size >= maxWatchers) return undefined;
      const followed = requests.map((request) => ({
        request,
        view: views.join(request),
        cursor: undefined,
      }));
      const watcher: Watcher = { client, views: followed, fullSinceNs: undefined };
      watchers.add(watcher);
      noteDemand();
      stopTimer ??= startTimer(tick);
      moment ??= new Moment(frames);
      send(watcher, moment);
      return {
        resume: () => {
          watcher.fullSinceNs = undefined;
        },
        leave: () => {
          leave(watcher);
        },
      };
    },
    stop: () => {
      for (const watcher of watchers) {
        leave(watcher);
        watcher.client.end();
      }
    },
  };
}
