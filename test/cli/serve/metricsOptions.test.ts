import { describe, expect, test } from 'vitest';
import { parseMetricsSettings } from '../../../src/cli/serve/metricsOptions.ts';
import type { MetricsArguments } from '../../../src/cli/serve/metricsOptions.ts';
import { DEFAULT_METRICS_SETTINGS } from '../../../src/metrics/metrics.ts';
import { DEFAULT_METRICS_ARGUMENTS } from '../../support/metricsArguments.ts';

test('the defaults of the options are those of the metrics', () => {
  const settings = parseMetricsSettings(DEFAULT_METRICS_ARGUMENTS);
  expect({ ...DEFAULT_METRICS_SETTINGS, ...settings }).toEqual(DEFAULT_METRICS_SETTINGS);
});

describe('taken', () => {
  test.each<[Partial<MetricsArguments>, object]>([
    [{ 'metrics.wss-window': '1h 30m' }, { wssWindowNs: 5_400_000_000_000n }],
    [{ 'metrics.wss-window': '1000' }, { wssWindowNs: 1_000_000_000n }],
    [{ 'metrics.wss-buckets': '4096, 1.5M ,1T' }, { wssBoundsBytes: [4096, 1_572_864, 2 ** 40] }],
    [{ 'metrics.access-buckets': '0,0.5,70%,1' }, { accessRatioBounds: [0, 0.5, 0.7, 1] }],
    [{ 'metrics.idle-buckets': '0,500ms,1s,1d' }, { idleBoundsSeconds: [0, 0.5, 1, 86_400] }],
    [{ 'metrics.address-cells': 0 }, { addressCells: 0 }],
    [{ 'metrics.cold-ages': '2m' }, { coldIdleUs: [120_000_000] }],
  ])('%j', (change, expected) => {
    expect(parseMetricsSettings({ ...DEFAULT_METRICS_ARGUMENTS, ...change })).toMatchObject(
      expected,
    );
  });
});

describe('refused with a sentence about the option', () => {
  test.each<[Partial<MetricsArguments>, RegExp]>([
    [{ 'metrics.wss-threshold': 0 }, /--metrics\.wss-threshold: expected a whole number/],
    [{ 'metrics.wss-threshold': NaN }, /--metrics\.wss-threshold/],
    [{ 'metrics.max-series': 1.5 }, /--metrics\.max-series: expected a whole number/],
    [{ 'metrics.address-cells': 1025 }, /address-cells: expected a whole number from 0 to 1024/],
    [{ 'metrics.address-cells': -1 }, /--metrics\.address-cells/],
    [{ 'metrics.wss-window': '999ms' }, /wss-window: found "999ms", expected 1000 ms to 1 day/],
    [{ 'metrics.wss-window': '25h' }, /wss-window: found "25h", expected 1000 ms to 1 day/],
    [{ 'metrics.wss-window': 'max' }, /--metrics\.wss-window/],
    [{ 'metrics.wss-window': '' }, /--metrics\.wss-window: found ""/],
    [{ 'metrics.wss-buckets': '' }, /--metrics\.wss-buckets: found ""/],
    [{ 'metrics.wss-buckets': '1M,,2M' }, /--metrics\.wss-buckets: found ""/],
    [{ 'metrics.wss-buckets': '2M,1M' }, /found "2M,1M", expected each value above/],
    [{ 'metrics.wss-buckets': '1M,1024K' }, /expected each value above the one before/],
    [{ 'metrics.wss-buckets': '1m' }, /--metrics\.wss-buckets: found "1m" \(did you mean "M"/],
    [{ 'metrics.wss-buckets': 'max' }, /--metrics\.wss-buckets/],
    [{ 'metrics.access-buckets': '0,110%' }, /access-buckets: found "110%", expected 0 to 1/],
    [{ 'metrics.access-buckets': '0,x' }, /--metrics\.access-buckets: found "x"/],
    [{ 'metrics.idle-buckets': '0,-1s' }, /--metrics\.idle-buckets: found "-1s" \(negative\)/],
    [{ 'metrics.idle-buckets': '0,1us' }, /not a whole number of ms/],
    [{ 'metrics.cold-ages': '0' }, /--metrics\.cold-ages: found "0", expected 1 ms to 366 days/],
    [{ 'metrics.cold-ages': '10m,2m' }, /--metrics\.cold-ages: .*above the one before/],
    [
      { 'metrics.idle-buckets': Array.from({ length: 101 }, (_, s) => `${s}s`).join(',') },
      /found 101 values, expected at most 100/,
    ],
  ])('%j', (change, message) => {
    const parse = () => parseMetricsSettings({ ...DEFAULT_METRICS_ARGUMENTS, ...change });
    expect(parse).toThrow(RangeError);
    expect(parse).toThrow(message);
  });
});
