import type { Options } from 'yargs';
import { toSafeNumber } from '../../base/uint64.ts';
import { parseShare, parseSizeBytes, parseTime } from '../../base/units.ts';
import type { AllMetricsSettings } from '../../metrics/metrics.ts';
import { DEFAULT_COLD_AGES, parseColdAges } from '../coldAges.ts';
import { defineOptions } from '../options.ts';
import { parseAscending } from '../parseAscending.ts';
import { parseCount } from './parseCount.ts';
import { parseMs } from '../collecting/parseMs.ts';

/** What the metrics are made of, and how finely. */
export const METRICS_OPTIONS: Record<string, Options> = defineOptions({
  'metrics.wss-threshold': {
    type: 'number',
    default: 1,
    describe: 'samples with an access from which on a region belongs to the working set',
    group: 'Metrics:',
  },
  'metrics.wss-window': {
    type: 'string',
    default: '5m',
    describe: 'time over which percentiles of the working set size are taken',
    group: 'Metrics:',
  },
  'metrics.wss-buckets': {
    type: 'string',
    default:
      '1M,2M,4M,8M,16M,32M,64M,128M,256M,512M,1G,2G,4G,8G,16G,32G,64G,128G,256G,512G,1T,2T,4T',
    describe: 'upper bounds of the distribution of working set sizes',
    group: 'Metrics:',
  },
  'metrics.access-buckets': {
    type: 'string',
    default: '0,5%,10%,20%,30%,40%,50%,60%,70%,80%,90%,100%',
    describe: 'upper bounds of the distribution of access ratios',
    group: 'Metrics:',
  },
  'metrics.idle-buckets': {
    type: 'string',
    default: '0,1s,5s,10s,30s,1m,2m,5m,10m,20m,30m,1h,2h,4h,8h,1d',
    describe: 'upper bounds of the distribution of idle times',
    group: 'Metrics:',
  },
  'metrics.cold-ages': {
    type: 'string',
    default: DEFAULT_COLD_AGES,
    describe: 'idle times from which on memory is told as cold',
    group: 'Metrics:',
  },
  'metrics.address-cells': {
    type: 'number',
    default: 64,
    describe: "cells a target's memory is divided into to tell where it is accessed (0 = not told)",
    group: 'Metrics:',
  },
  'metrics.max-series': {
    type: 'number',
    default: 2000,
    describe: 'most series of one metric family',
    group: 'Metrics:',
  },
});

export interface MetricsArguments {
  readonly 'metrics.wss-threshold': number;
  readonly 'metrics.wss-window': string;
  readonly 'metrics.wss-buckets': string;
  readonly 'metrics.access-buckets': string;
  readonly 'metrics.idle-buckets': string;
  readonly 'metrics.cold-ages': string;
  readonly 'metrics.address-cells': number;
  readonly 'metrics.max-series': number;
}

/** The part of the settings that the command line tells. */
export type GivenMetricsSettings = Omit<
  AllMetricsSettings,
  'maxWssSizes' | 'maxGapSeconds' | 'maxTargets'
>;

function parseBytes(text: string, option: string): number {
  return toSafeNumber(parseSizeBytes(text, option), option);
}

function parseRatio(text: string, option: string): number {
  const ratio = parseShare(text, 'ratio', option);
  if (ratio > 1) throw new RangeError(`${option}: found "${text}", expected 0 to 1, or 0% to 100%`);
  return ratio;
}

function parseAnyMs(text: string, option: string): number {
  return toSafeNumber(parseTime(text, 'ms', option), option);
}

function parseSeconds(text: string, option: string): number {
  return parseAnyMs(text, option) / 1000;
}

/** Each is a series, and more rows than a screen shows. */
const MAX_CELLS = 1024;

function parseCells(value: number, option: string): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > MAX_CELLS) {
    throw new RangeError(`${option}: expected a whole number from 0 to ${MAX_CELLS}`);
  }
  return value;
}

/** @throws RangeError for the first setting that is wrong. */
export function parseMetricsSettings(args: MetricsArguments): GivenMetricsSettings {
  const list = (
    name: 'wss-buckets' | 'access-buckets' | 'idle-buckets',
    parse: (text: string, option: string) => number,
  ): number[] => parseAscending(args[`metrics.${name}`], `--metrics.${name}`, parse);
  return {
    wssThresholdSamples: parseCount(args['metrics.wss-threshold'], '--metrics.wss-threshold'),
    wssWindowNs:
      BigInt(parseMs(args['metrics.wss-window'], '--metrics.wss-window', 1000)) * 1_000_000n,
    wssBoundsBytes: list('wss-buckets', parseBytes),
    accessRatioBounds: list('access-buckets', parseRatio),
    idleBoundsSeconds: list('idle-buckets', parseSeconds),
    coldIdleUs: parseColdAges(args['metrics.cold-ages'], '--metrics.cold-ages'),
    addressCells: parseCells(args['metrics.address-cells'], '--metrics.address-cells'),
    maxSeriesPerFamily: parseCount(args['metrics.max-series'], '--metrics.max-series'),
  };
}
