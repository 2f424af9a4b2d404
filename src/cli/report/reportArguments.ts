import { UsageError } from '../../base/errors.ts';
import { parseSizeBytes, parseTime } from '../../base/units.ts';
import type { AddressRange, TimeRange } from '../../report/heatmap/heatMatrix.ts';
import { checkPercentiles } from '../../base/percentiles.ts';
import { listRange } from '../../report/pythonRange.ts';
import type { SnapshotSelection } from '../../report/selectSnapshots.ts';
import type { StreamFilter } from '../../report/streams.ts';
import { parseOption } from '../options.ts';
import type { PercentileArguments, RangeArguments, RecordArguments } from './reportOptions.ts';

function parseIndex(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseWhole(option, text);
}

export function parseStreamFilter(args: RecordArguments): StreamFilter {
  return {
    targetId: args.tid,
    kdamond: args.kdamond_idx,
    contextIndex: parseIndex('--context_idx', args.context_idx),
    schemeIndex: parseIndex('--scheme_idx', args.scheme_idx),
  };
}

/** Bytes, with units, or as the raw report prints it after `0x`. */
export function parseAddress(text: string): bigint {
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return BigInt(text);
  return parseOption(() => parseSizeBytes(text, '--address_range'));
}

/** Nanoseconds, or with units; negative before what it counts from. */
export function parseRecordTime(text: string): bigint {
  return parseOption(() => parseTime(text, 'ns', '--time_range', { isSigned: true }));
}

/** @throws UsageError unless there is something between start and end. */
export function checkOrder(option: string, start: bigint, end: bigint): void {
  if (start < end) return;
  throw new UsageError(
    `${option}: found ${start.toString()} to ${end.toString()}, expected an end after the start`,
  );
}

function parseTimeRange(words: readonly string[] | undefined): TimeRange | undefined {
  if (words === undefined) return undefined;
  const [startNs = 0n, endNs = 0n] = words.map(parseRecordTime);
  checkOrder('--time_range', startNs, endNs);
  return { startNs, endNs };
}

function parseAddressRange(words: readonly string[] | undefined): AddressRange | undefined {
  if (words === undefined) return undefined;
  const [startAddr = 0n, endAddr = 0n] = words.map(parseAddress);
  checkOrder('--address_range', startAddr, endAddr);
  return { startAddr, endAddr };
}

/** @throws UsageError for ranges that are none. */
export function parseSelection(args: RecordArguments & RangeArguments): SnapshotSelection {
  return {
    streams: parseStreamFilter(args),
    timeRange: parseTimeRange(args.time_range),
    addressRange: parseAddressRange(args.address_range),
  };
}

interface WholeLimits {
  readonly min?: number;
  readonly max?: number;
}

/** The number of an option. Numbers are texts to yargs, which makes NaN of what is none. */
export function parseWhole(
  option: string,
  text: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: WholeLimits = {},
): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  const most = max === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${max}`;
  throw new UsageError(
    `${option}: found "${text}", expected a whole number of at least ${min}${most}`,
  );
}

/** @throws UsageError when more than one of these options is given. */
export function checkExclusive(options: Readonly<Record<string, unknown>>): void {
  const given = Object.keys(options).filter((option) => Boolean(options[option]));
  if (given.length > 1) throw new UsageError(`${given.join(' and ')} exclude each other`);
}

/** @throws UsageError for anything but three numbers that give percentiles. */
export function parsePercentiles({
  range = ['0', '101', '25'],
}: PercentileArguments): readonly number[] {
  const [start = NaN, stop = NaN, step = NaN] = range.map((text) =>
    parseWhole('--range', text, { min: Number.MIN_SAFE_INTEGER }),
  );
  return parseOption(() => checkPercentiles(listRange(start, stop, step)));
}
