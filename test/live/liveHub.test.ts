import { beforeEach, describe, expect, test } from 'vitest';
import type { SummaryEvent, ViewEvent, ZoomEvent } from '../../src/live/liveEvents.ts';
import { createLiveHub } from '../../src/live/liveHub.ts';
import type { LiveHub } from '../../src/live/liveHub.ts';
import type { ViewRequest } from '../../src/live/liveFrames.ts';
import { makeFrames, parseEvents } from '../support/liveFrames.ts';
import { createMemoryLogger } from '../support/memoryLogger.ts';
import { FULL_OBSERVATION, makeMetrics } from '../support/metricsFixture.ts';
import { makeSnapshot, MIB } from '../support/observations.ts';

const VIEW: ViewRequest = { target: '0/0/0', range: undefined };

let nrReads: number;
let nrDemands: number;
let nowNs: bigint;
let observe: () => typeof FULL_OBSERVATION;
let tick: (() => void) | undefined;
let hub: LiveHub;
let logger: ReturnType<typeof createMemoryLogger>;

beforeEach(() => {
  nrReads = 0;
  nrDemands = 0;
  nowNs = 0n;
  tick = undefined;
  observe = () => FULL_OBSERVATION;
  logger = createMemoryLogger();
  const frames = makeFrames(makeMetrics(), () => {
    nrReads += 1;
    return observe();
  });
  hub = createLiveHub({
    frames,
    noteDemand: () => {
      nrDemands += 1;
    },
    maxWatchers: 3,
    startTimer: (callBack) => {
      tick = callBack;
      return () => {
        tick = undefined;
      };
    },
    hostClock: { monotonicNs: () => nowNs },
    logger,
  });
});

/** A browser that takes everything, unless told otherwise. */
class Browser {
  readonly texts: string[] = [];
  hasRoom = true;
  isEnded = false;
  readonly #watch;

  constructor(...requests: readonly ViewRequest[]) {
    this.#watch = hub.watch(requests.length === 0 ? [VIEW] : requests, {
      write: (text) => {
        this.texts.push(text);
        return this.hasRoom;
      },
      end: () => {
        this.isEnded = true;
      },
    });
  }

  get isRefused(): boolean {
    return this.#watch === undefined;
  }

  resume(): void {
    this.hasRoom = true;
    this.#watch?.resume();
  }

  leave(): void {
    this.#watch?.leave();
  }

  /** End times of all columns it was told, in order. */
  columnEnds(): number[] {
    return this.views().flatMap(({ columns }) => columns.map(([, , endMs]) => endMs));
  }

  views(): ViewEvent[] {
    return parseEvents(this.texts.join(''))
      .filter(({ name }) => name === 'view')
      .map(({ data }) => data as ViewEvent);
  }
}

/** Snapshots of the watched target, 100 ms each, the first one at 20 s after boot. */
function feed(first: number, count: number): void {
  for (let index = first; index < first + count; index += 1) {
    const startNs = 20_000_000_000n + BigInt(index) * 100_000_000n;
    hub.take(makeSnapshot([[0n, 16n * MIB, 5, 1]], { startNs, endNs: startNs + 100_000_000n }));
  }
}

describe('nobody watches', () => {
  test('snapshots cost nothing, nothing is read, no timer runs', () => {
    feed(0, 100);
    expect([nrReads, nrDemands, tick]).toEqual([0, 0, undefined]);
  });

  test('it is so again when the last one has left', () => {
    const [first, second] = [new Browser(), new Browser()];
    first.leave();
    expect(tick).toBeDefined();
    second.leave();
    second.leave();
    expect([hub.nrWatchers, tick]).toEqual([0, undefined]);
  });
});

describe('somebody watches', () => {
  test('is told at once, before the first tick', () => {
    const events = parseEvents(new Browser().texts.join(''));
    expect(events.map(({ name }) => name)).toEqual(['summary', 'view']);
    const [summary, view] = events.map(({ data }) => data) as [SummaryEvent, ViewEvent];
    expect(summary).toMatchObject({ version: '1.2.3', wallMs: 1_800_000_010_500 });
    expect(view).toMatchObject({ target: '0/0/0', detail: { wssBytes: 8_388_608, regions: 3 } });
  });

  test('keeps the collecting awake', () => {
    new Browser();
    tick?.();
    tick?.();
    expect(nrDemands).toBe(3);
  });

  test('what all are told is made once', () => {
    const browsers = [new Browser(), new Browser(), new Browser()];
    expect(nrReads).toBe(1);
    feed(0, 10);
    tick?.();
    expect(nrReads).toBe(2);
    const [first, second, third] = browsers.map(({ texts }) => texts.at(-1));
    expect(second).toBe(first);
    expect(third).toBe(first);
  });

  test('without a target only hears what is the same for everybody', () => {
    const texts: string[] = [];
    hub.watch([], { write: (text) => texts.push(text) > 0, end: () => undefined });
    tick?.();
    const names = parseEvents(texts.join('')).map(({ name }) => name);
    expect(names).toEqual(['summary', 'summary']);
  });

  test('a target that is not there hears that', () => {
    const { texts } = new Browser({ target: 'absent/0/0', range: undefined });
    expect(parseEvents(texts.join(''))[1]?.data).toMatchObject({ detail: null, columns: [] });
  });

  test('before anything was read hears that it has to wait', () => {
    observe = () => undefined as never;
    expect(parseEvents(new Browser().texts.join(''))[0]).toEqual({ name: 'waiting', data: {} });
  });

  test('one too many is refused, and let in when another left', () => {
    const [first] = [new Browser(), new Browser(), new Browser()] as const;
    expect(new Browser().isRefused).toBe(true);
    first.leave();
    expect(new Browser().isRefused).toBe(false);
  });

  test('gets each column once, whoever came before', () => {
    const first = new Browser();
    feed(0, 10);
    tick?.();
    const second = new Browser();
    feed(10, 5);
    tick?.();
    expect(first.columnEnds()).toHaveLength(15);
    expect(new Set(first.columnEnds()).size).toBe(15);
    // What others were told already is still known: a second look has a past.
    expect(second.columnEnds()).toEqual(first.columnEnds());
  });

  test('who looks closer hears of the whole and of the part', () => {
    const browser = new Browser(VIEW, { target: '0/0/0', range: { start: 0, end: 65_536 } });
    feed(0, 3);
    tick?.();
    const events = parseEvents(browser.texts.join(''));
    expect(events.map(({ name }) => name)).toEqual([
      'summary',
      'view',
      'zoom',
      'summary',
      'view',
      'zoom',
    ]);
    expect(events[5]?.data).toMatchObject({
      range: '0-10000',
      layouts: [{ id: 1, ranges: [['0', '10000', 16]] }],
    });
    expect((events[5]?.data as ZoomEvent).columns).toHaveLength(3);
    expect((events[4]?.data as ViewEvent).columns).toHaveLength(3);
  });

  test('is not told of other targets', () => {
    const browser = new Browser({ target: '0/0/1', range: undefined });
    feed(0, 10);
    tick?.();
    expect(browser.columnEnds()).toEqual([]);
  });
});

describe('a slow one', () => {
  test('gets nothing more until it has room, then all that it lacks in one frame', () => {
    const [slow, quick] = [new Browser(), new Browser()];
    slow.hasRoom = false;
    for (let second = 0; second < 5; second += 1) {
      feed(second * 10, 10);
      tick?.();
    }
    expect([slow.texts.length, quick.texts.length]).toEqual([2, 6]);
    slow.resume();
    tick?.();
    expect(slow.columnEnds()).toEqual(quick.columnEnds());
    expect(slow.texts).toHaveLength(3);
  });

  test('that lags too far behind misses columns and is told how many', () => {
    const slow = new Browser();
    slow.hasRoom = false;
    tick?.();
    feed(0, 1000);
    slow.resume();
    tick?.();
    expect(slow.views().at(-1)?.nrMissed).toBe(400);
    expect(slow.columnEnds()).toHaveLength(600);
    slow.resume();
    tick?.();
    expect(slow.views().at(-1)).toMatchObject({ nrMissed: 0, columns: [] });
  });

  test('that takes nothing for half a minute is let go', () => {
    const [gone, quick] = [new Browser(), new Browser()];
    gone.hasRoom = false;
    tick?.();
    nowNs = 29_000_000_000n;
    tick?.();
    expect(gone.isEnded).toBe(false);
    nowNs = 31_000_000_000n;
    tick?.();
    expect([gone.isEnded, quick.isEnded]).toEqual([true, false]);
  });
});

test('what cannot be told is logged, and told the next time', () => {
  const browser = new Browser();
  observe = () => {
    throw new Error('out of luck');
  };
  tick?.();
  expect(logger.fields).toEqual([{ error: 'out of luck' }]);
  observe = () => FULL_OBSERVATION;
  tick?.();
  expect(browser.texts).toHaveLength(2);
});

test('stopping ends every stream and the timer', () => {
  const browsers = [new Browser(), new Browser()];
  hub.stop();
  expect(browsers.map(({ isEnded }) => isEnded)).toEqual([true, true]);
  expect([hub.nrWatchers, tick]).toEqual([0, undefined]);
});
