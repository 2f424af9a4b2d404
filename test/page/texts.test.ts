import { afterEach, describe, expect, test, vi } from 'vitest';
import { describeZone, formatClock, formatDay, placeClock } from '../../src/page/clockText.ts';
import {
  formatByteRate,
  formatBytes,
  formatDuration,
  formatExactBytes,
  formatShare,
  formatUs,
} from '../../src/page/humanText.ts';
import { formatPlace, formatStreamUrl, parsePlace } from '../../src/page/pageState.ts';
import { createRates } from '../../src/page/rates.ts';
import { formatHeat } from '../../src/page/scale.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.00 KiB'],
  [1023.6 * 1024, '1.00 MiB'],
  [10.04 * 2 ** 20, '10.0 MiB'],
  [537_169_920, '512 MiB'],
  [2 ** 40, '1.00 TiB'],
  [2 ** 64, '16.0 EiB'],
])('%d bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('all digits are there for those who compare', () => {
  expect(formatExactBytes(537_169_920)).toBe('537,169,920 bytes');
  expect(formatByteRate(2 ** 20)).toBe('1.00 MiB/s');
});

test.each([
  [0.000_25, '250 µs'],
  [0.1, '100 ms'],
  [0.0686, '68.6 ms'],
  [1, '1 s'],
  [2.35, '2.4 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [125, '2 min 5 s'],
  [3600, '1 h'],
  [12_000, '3 h 20 min'],
  [86_400, '1 d'],
  [187_200, '2 d 4 h'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('microseconds that are not known say so', () => {
  expect([formatUs(5000), formatUs(null)]).toEqual(['5 ms', '?']);
});

test.each([
  [0, '0 %'],
  [0.0005, '< 0.1 %'],
  [0.125, '12.5 %'],
  [0.9999, '100 %'],
  [1, '100 %'],
])('a share of %d reads %s', (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test('heat has its unit', () => {
  expect(formatHeat(123.456, 'hz')).toBe('123 Hz');
  expect(formatHeat(7, 'samples')).toBe('7 accesses per aggregation');
});

describe('times of day', () => {
  const AT_MS = Date.UTC(2026, 2, 1, 23, 30, 9, 250);

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Where clocks are 5:30 h ahead of UTC. */
  function moveToIndia(): void {
    vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(-330);
  }

  test('are those of the place, and say which', () => {
    moveToIndia();
    expect(formatClock(AT_MS, 'local')).toBe('05:00:09');
    expect(formatDay(AT_MS, 'local')).toBe('2026-03-02');
    expect(describeZone('local', AT_MS)).toBe('UTC+05:30');
  });

  test('are UTC when asked for', () => {
    moveToIndia();
    expect(formatClock(AT_MS, 'utc', 1)).toBe('23:30:09.2');
    expect(formatDay(AT_MS, 'utc')).toBe('2026-03-01');
    expect(describeZone('utc', AT_MS)).toBe('UTC');
  });

  test('west of UTC have a minus', () => {
    vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(210);
    expect(describeZone('local', AT_MS)).toBe('UTC−03:30');
  });

  test('are marked where they are round', () => {
    moveToIndia();
    const time = { startMs: AT_MS - 300_000, endMs: AT_MS };
    const { positions, formatTick } = placeClock(time, 'local', 6);
    expect(positions.map((position) => formatTick(position))).toEqual([
      '04:56:00',
      '04:57:00',
      '04:58:00',
      '04:59:00',
      '05:00:00',
    ]);
  });
});

describe('the address of the page', () => {
  test.each([
    '#target=1%2F0%2F0&range=7f00-7f10&span=900',
    '#target=damon_stat%2F0%2F0&span=60',
    '#span=300',
  ])('%s says what is shown', (hash) => {
    expect(formatPlace(parsePlace(hash))).toBe(hash);
  });

  test.each(['', '#', '#nonsense', '#span=77', '#range=x'])('%s says nothing', (hash) => {
    const nothing = { key: undefined, zoom: undefined, spanSeconds: undefined };
    expect(parsePlace(hash)).toEqual(nothing);
  });

  test('asks the stream for the same', () => {
    expect(formatStreamUrl({ key: undefined, zoom: undefined })).toBe('live/events');
    expect(formatStreamUrl({ key: '0/0/1', zoom: { start: '1000', end: '2000' } })).toBe(
      'live/events?target=0%2F0%2F1&range=1000-2000',
    );
  });
});

describe('rates', () => {
  test('are per second over the last ten', () => {
    const rates = createRates();
    expect(rates.note('a', 100, 0)).toBeUndefined();
    expect(rates.note('a', 300, 1000)).toBe(200);
    for (let second = 2; second <= 30; second += 1) rates.note('a', 300, second * 1000);
    expect(rates.note('a', 310, 31_000)).toBe(1);
  });

  test('begin anew when a counter did, or time went back', () => {
    const rates = createRates();
    rates.note('a', 100, 0);
    expect(rates.note('a', 50, 1000)).toBeUndefined();
    expect(rates.note('a', 60, 500)).toBeUndefined();
    expect(rates.note('a', 70, 1500)).toBe(10);
  });

  test('of different counters are apart, and one moment counts once', () => {
    const rates = createRates();
    rates.note('a', 0, 0);
    expect(rates.note('b', 1000, 1000)).toBeUndefined();
    expect([rates.note('a', 5, 1000), rates.note('a', 5, 1000)]).toEqual([5, 5]);
  });
});
