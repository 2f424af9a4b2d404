import express from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listen } from '../../src/server/listen.ts';
import type { RunningServer } from '../../src/server/listen.ts';
import { createMetricsRoute } from '../../src/server/metricsRoute.ts';
import { askServer } from '../support/askServer.ts';
import type { Answer } from '../support/askServer.ts';
import { FULL_OBSERVATION, makeMetrics } from '../support/metricsFixture.ts';

let server: RunningServer;
let waitsMs: number[];
let demand: Promise<void>;

beforeAll(async () => {
  const route = createMetricsRoute({
    observe: () => FULL_OBSERVATION,
    noteDemand: (maxWaitMs) => {
      waitsMs.push(maxWaitMs);
      return demand;
    },
    metrics: makeMetrics(),
    maxRequests: 3,
  });
  server = await listen(express().get('/some/metrics', route), { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close(100);
});

beforeEach(() => {
  waitsMs = [];
  demand = Promise.resolve();
});

function ask(path: string, headers = {}): Promise<Answer> {
  return askServer(server.url, path, { headers });
}

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

describe('the format of metrics', () => {
  test.each([
    // Prometheus 2.42.
    [
      'application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      OPENMETRICS,
    ],
    // Prometheus 3.
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      OPENMETRICS,
    ],
    ['application/openmetrics-text;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.4', TEXT],
    ['application/openmetrics-text', OPENMETRICS],
    ['application/openmetrics-text; version=1.0.0', OPENMETRICS],
    ['application/openmetrics-text;version=1.0.0;q=0', TEXT],
    ['text/plain', TEXT],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', TEXT],
    ['*/*', TEXT],
    ['application/vnd.google.protobuf', TEXT],
    ['', TEXT],
    ['nonsense;;;q=x', TEXT],
  ])('for Accept "%s" is %s', async (accept, expected) => {
    const { status, headers, body } = await ask('/some/metrics', { accept });
    expect([status, headers['content-type']]).toEqual([200, expected]);
    expect(headers.vary).toBe('Accept, Accept-Encoding');
    expect(body.endsWith('\n# EOF\n')).toBe(expected === OPENMETRICS);
  });

  test.each([
    ['gzip', 'gzip'],
    ['deflate, gzip;q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['identity', undefined],
    ['br', undefined],
    [undefined, undefined],
  ])('for Accept-Encoding %s is compressed: %s', async (encoding, expected) => {
    const asked = encoding === undefined ? {} : { 'accept-encoding': encoding };
    const { headers, body } = await ask('/some/metrics', asked);
    expect(headers['content-encoding']).toBe(expected);
    expect(body).toBe((await ask('/some/metrics')).body);
  });
});

describe('a part of the metrics', () => {
  const listNames = (body: string): string[] =>
    [...body.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!);

  test('is asked for with collect[]', async () => {
    const { body } = await ask('/some/metrics?collect[]=scheme&collect%5B%5D=record');
    const names = listNames(body);
    expect(names.length).toBeGreaterThan(5);
    expect(
      names.filter((name) => !/^damon_(scheme|memory_free|exporter_record)_/.test(name)),
    ).toEqual([]);
  });

  test('is left out with exclude[], and together they are all', async () => {
    const some = listNames((await ask('/some/metrics?collect[]=exporter')).body);
    const others = listNames((await ask('/some/metrics?exclude[]=exporter')).body);
    const all = listNames((await ask('/some/metrics?unknown=1')).body);
    expect(some.length).toBeGreaterThan(3);
    expect([...some, ...others].sort()).toEqual(all.sort());
  });

  test.each([
    ['collect[]=nothing', 'there is no group of metrics "nothing", expected kdamond, '],
    ['exclude[]=%00', 'there is no group of metrics "\\u0000", expected kdamond, '],
    ['collect[]=scheme&exclude[]=record', 'found both collect[] and exclude[], expected one'],
  ])('is refused for %s', async (query, message) => {
    const { status, body } = await ask(`/some/metrics?${query}`);
    expect([status, body.slice(0, message.length)]).toEqual([400, message]);
  });
});

describe('waiting for fresh metrics', () => {
  test.each([
    [undefined, 2000],
    ['10', 2000],
    ['1.5', 1000],
    ['0.3', 0],
    ['-1', 2000],
    ['soon', 2000],
  ])('with a scrape timeout of %s takes at most %d ms', async (timeout, expected) => {
    const headers = timeout === undefined ? {} : { 'x-prometheus-scrape-timeout-seconds': timeout };
    await ask('/some/metrics', headers);
    expect(waitsMs).toEqual([expected]);
  });

  test('beyond the most requests at a time one is refused, and none after they are answered', async () => {
    let answer = (): void => undefined;
    demand = new Promise((resolve) => (answer = resolve));
    const waiting = [1, 2, 3].map(() => ask('/some/metrics'));
    await expect.poll(() => waitsMs.length).toBe(3);
    const { status, body } = await ask('/some/metrics');
    expect([status, body]).toEqual([
      503,
      '3 requests are being answered, the most that --web.max-requests allows\n',
    ]);
    answer();
    expect((await Promise.all(waiting)).map((each) => each.status)).toEqual([200, 200, 200]);
    expect((await ask('/some/metrics')).status).toBe(200);
  });
});
