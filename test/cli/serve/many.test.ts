import { afterEach, beforeEach, expect, test } from 'vitest';
import { KDAMONDS } from '../../../src/kernel/kdamonds.ts';
import { createHotCold } from '../../../src/simulator/workload.ts';
import type { SimulatedKernel } from '../../../src/simulator/simulatedKernel.ts';
import { letTimePass, serveSimulated, stopTime } from '../../support/servedKernel.ts';
import type { SeriesValues } from '../../support/seriesValues.ts';
import { startVaddr, targetFiles, write } from '../../support/simulation.ts';

beforeEach(stopTime);
afterEach(letTimePass);

const NR_TARGETS = 5000;
const MAX_SERIES = 2000;

function startMany(kernel: SimulatedKernel): void {
  const workload = createHotCold('worker', 1, 1);
  while (kernel.processes.size < NR_TARGETS) kernel.spawn(workload);
  startVaddr(kernel, {
    'contexts/0/monitoring_attrs/intervals/sample_us': '500000',
    'contexts/0/monitoring_attrs/intervals/aggr_us': '1000000',
    'contexts/0/monitoring_attrs/nr_regions/min': '3',
    ...targetFiles(kernel, NR_TARGETS),
  });
}

function countSeries(series: SeriesValues, family: string): number {
  return [...series.keys()].filter((name) => name.startsWith(`${family}[`)).length;
}

test('of 5,000 targets as many are told as a family may have series, and that there are more', async () => {
  const served = await serveSimulated({
    version: '7.2',
    prepare: startMany,
    args: { 'trace.buffer-size': '8M', 'collect.interval': '1s' },
  });
  await served.pass(3000);
  const { status, series } = await served.scrape();
  expect(status).toBe(200);
  expect(countSeries(series, 'damon_wss_bytes')).toBe(MAX_SERIES);
  const labels = '["family","damon_wss_bytes"],["reason","limit"]';
  expect(series.get(`damon_exporter_series_dropped_total[${labels}]`)).toBe(
    NR_TARGETS - MAX_SERIES,
  );
  expect(series.get('damon_exporter_lost_events_total[]')).toBe(0);
  await served.stop();
}, 60_000);

test('200 kdamonds, all but one off, are told', async () => {
  const served = await serveSimulated({
    version: '7.2',
    prepare: (kernel) => {
      kernel.fs.writeText(`${KDAMONDS}/nr_kdamonds`, '200');
      write(kernel, { 'contexts/nr_contexts': '1', ...targetFiles(kernel), state: 'on' });
    },
  });
  await served.pass(3000);
  const { status, series } = await served.scrape();
  expect(status).toBe(200);
  expect(countSeries(series, 'damon_kdamond_running')).toBe(200);
  expect(countSeries(series, 'damon_wss_bytes')).toBe(1);
  await served.stop();
});
