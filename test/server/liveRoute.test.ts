import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { createLiveHub } from '../../src/live/liveHub.ts';
import type { LiveClient, LiveHub } from '../../src/live/liveHub.ts';
import { createApp } from '../../src/server/app.ts';
import { listen } from '../../src/server/listen.ts';
import type { RunningServer } from '../../src/server/listen.ts';
import { parseViewRequests } from '../../src/server/liveRoute.ts';
import { askServer } from '../support/askServer.ts';
import { makeFrames, parseEvents, STILL_CLOCK } from '../support/liveFrames.ts';
import { createMemoryLogger } from '../support/memoryLogger.ts';
import { FULL_OBSERVATION, makeMetrics } from '../support/metricsFixture.ts';

const logger = createMemoryLogger();
let hub: LiveHub;
let server: RunningServer;
let tick: () => void;

beforeEach(async () => {
  const metrics = makeMetrics();
  hub = createLiveHub({
    frames: makeFrames(metrics, () => FULL_OBSERVATION),
    noteDemand: () => undefined,
    maxWatchers: 2,
    startTimer: (callBack) => {
      tick = callBack;
      return () => undefined;
    },
    hostClock: STILL_CLOCK,
    logger,
  });
  const app = createApp({
    observe: () => FULL_OBSERVATION,
    noteDemand: () => Promise.resolve(),
    reload: undefined,
    maxRequests: 3,
    metrics,
    live: hub,
    telemetryPath: '/metrics',
    access: undefined,
    wssThresholdSamples: 1,
    version: '1.2.3',
    clock: STILL_CLOCK,
    logger,
  });
  server = await listen(app, { host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  hub.stop();
  await server.close(100);
});

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !isTrue(); tries += 1) await wait(5);
  expect(isTrue()).toBe(true);
}

/** Reads what comes until there are so many events. */
async function readEvents(response: Response, count: number): Promise<readonly string[]> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (parseEvents(text).length >= count) break;
  }
  return parseEvents(text).map(({ name }) => name);
}

describe('the stream', () => {
  test('tells at once and at each tick, until the browser leaves', async () => {
    const abort = new AbortController();
    const response = await fetch(`${server.url}live/events?target=0/0/0`, { signal: abort.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    tick();
    expect(await readEvents(response, 4)).toEqual(['summary', 'view', 'summary', 'view']);
    abort.abort();
    await until(() => hub.nrWatchers === 0);
  });

  test('is refused to one too many, with the option that allows more', async () => {
    const abort = new AbortController();
    const ask = () => fetch(`${server.url}live/events`, { signal: abort.signal });
    await Promise.all([ask(), ask()]);
    const refusal = await ask();
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await refusal.text()).toBe(
      '2 pages watch already, the most that --web.max-watchers allows\n',
    );
    abort.abort();
    await until(() => hub.nrWatchers === 0);
  });

  test('tells the hub when a client takes nothing more, and when it has room again', async () => {
    const { hostname, port } = new URL(server.url);
    let client: LiveClient | undefined;
    let nrResumed = 0;
    hub.watch = (_requests, given) => {
      client = given;
      return { resume: () => (nrResumed += 1), leave: () => undefined };
    };
    const lazy = connect(Number(port), hostname);
    lazy.pause();
    lazy.write('GET /live/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => client !== undefined);
    const text = 'x'.repeat(1 << 20);
    // Whatever the sockets hold is taken; then no more.
    await until(() => !client!.write(text));
    expect(nrResumed).toBe(0);
    lazy.resume();
    await until(() => nrResumed === 1);
    lazy.destroy();
  });

  test('does not begin for who only asks for the head', async () => {
    const { status, headers } = await askServer(server.url, '/live/events', { method: 'HEAD' });
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(hub.nrWatchers).toBe(0);
  });

  test.each(['target=', 'target=0/0', 'target=0/x/0', 'range=0-1', 'target=0/0/0&range=1-0'])(
    'is refused for %s',
    async (query) => {
      const { status, body } = await askServer(server.url, `/live/events?${query}`);
      expect([status, body.split('\n').length]).toEqual([400, 2]);
      expect(hub.nrWatchers).toBe(0);
    },
  );
});

test('the landing page links to the live page', async () => {
  const { body } = await askServer(server.url, '/');
  expect(body).toContain('<a href="live">');
});

test('the live page needs only files that are served here, and nothing inline', async () => {
  const { body, headers } = await askServer(server.url, '/live');
  expect(headers['content-security-policy']).not.toContain('unsafe');
  const needed = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  expect(needed).toEqual(['icon.svg', 'live.css', 'live.js', './']);
  expect(body).not.toMatch(/ style=|<style|<script(?![^>]* src=)| on\w+=/);
});

test('pages come compressed to who takes that', async () => {
  const headers = { 'Accept-Encoding': 'gzip' };
  const [plain, compressed] = [
    await askServer(server.url, '/live.css'),
    await askServer(server.url, '/live.css', { headers }),
  ];
  expect(compressed.headers['content-encoding']).toBe('gzip');
  expect(compressed.body).toBe(plain.body);
  expect(Number(compressed.headers['content-length'])).toBeLessThan(plain.body.length / 2);
});

describe('what is asked for', () => {
  test.each([
    ['', []],
    ['target=1/0/0', [{ target: '1/0/0', range: undefined }]],
    [
      'target=damon_stat/0/0&range=7f0000000000-7f0000001000',
      [
        { target: 'damon_stat/0/0', range: undefined },
        { target: 'damon_stat/0/0', range: { start: 0x7f00_0000_0000, end: 0x7f00_0000_1000 } },
      ],
    ],
  ])('%s', (query, requests) => {
    expect(parseViewRequests(new URLSearchParams(query))).toEqual(requests);
  });

  test.each(['target=a', `target=${'0'.repeat(300)}/0/0`, 'target=0/0/0&range=x-y'])(
    '%s is refused',
    (query) => {
      expect(() => parseViewRequests(new URLSearchParams(query))).toThrow(UsageError);
    },
  );
});
