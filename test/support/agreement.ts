import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { openRecord } from '../../src/record/openRecord.ts';
import { parseExposition } from './seriesValues.ts';
import type { SeriesValues } from './seriesValues.ts';

/** A way by which the metrics reach people. */
export interface Channel {
  readonly name: string;
  /** Undefined while it tells nothing. */
  readonly look: () => Promise<SeriesValues | undefined> | SeriesValues | undefined;
}

async function scrape(url: string, accept: string): Promise<string> {
  return (await fetch(new URL('/metrics', url), { headers: { accept } })).text();
}

/** The two that are scraped. */
export function listScrapes(url: string): readonly Channel[] {
  return [
    { name: 'text', look: async () => parseExposition(await scrape(url, 'text/plain')) },
    {
      name: 'OpenMetrics',
      look: async () => {
        const text = await scrape(url, 'application/openmetrics-text;version=1.0.0');
        assert.match(text, /\n# EOF\n$/);
        return parseExposition(text);
      },
    },
  ];
}

/** What is of DAMON: neither ages, which never stand still, nor what a channel says of itself. */
function selectDamon(values: SeriesValues): SeriesValues {
  return new Map(
    [...values].filter(([series]) => !/^(?:damon_exporter|process)_/.test(series)).sort(),
  );
}

/** The snapshots and the reading of the machine that values come from. */
function identifyMoment(values: SeriesValues): string {
  const names =
    /^damon_(?:wss_distribution_bytes_count|scheme_tried_bytes_total|memory_free_ratio|kdamond_cpu_seconds_total)/;
  return JSON.stringify([...values].filter(([series]) => names.test(series)).sort());
}

/**
 * Looks through all channels until each has shown one and the same moment.
 *
 * @param isWanted whether enough has happened by then
 */
export async function findMoment(
  channels: readonly Channel[],
  isWanted: (values: SeriesValues) => boolean,
): Promise<ReadonlyMap<string, SeriesValues>> {
  const moments = new Map<string, Map<string, SeriesValues>>();
  for (let tries = 0; tries < 3000; tries += 1) {
    for (const { name, look } of channels) {
      const values = await look();
      if (values === undefined || !isWanted(values)) continue;
      const key = identifyMoment(values);
      const shown = moments.get(key) ?? new Map<string, SeriesValues>();
      moments.set(key, shown.set(name, selectDamon(values)));
      if (shown.size === channels.length) return shown;
    }
    await wait(20);
  }
  const best = [...moments.values()].sort((a, b) => b.size - a.size)[0];
  throw new Error(`no moment was seen by all; one by ${[...(best?.keys() ?? [])].join(', ')}`);
}

/** One target of one moment, and the record of its snapshots. */
export interface RecordedTarget {
  readonly values: SeriesValues;
  readonly kdamond: string;
  readonly target: string;
  readonly record: string;
  /** Runs `report` with these arguments over the record; gives what it printed. */
  readonly report: (...args: readonly string[]) => Promise<string> | string;
}

function valueOf(
  { values, kdamond, target }: RecordedTarget,
  name: string,
  more: Readonly<Record<string, string>> = {},
): number {
  const labels = Object.entries({ context: '0', kdamond, target, ...more }).sort();
  const value = values.get(`${name}${JSON.stringify(labels)}`);
  assert.ok(value !== undefined, `${name} of ${kdamond}/${target} was not told`);
  return value;
}

/** Options that choose the snapshots which the values of the moment were made of. */
async function selectMoment(recorded: RecordedTarget): Promise<string[]> {
  const { record, kdamond, target } = recorded;
  const reader = await openRecord(record);
  const ends: bigint[] = [];
  for await (const batch of reader.readSnapshots()) {
    for (const { stream, endNs } of batch) {
      if (stream.kdamond === kdamond && stream.targetId === target) ends.push(endNs);
    }
  }
  await reader.close();
  const end = ends[valueOf(recorded, 'damon_wss_distribution_bytes_count') - 1];
  assert.ok(end !== undefined, `the record has only ${ends.length} snapshots of the target`);
  return ['--kdamond_idx', kdamond, '--tid', target, '--time_range', '0', end.toString()];
}

interface Distribution {
  readonly percentiles: readonly { readonly percentile: number; readonly wss_bytes: number }[];
  readonly wss_bytes: readonly number[];
}

const PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 100];

/** @throws AssertionError unless `report wss` has the same sizes, percentiles and buckets. */
export async function checkWss(recorded: RecordedTarget): Promise<void> {
  const moment = await selectMoment(recorded);
  const whole = ['wss', '--json', '--all_wss', '--exclude_samples', '0', ...moment];
  const read = async (...args: readonly string[]): Promise<Distribution> =>
    (JSON.parse(await recorded.report(...whole, ...args)) as Distribution[])[0]!;
  const { wss_bytes: sizes } = await read('--sortby', 'time');
  assert.equal(sizes.at(-1), valueOf(recorded, 'damon_wss_bytes'));
  assert.equal(sizes.length, valueOf(recorded, 'damon_wss_window_snapshots'));
  const sum = sizes.reduce((total, size) => total + size, 0);
  assert.equal(sum, valueOf(recorded, 'damon_wss_distribution_bytes_sum'));
  for (const bound of [2 ** 24, 2 ** 27, 2 ** 28, 2 ** 30]) {
    const below = valueOf(recorded, 'damon_wss_distribution_bytes_bucket', { le: String(bound) });
    assert.equal(sizes.filter((size) => size <= bound).length, below);
  }
  const { percentiles } = await read('--range', '0', '101', '1');
  for (const percentile of PERCENTILES) {
    const told = valueOf(recorded, 'damon_wss_window_bytes', { percentile: String(percentile) });
    assert.equal(percentiles[percentile]?.wss_bytes, told, `p${percentile}`);
  }
}

interface Access {
  readonly regions: readonly {
    readonly start: string;
    readonly end: string;
    readonly nr_accesses: number;
    readonly age_us: number;
  }[];
}

function sumBytes(regions: Access['regions']): number {
  return regions.reduce((sum, { start, end }) => sum + Number(BigInt(end) - BigInt(start)), 0);
}

/**
 * @param coldAges idle times in microseconds, by the label of the metric
 * @throws AssertionError unless `report access` has the same regions, and as much of them cold.
 */
export async function checkRegions(
  recorded: RecordedTarget,
  coldAges: Readonly<Record<string, number>>,
): Promise<void> {
  const moment = await selectMoment(recorded);
  const text = await recorded.report('access', '--json', ...moment);
  const { regions } = (JSON.parse(text) as Access[])[0]!;
  assert.equal(regions.length, valueOf(recorded, 'damon_regions'));
  assert.equal(sumBytes(regions), valueOf(recorded, 'damon_monitored_bytes'));
  for (const [idle, idleUs] of Object.entries(coldAges)) {
    const cold = regions.filter(({ nr_accesses: nr, age_us: age }) => nr === 0 && age >= idleUs);
    assert.equal(sumBytes(cold), valueOf(recorded, 'damon_cold_bytes', { idle }), idle);
  }
}
