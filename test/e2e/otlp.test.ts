import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatSeries, parseExposition } from '../support/seriesValues.ts';
import type { SeriesValues } from '../support/seriesValues.ts';
import { startServe, until } from './program.ts';
import { startVictoriaMetrics } from './victoriaMetrics.ts';
import type { StoredSeries, VictoriaMetrics } from './victoriaMetrics.ts';

interface Scrape {
  /** Milliseconds since 1970 between which the exporter answered. */
  readonly startMs: number;
  readonly endMs: number;
  /** Values by series, counters by the name of their sample. */
  readonly values: SeriesValues;
  readonly counters: ReadonlySet<string>;
}

let victoria: VictoriaMetrics;
beforeAll(async () => {
  victoria = await startVictoriaMetrics();
});
afterAll(async () => {
  await victoria.stop();
});

async function scrape(url: string): Promise<Scrape> {
  const startMs = Date.now();
  const text = await (await fetch(new URL('/metrics', url))).text();
  const endMs = Date.now();
  const grows = [...text.matchAll(/^# TYPE (\w+) (counter|histogram)$/gm)].map(([, name]) => name!);
  return {
    startMs,
    endMs,
    values: parseExposition(text),
    counters: new Set(grows.flatMap((name) => [name, `${name}_bucket`, `${name}_count`])),
  };
}

/** What the server stored of the push of that moment. */
function selectPush(stored: readonly StoredSeries[], atMs: number): Map<string, number> {
  return new Map(
    stored.flatMap(({ metric, values, timestamps }) => {
      const value = values[timestamps.indexOf(atMs)];
      return value === undefined ? [] : [[formatSeries(metric), value] as const];
    }),
  );
}

function listPushTimes(stored: readonly StoredSeries[], sinceMs: number): number[] {
  const times = new Set(stored.flatMap(({ timestamps }) => timestamps));
  return [...times].filter((ms) => ms >= sinceMs).sort((a, b) => a - b);
}

async function waitForPushes(nrPushes: number, sinceMs: number): Promise<StoredSeries[]> {
  return until(async () => {
    const stored = await victoria.readAll();
    return listPushTimes(stored, sinceMs).length >= nrPushes ? stored : undefined;
  }, `${nrPushes} pushes are stored`);
}

/** VictoriaMetrics keeps decimal digits, so that the last bits of a double may be others. */
function isStored(value: number, stored: number | undefined): boolean {
  return stored !== undefined && Math.abs(stored - value) <= Math.abs(value) * 1e-14;
}

/** Scrapes again and again until told to end. */
async function scrapeUntil(url: string, scrapes: Scrape[], ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    scrapes.push(await scrape(url));
    await wait(20);
  }
}

/** What is wrong with a push, told the scrapes right before and right after it. */
function comparePush(before: Scrape, after: Scrape, pushed: ReadonlyMap<string, number>) {
  const still = [...before.values].filter(([key, value]) => after.values.get(key) === value);
  return {
    still: still.map(([key]) => key),
    different: still
      .filter(([key, value]) => !isStored(value, pushed.get(key)))
      .map(([key, value]) => [key, value, pushed.get(key)]),
    backwards: [...before.values].filter(
      ([key, value]) =>
        value !== after.values.get(key) &&
        before.counters.has(key.split('[')[0] ?? '') &&
        !(value <= pushed.get(key)! && pushed.get(key)! <= after.values.get(key)!),
    ),
  };
}

/** Compares every push that lies between two scrapes of the same series. */
function comparePushes(stored: readonly StoredSeries[], scrapes: readonly Scrape[]) {
  const compared = new Set<string>();
  let nrSeries = 0;
  for (const atMs of listPushTimes(stored, 0)) {
    const before = scrapes.findLast(({ endMs }) => endMs < atMs);
    const after = scrapes.find(({ startMs }) => startMs > atMs);
    if (before === undefined || after === undefined) continue;
    const names = [...before.values.keys()].sort();
    if (!isDeepStrictEqual(names, [...after.values.keys()].sort())) continue;
    const pushed = selectPush(stored, atMs);
    expect([...pushed.keys()].sort()).toEqual(names);
    const { still, different, backwards } = comparePush(before, after, pushed);
    expect(different).toEqual([]);
    expect(backwards).toEqual([]);
    for (const key of still) compared.add(key);
    nrSeries = names.length;
  }
  return { nrSeries, compared };
}

test('VictoriaMetrics has of a push what was scraped at that moment, by the same names', async () => {
  const exporter = await startServe(
    ...['--source', 'simulator', '--simulator.speed', '0.1', '--collect.idle-after', '1s'],
    ...[
      '--otlp.endpoint',
      victoria.endpoint,
      '--otlp.interval',
      '1s',
      '--otlp.compression',
      'gzip',
    ],
  );
  const ending = new AbortController();
  const scrapes: Scrape[] = [];
  const scraping = scrapeUntil(exporter.url, scrapes, ending.signal);
  try {
    // A push is told from the scrapes around it where no snapshot came between
    // them, which is seldom on a slow machine: as many pushes as it takes.
    for (let nrPushes = 8; ; nrPushes += 4) {
      const stored = await waitForPushes(nrPushes, 0);
      const { nrSeries, compared } = comparePushes(stored, [...scrapes]);
      expect(nrPushes, `${compared.size} of ${nrSeries} series compared`).toBeLessThan(60);
      // Ages and what the process itself uses never stand still.
      if (nrSeries > 400 && compared.size > nrSeries - 40) break;
    }
  } finally {
    ending.abort();
    await scraping;
    await exporter.stop();
  }
});

test('the last push comes when the exporter is told to stop', async () => {
  const startMs = Date.now();
  const exporter = await startServe(
    ...['--source', 'simulator', '--otlp.endpoint', victoria.endpoint, '--otlp.interval', '1d'],
  );
  await waitForPushes(1, startMs);
  const stopMs = Date.now();
  expect(await exporter.stop('SIGTERM')).toBe(0);
  const stored = await waitForPushes(2, startMs);
  const [firstMs = 0, lastMs = 0] = listPushTimes(stored, startMs);
  expect(firstMs).toBeLessThanOrEqual(stopMs);
  expect(lastMs).toBeGreaterThanOrEqual(stopMs);
  const pushes = { __name__: 'damon_exporter_otlp_pushes_total', result: 'success' };
  expect(selectPush(stored, firstMs).get(formatSeries(pushes))).toBe(0);
  expect(selectPush(stored, lastMs).get(formatSeries(pushes))).toBe(1);
});
