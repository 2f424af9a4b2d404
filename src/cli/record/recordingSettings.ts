import { ULONG_MAX } from '../../base/uint64.ts';
import { parseTime } from '../../base/units.ts';
import type { WrittenFormat } from '../../record/write/formats.ts';
import { parseTraceBufferKb } from '../collecting/collectingOptions.ts';
import { parseMs } from '../collecting/parseMs.ts';
import { parseOption } from '../options.ts';
import type { RecordingArguments } from './recordingArguments.ts';

/** The command line of `record`, read and checked; nothing was touched yet. */
export interface RecordingSettings {
  readonly path: string;
  /** Permission bits of the file. */
  readonly mode: number;
  readonly format: WrittenFormat;
  /** Undefined = until something else ends it. */
  readonly timeoutNs: bigint | undefined;
  readonly sysfsIntervalMs: number;
  readonly traceBufferKb: number;
}

function parseMode(text: string): number {
  const mode = /^[0-7]{1,4}$/.test(text) ? Number.parseInt(text, 8) : NaN;
  if (mode <= 0o777) return mode;
  throw new RangeError(
    `--output_permission: found "${text}", expected octal digits such as 600 or 644`,
  );
}

/** Undefined for "max". @throws RangeError */
export function parseTimeoutNs(text: string): bigint | undefined {
  // Bare numbers are seconds, as in damo, and may have a fraction.
  const timeNs = parseTime(/^[\d.,]+$/.test(text) ? `${text}s` : text, 'ns', '--timeout');
  if (timeNs === 0n) throw new RangeError(`--timeout: found "${text}", expected more than 0`);
  return timeNs === ULONG_MAX ? undefined : timeNs;
}

function parsePath(text: string): string {
  if (text === '') throw new RangeError('--out: found "", expected the name of a file');
  return text;
}

/** @throws UsageError for the first setting that is wrong. */
export function parseRecordingSettings(args: RecordingArguments): RecordingSettings {
  return parseOption(() => ({
    path: parsePath(args.out),
    mode: parseMode(args.output_permission),
    format: args.output_type,
    timeoutNs: args.timeout === undefined ? undefined : parseTimeoutNs(args.timeout),
    sysfsIntervalMs: parseMs(args['collect.sysfs-interval'], '--collect.sysfs-interval', 10),
    traceBufferKb: parseTraceBufferKb(args['trace.buffer-size']),
  }));
}
