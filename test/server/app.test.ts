import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Observation } from '../../src/damon/observation.ts';
import { ExporterError } from '../../src/base/errors.ts';
import { createApp, parseTelemetryPath } from '../../src/server/app.ts';
import type { AppDeps } from '../../src/server/app.ts';
import { listen } from '../../src/server/listen.ts';
import type { RunningServer } from '../../src/server/listen.ts';
import { askServer } from '../support/askServer.ts';
import type { Answer } from '../support/askServer.ts';
import { FULL_OBSERVATION, makeMetrics } from '../support/metricsFixture.ts';
import { makeObservation } from '../support/observations.ts';

let server: RunningServer;
let observation: Observation | undefined;
let observe: () => Observation | undefined;
let reload: () => Promise<void> = () => Promise.resolve();
let waitsMs: number[] = [];
const logged: string[] = [];

function makeDeps(): AppDeps {
  const note = (message: string, fields?: object): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  return {
    observe: () => observe(),
    noteDemand: (maxWaitMs) => {
      waitsMs.push(maxWaitMs);
      return Promise.resolve();
    },
    reload: () => reload(),
    maxRequests: 3,
    metrics: makeMetrics(),
    live: undefined,
    telemetryPath: '/some/metrics',
    access: undefined,
    wssThresholdSamples: 1,
    version: '1.2.3',
    clock: { monotonicNs: () => 10_500_000_000n },
    logger: { debug: note, info: note, warn: note, error: note },
  };
}

beforeAll(async () => {
  server = await listen(createApp(makeDeps()), { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close(100);
});

beforeEach(() => {
  observation = FULL_OBSERVATION;
  observe = () => observation;
  waitsMs = [];
  logged.length = 0;
});

function ask(path: string, method = 'GET'): Promise<Answer> {
  return askServer(server.url, path, { method });
}

describe('reloading', () => {
  test('is asked for by POST and nothing else', async () => {
    const { status, headers } = await ask('/-/reload');
    expect([status, headers.allow]).toEqual([405, 'POST']);
    expect((await ask('/-/reload', 'DELETE')).status).toBe(405);
    expect(await ask('/-/reload', 'POST')).toMatchObject({ status: 200, body: 'reloaded\n' });
  });

  test('that fails says why, in words', async () => {
    reload = () => Promise.reject(new ExporterError('config', 'f.yaml:3:1: a reason'));
    const answer = await ask('/-/reload', 'POST');
    reload = () => Promise.resolve();
    expect(answer).toMatchObject({ status: 500, body: 'f.yaml:3:1: a reason\n' });
  });

  test('is refused where it is not enabled', async () => {
    const app = createApp({ ...makeDeps(), reload: undefined });
    const other = await listen(app, { host: '127.0.0.1', port: 0 });
    const { status, body } = await askServer(other.url, '/-/reload', { method: 'POST' });
    await other.close(100);
    expect([status, body]).toEqual([403, expect.stringMatching(/--web\.enable-lifecycle/)]);
  });
});

describe('metrics', () => {
  test('are text of version 0.0.4 at the path that was set', async () => {
    const { status, headers, body } = await ask('/some/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('damon_wss_bytes{kdamond="0",context="0",target="0"} 8388608\n');
    expect(waitsMs).toHaveLength(1);
  });

  test('are there before the first observation', async () => {
    observation = undefined;
    const { status, body } = await ask('/some/metrics');
    expect([status, body.includes('damon_exporter_build_info')]).toEqual([200, true]);
  });

  test('are not anywhere else', async () => {
    expect(await ask('/metrics')).toMatchObject({ status: 404, body: 'not found\n' });
  });

  test('that cannot be made give one line and a log entry, no stack', async () => {
    observe = () => {
      throw new Error('secret detail');
    };
    const { status, headers, body } = await ask('/some/metrics');
    expect([status, headers['content-type']]).toEqual([500, 'text/plain; charset=utf-8']);
    expect(body).toBe('internal error; the log of damon-exporter tells more\n');
    expect(logged).toEqual(['request failed {"path":"/some/metrics","error":"secret detail"}']);
  });
});

describe('health', () => {
  test('is good as long as the program answers', async () => {
    observation = undefined;
    expect(await ask('/-/healthy')).toMatchObject({ status: 200, body: 'healthy\n' });
  });

  test('is not ready before the first observation, and says why', async () => {
    observation = undefined;
    const { status, body } = await ask('/-/ready');
    expect([status, body]).toEqual([503, 'not ready: nothing was observed yet\n']);
  });

  test('is ready after it, naming the source', async () => {
    expect(await ask('/-/ready')).toMatchObject({ status: 200, body: 'ready, source trace\n' });
  });

  test('is ready without a source too, so that metrics of it are scraped, naming the reasons', async () => {
    observation = makeObservation([], {
      collector: {
        activeSource: undefined,
        sourceProblems: new Map([['trace', 'tracefs is not mounted']]),
      },
    });
    const { status, body } = await ask('/-/ready');
    expect(status).toBe(200);
    expect(body).toBe('ready, but no source is usable\ntrace: tracefs is not mounted\n');
  });

  test('probes do not keep the collector awake', async () => {
    await ask('/-/ready');
    await ask('/-/healthy');
    expect(waitsMs).toEqual([]);
  });
});

describe('the observation as JSON', () => {
  test('is as in the golden file', async () => {
    const { status, headers, body } = await ask('/api/v1/observation');
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    const pretty = `${JSON.stringify(JSON.parse(body), undefined, 2)}\n`;
    await expect(pretty).toMatchFileSnapshot('../golden/server/observation.json');
  });

  test('is not there before the first observation', async () => {
    observation = undefined;
    const { status, body } = await ask('/api/v1/observation');
    expect([status, body]).toEqual([503, '{"error":"nothing was observed yet"}']);
  });
});

describe('the landing page', () => {
  test('links to the metrics and names the version', async () => {
    const { status, headers, body } = await ask('/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body).toContain('<a href="/some/metrics">');
    expect(body).toContain('1.2.3');
    expect(body).not.toContain('{{');
  });

  test('needs only files that are served here, and nothing inline', async () => {
    const { body } = await ask('/');
    const needed = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(needed.length).toBeGreaterThan(4);
    for (const path of needed) {
      expect([path, (await ask(new URL(path, server.url).pathname)).status]).toEqual([path, 200]);
    }
    expect(body).not.toMatch(/ style=|<style|<script(?![^>]* src=)| on\w+=/);
  });
});

test.each(['/', '/page.js', '/some/metrics', '/-/ready', '/nowhere', '/%'])(
  'the answer to %s has all security headers and does not name the framework',
  async (path) => {
    const { headers } = await ask(path);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['x-powered-by']).toBeUndefined();
  },
);

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
  const { status, headers, body } = await ask('/some/metrics', method);
  expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  expect(body).toBe(`${method} is not allowed here: everything is read only\n`);
});

test('HEAD gives the headers of GET and no body', async () => {
  const { status, headers, body } = await ask('/some/metrics', 'HEAD');
  expect([status, body]).toEqual([200, '']);
  expect(Number(headers['content-length'])).toBeGreaterThan(1000);
});

test.each(['/%', '/../../package.json', '/page/index.html', '/.git'])(
  'the odd path %s is answered in plain text and gives nothing away',
  async (path) => {
    const { status, headers, body } = await ask(path);
    expect(status === 400 || status === 404).toBe(true);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body.split('\n')).toHaveLength(2);
  },
);

test.each(['/metrics', '/a/b-c.d~e', '/api2'])('%s can be a telemetry path', (path) => {
  expect(parseTelemetryPath(path)).toBe(path);
});

test.each([
  '',
  '/',
  'metrics',
  '/page.js',
  '/-/ready',
  '/api/v1',
  '/a b',
  '/:x',
  '/*',
  '/a"',
  '/a/',
])('"%s" cannot be a telemetry path', (path) => {
  expect(() => parseTelemetryPath(path)).toThrow(`telemetry path: found "${path}"`);
});
