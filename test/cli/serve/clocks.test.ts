import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SERVED_CONFIG } from '../../support/servedConfig.ts';
import type { SeriesValues } from '../../support/seriesValues.ts';
import { letTimePass, serveSimulated, stopTime } from '../../support/servedKernel.ts';
import type { ServedKernel } from '../../support/servedKernel.ts';

beforeEach(stopTime);
afterEach(letTimePass);

const YEAR_MS = 365 * 86_400_000;

function find(series: SeriesValues, name: string): number {
  return [...series].find(([key]) => key.startsWith(`${name}[`))?.[1] ?? NaN;
}

async function start(): Promise<ServedKernel> {
  const served = await serveSimulated({
    version: '7.2',
    config: SERVED_CONFIG,
    createArgs: (directory) => ({
      'record.path': join(directory, 'record', 'x'),
      'record.flush-interval': '1s',
    }),
  });
  await served.pass(10_000);
  return served;
}

test('a wall clock that jumps to and fro changes no number and costs no record', async () => {
  const served = await start();
  const segments = (): string[] =>
    readdirSync(join(served.directory, 'record')).filter((name) => /\d{6}$/.test(name));
  const [names, nrMessages] = [segments(), served.logger.messages.length];
  let { series: before } = await served.scrape();
  for (const jumpMs of [10 * YEAR_MS, -20 * YEAR_MS, 10 * YEAR_MS]) {
    vi.setSystemTime(Date.now() + jumpMs);
    await served.pass(15_000);
    const { status, series } = await served.scrape();
    expect(status).toBe(200);
    expect([...series.keys()].sort()).toEqual([...before.keys()].sort());
    expect(find(series, 'damon_exporter_snapshots_total')).toBeGreaterThan(
      find(before, 'damon_exporter_snapshots_total') + 10,
    );
    expect(find(series, 'damon_exporter_snapshot_age_seconds')).toBeLessThan(3);
    expect(find(series, 'damon_exporter_record_flush_age_seconds')).toBeLessThan(5);
    expect(find(series, 'process_start_time_seconds')).toBe(
      find(before, 'process_start_time_seconds'),
    );
    before = series;
  }
  expect(segments()).toEqual(names);
  expect(served.logger.messages.slice(nrMessages)).toEqual([]);
  await served.stop();
});

test('of a time in which the machine was stopped nothing is told', async () => {
  const served = await start();
  const { series: before } = await served.scrape();
  served.jump(3_600_000);
  await served.pass(5000);
  const { series } = await served.scrape();
  const grown = find(series, 'damon_access_ratio_count') - find(before, 'damon_access_ratio_count');
  const seconds = grown / find(series, 'damon_monitored_bytes');
  // The simulated kernel makes up for the last twenty seconds of it.
  expect(seconds).toBeGreaterThan(3);
  expect(seconds).toBeLessThan(40);
  expect(find(series, 'damon_exporter_snapshot_age_seconds')).toBeLessThan(3);
  expect(find(series, 'damon_aggregation_interval_seconds')).toBeLessThan(2);
  await served.stop();
});
