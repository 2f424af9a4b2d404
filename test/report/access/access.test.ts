import { describe, expect, test } from 'vitest';
import { viewAccess } from '../../../src/report/access/accessRegions.ts';
import type { AccessView } from '../../../src/report/access/accessRegions.ts';
import {
  ACCESS_STYLES,
  formatAccess,
  formatAccessJson,
} from '../../../src/report/access/accessText.ts';
import type { AccessStyle } from '../../../src/report/access/accessText.ts';
import { makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';

const WEIGHTS = { size: 0, accessRate: 100, age: 100 };

const PAGE = 4096n;

function view(stream = makeStream()): AccessView {
  const snapshot = makeSnapshot(
    stream,
    [1_000_000_000n, 1_100_000_000n],
    [
      [PAGE * 16n, PAGE * 4096n, 20, 3],
      [PAGE * 4096n, PAGE * 5000n, 0, 50],
      [PAGE * 5000n, PAGE * 5003n, 0, 100],
      [PAGE * 200_000n, PAGE * 260_000n, 7, 1],
      [PAGE * 260_000n, PAGE * 300_000n, 0, 1000],
    ],
  );
  return viewAccess(snapshot, WEIGHTS)!;
}

const text = (views: readonly AccessView[], style: AccessStyle, isRaw = false): string =>
  formatAccess(views, { style, colorSet: 'gray', isColored: false, isRaw, baseNs: 900_000_000n });

describe('access', () => {
  // What damo 3.4.1 prints for the same snapshot, but for the heading and blanks at line ends.
  test('lists regions with rate and age', () => {
    expect(text([view()], 'detailed').split('\n').slice(2)).toEqual([
      '# min/max temperatures: -10,000,000,000, 30,009,999, column size: 5.126 MiB',
      'intervals: sample 5 ms aggr 100 ms (max access hz 200)',
      '0   addr 64.000 KiB   size 15.938 MiB  access 200 hz age 300 ms',
      '1   addr 16.000 MiB   size 3.531 MiB   access 0 hz   age 5 s',
      '2   addr 19.531 MiB   size 12.000 KiB  access 0 hz   age 10 s',
      '3   addr 781.250 MiB  size 234.375 MiB access 70 hz  age 100 ms',
      '4   addr 1015.625 MiB size 156.250 MiB access 0 hz   age 1 m 40 s',
      'memory bw estimate: 19.135 GiB per second',
      'total size: 410.105 MiB',
      '',
    ]);
  });

  test('has bytes and nanoseconds where plain numbers are asked for', () => {
    const lines = text([view()], 'detailed', true).split('\n');
    expect(lines[0]).toBe('snapshot time: [100000000, 200000000] (100000000)');
    expect(lines.slice(3, 5)).toEqual([
      'intervals: sample 5000000 aggr 100000000 (max access hz 200)',
      '0   addr 65536        size 16711680    access 200.000000 age 300000000',
    ]);
    expect(lines.at(-2)).toBe('total size: 430026752');
  });

  test('has a line of digits for temperature, gaps cut short', () => {
    expect(text([view()], 'detailed').split('\n').slice(0, 2)).toEqual([
      'snapshot time: [100 ms, 200 ms] (100 ms)',
      `heatmap: 9998[...]${'8'.repeat(45)}4${'0'.repeat(30)}`,
    ]);
  });

  test('as idle time percentiles tells how long which share of memory was idle', () => {
    const lines = text([view()], 'recency-percentiles').split('\n');
    expect(lines.slice(1, 10)).toEqual([
      '# total recency percentiles',
      '<percentile> <idle time>',
      '  0          0 ns  |                    |',
      '  1          0 ns  |                    |',
      ' 25          0 ns  |                    |',
      ' 50          0 ns  |                    |',
      ' 75  1 m 40.100 s  |********************|',
      ' 99  1 m 40.100 s  |********************|',
      '100  1 m 40.100 s  |********************|',
    ]);
    expect(text([view()], 'idle-time-percentiles').split('\n')).toEqual(lines);
  });

  test('as temperature percentiles goes from cold to hot', () => {
    expect(text([view()], 'temperature-percentiles').split('\n').slice(3, 10)).toEqual([
      '  0  -10,000,000,000  |                    |',
      '  1  -10,000,000,000  |                    |',
      ' 25  -10,000,000,000  |                    |',
      ' 50       10,003,500  |******************* |',
      ' 75       10,003,500  |******************* |',
      ' 99       30,010,000  |********************|',
      '100       30,010,000  |********************|',
    ]);
  });

  test('as histogram adds bytes up by idle time', () => {
    expect(text([view()], 'recency-sz-hist').split('\n').slice(1, 5)).toEqual([
      '<idle time (us)> <total size>',
      '[0 ns, 10.010 s)             253.844 MiB |********************|',
      '[10.010 s, 20.020 s)         12.000 KiB  |*                   |',
      '[20.020 s, 30.030 s)         0 B         |                    |',
    ]);
    expect(text([view()], 'cold-memory-tail')).toBe(text([view()], 'recency-sz-hist'));
  });

  test('as histogram adds bytes up by temperature', () => {
    const lines = text([view()], 'temperature-sz-hist').split('\n');
    expect([lines[1], lines[2], lines[10], lines[11]]).toEqual([
      '<temperature> <total size>',
      '[-10,000,000,000, -8,996,998,999) 156.250 MiB |*************       |',
      '[-1,975,991,992, -972,990,991)    12.000 KiB  |*                   |',
      '[-972,990,991, 30,010,010)        253.844 MiB |********************|',
    ]);
  });

  test.each(ACCESS_STYLES)('%s survives a snapshot without regions', (style) => {
    const empty = viewAccess(makeSnapshot(makeStream(), [0n, 1n], []), WEIGHTS)!;
    expect(text([empty], style)).toContain('total size: 0 B\n');
  });

  test('as percentiles and histograms has plain numbers where they are asked for', () => {
    expect(text([view()], 'recency-percentiles', true)).toContain(' 75  100100000000  |');
    expect(text([view()], 'recency-sz-hist', true)).toContain('<idle time (ns)> <total size>');
    expect(text([view()], 'temperature-sz-hist', true)).toMatch(/^\[-10000000000, -\d+\) +\d+ /m);
  });

  test('names targets where there are several', () => {
    const views = ['0', '1'].map((targetId) => view(makeStream({ targetId, kdamond: '0' })));
    expect(text(views, 'recency-sz-hist').match(/^kdamond.*/gm)).toEqual([
      'kdamond 0 / context None / scheme None / target id 0',
      'kdamond 0 / context None / scheme None / target id 1',
    ]);
  });

  test('as JSON has rates, ages, idle times and temperatures', () => {
    const [encoded] = JSON.parse(formatAccessJson([view()])) as {
      regions: unknown[];
      sample_us: number;
    }[];
    expect(encoded?.sample_us).toBe(5000);
    expect(encoded?.regions.slice(0, 2)).toEqual([
      {
        start: '65536',
        end: '16777216',
        nr_accesses: 20,
        access_hz: 200,
        age_us: 300_000,
        idle_us: 0,
        temperature: 30_010_000,
      },
      {
        start: '16777216',
        end: '20480000',
        nr_accesses: 0,
        access_hz: 0,
        age_us: 5_000_000,
        idle_us: 5_100_000,
        temperature: -500_000_000,
      },
    ]);
  });

  test('is impossible without intervals', () => {
    const stream = makeStream({ intervals: undefined });
    expect(viewAccess(makeSnapshot(stream, [0n, 1n], []), WEIGHTS)).toBeUndefined();
  });
});
