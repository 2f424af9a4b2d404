import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import type { ServeArguments } from '../../../src/cli/serve/serveArguments.ts';
import { parseMetricsSettings } from '../../../src/cli/serve/metricsOptions.ts';
import { parseServeSettings } from '../../../src/cli/serve/settings.ts';
import { DEFAULT_METRICS_ARGUMENTS } from '../../support/metricsArguments.ts';
import { SERVE_ARGUMENTS } from '../../support/serveArguments.ts';

test('the defaults come out in the units of their names', () => {
  expect(parseServeSettings(SERVE_ARGUMENTS, {})).toEqual({
    listenAddresses: [{ host: undefined, port: 10_077 }],
    telemetryPath: '/metrics',
    maxRequests: 40,
    maxWatchers: 20,
    pollIntervalMs: 250,
    sysfsIntervalMs: 5000,
    idleAfterMs: 300_000,
    traceBufferKb: 512,
    metrics: parseMetricsSettings(DEFAULT_METRICS_ARGUMENTS),
    textfile: undefined,
    otlp: undefined,
    record: undefined,
  });
});

describe('taken', () => {
  test.each<[Partial<ServeArguments>, object]>([
    [{ 'collect.idle-after': 'max' }, { idleAfterMs: undefined }],
    [{ 'collect.idle-after': '1h 30m' }, { idleAfterMs: 5_400_000 }],
    [{ 'collect.interval': '10' }, { pollIntervalMs: 10 }],
    [{ 'collect.sysfs-interval': '1d' }, { sysfsIntervalMs: 86_400_000 }],
    [{ 'trace.buffer-size': '1G' }, { traceBufferKb: 1_048_576 }],
    [{ 'trace.buffer-size': '16K' }, { traceBufferKb: 16 }],
    [
      { 'web.listen-address': ['[::1]:1', 'localhost:2'] },
      {
        listenAddresses: [
          { host: '::1', port: 1 },
          { host: 'localhost', port: 2 },
        ],
      },
    ],
    [
      { 'record.path': '/var/lib/d' },
      {
        record: {
          path: '/var/lib/d',
          maxSizeBytes: 2 ** 28,
          maxAgeMs: 604_800_000,
          flushIntervalMs: 5000,
        },
      },
    ],
    [{ 'web.max-requests': 0 }, { maxRequests: Infinity }],
    [{ 'web.max-watchers': 0 }, { maxWatchers: 0 }],
    [
      { 'output.textfile': '/t/damon.prom', 'web.listen-address': ['none'] },
      { textfile: { path: '/t/damon.prom', intervalMs: 15_000 }, listenAddresses: [] },
    ],
    [{ 'record.path': 'd', 'record.max-age': 'max' }, { record: { maxAgeMs: Infinity } }],
  ])('%j', (change, expected) => {
    expect(parseServeSettings({ ...SERVE_ARGUMENTS, ...change }, {})).toMatchObject(expected);
  });
});

describe('refused with a sentence about the option', () => {
  test.each<[Partial<ServeArguments>, RegExp]>([
    [{ 'collect.interval': '9ms' }, /--collect\.interval: found "9ms", expected 10 ms to 1 day/],
    [{ 'collect.interval': '25h' }, /--collect\.interval: found "25h", expected 10 ms to 1 day/],
    [{ 'collect.interval': 'max' }, /--collect\.interval/],
    [{ 'collect.interval': '' }, /--collect\.interval: found ""/],
    [{ 'collect.sysfs-interval': '-1s' }, /--collect\.sysfs-interval: found "-1s" \(negative\)/],
    [{ 'collect.sysfs-interval': '1500us' }, /not a whole number of ms/],
    [{ 'collect.idle-after': '999ms' }, /--collect\.idle-after: found "999ms"/],
    [{ 'trace.buffer-size': '15K' }, /--trace\.buffer-size: found "15K", expected 16K to 1G/],
    [{ 'trace.buffer-size': '2G' }, /--trace\.buffer-size: found "2G"/],
    [{ 'trace.buffer-size': 'max' }, /--trace\.buffer-size: found "max"/],
    [{ 'web.listen-address': [':99999'] }, /listen address: found ":99999"/],
    [{ 'web.listen-address': ['none'] }, /nothing would be served, written or pushed/],
    [{ 'web.listen-address': ['none', ':1'], 'record.path': 'd' }, /found "none" beside/],
    [{ 'web.max-requests': -1 }, /--web\.max-requests: expected a whole number/],
    [{ 'web.max-watchers': -1 }, /--web\.max-watchers: expected a whole number/],
    [{ 'output.textfile': 'damon.txt' }, /--output\.textfile: found "damon\.txt", expected a path/],
    [{ 'output.textfile-interval': '1ms' }, /--output\.textfile-interval: found "1ms"/],
    [{ 'web.telemetry-path': 'metrics' }, /telemetry path/],
    [{ 'record.path': '' }, /--record\.path: found ""/],
    [{ 'record.max-size': '1023K' }, /--record\.max-size: found "1023K", expected 1M to 1P/],
    [{ 'record.max-size': 'max' }, /--record\.max-size: found "max"/],
    [{ 'record.max-age': '59s' }, /--record\.max-age: found "59s", expected at least 1 minute/],
    [{ 'record.flush-interval': '2d' }, /--record\.flush-interval: found "2d"/],
  ])('%j', (change, message) => {
    const parse = () => parseServeSettings({ ...SERVE_ARGUMENTS, ...change }, {});
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });
});
