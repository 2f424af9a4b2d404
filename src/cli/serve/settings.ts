import { ULONG_MAX } from '../../base/uint64.ts';
import { parseSizeBytes, parseTime } from '../../base/units.ts';
import { parseTelemetryPath } from '../../server/app.ts';
import { parseListenAddress } from '../../server/listen.ts';
import type { ListenAddress } from '../../server/listen.ts';
import { parseMetricsSettings } from './metricsOptions.ts';
import type { GivenMetricsSettings } from './metricsOptions.ts';
import type { OtlpSettings } from '../../otlp/otlpSettings.ts';
import { parseOtlpSettings } from './otlpSettings.ts';
import type { Environment } from './otlpVariables.ts';
import { findSystemdSockets } from './systemdSockets.ts';
import { parseCount } from './parseCount.ts';
import { parseMs } from '../collecting/parseMs.ts';
import { DEFAULT_LISTEN_ADDRESS } from './serveArguments.ts';
import { parseTraceBufferKb } from '../collecting/collectingOptions.ts';
import type { ServeArguments } from './serveArguments.ts';
import { parseOption } from '../options.ts';

/** The command line of `serve`, read and checked; nothing was touched yet. */
export interface ServeSettings {
  /** Empty = no server. */
  readonly listenAddresses: readonly ListenAddress[];
  readonly telemetryPath: string;
  /** Infinity = no limit. */
  readonly maxRequests: number;
  /** 0 = there is no live page. */
  readonly maxWatchers: number;
  readonly pollIntervalMs: number;
  readonly sysfsIntervalMs: number;
  /** Undefined = never idle. */
  readonly idleAfterMs: number | undefined;
  readonly traceBufferKb: number;
  readonly metrics: GivenMetricsSettings;
  /** Undefined = no file of metrics is written. */
  readonly textfile: TextfileSettings | undefined;
  /** Undefined = nothing is pushed. */
  readonly otlp: OtlpSettings | undefined;
  /** Undefined = nothing is recorded. */
  readonly record: RecordSettings | undefined;
}

export interface TextfileSettings {
  readonly path: string;
  readonly intervalMs: number;
}

export interface RecordSettings {
  readonly path: string;
  readonly maxSizeBytes: number;
  /** Infinity = only the size limits it. */
  readonly maxAgeMs: number;
  readonly flushIntervalMs: number;
}

function parseIdleAfterMs(text: string): number | undefined {
  const isNever = parseTime(text, 'ms', '--collect.idle-after') === ULONG_MAX;
  return isNever ? undefined : parseMs(text, '--collect.idle-after', 1000);
}

function parseMaxRequests(value: number): number {
  return value === 0 ? Infinity : parseCount(value, '--web.max-requests');
}

function parseMaxWatchers(value: number): number {
  return value === 0 ? 0 : parseCount(value, '--web.max-watchers');
}

/** Less would be used up by the ends of the files, more is no whole number of bytes. */
const RECORD_BYTES = { min: 1n << 20n, max: 1n << 50n } as const;

function parseRecordBytes(text: string): number {
  const bytes = parseSizeBytes(text, '--record.max-size');
  if (bytes < RECORD_BYTES.min || bytes > RECORD_BYTES.max) {
    throw new RangeError(`--record.max-size: found "${text}", expected 1M to 1P`);
  }
  return Number(bytes);
}

function parseRecordAgeMs(text: string): number {
  const ms = parseTime(text, 'ms', '--record.max-age');
  if (ms === ULONG_MAX) return Infinity;
  if (ms < 60_000n) {
    throw new RangeError(`--record.max-age: found "${text}", expected at least 1 minute or "max"`);
  }
  return Number(ms);
}

function parseRecord(args: ServeArguments): RecordSettings | undefined {
  const path = args['record.path'];
  if (path === '') throw new RangeError('--record.path: found "", expected a path');
  const settings = {
    maxSizeBytes: parseRecordBytes(args['record.max-size']),
    maxAgeMs: parseRecordAgeMs(args['record.max-age']),
    flushIntervalMs: parseMs(args['record.flush-interval'], '--record.flush-interval', 10),
  };
  return path === undefined ? undefined : { path, ...settings };
}

function parseTextfile(args: ServeArguments): TextfileSettings | undefined {
  const path = args['output.textfile'];
  const intervalMs = parseMs(args['output.textfile-interval'], '--output.textfile-interval', 100);
  if (path === undefined) return undefined;
  // node_exporter reads no others, and says nothing.
  if (!path.endsWith('.prom')) {
    throw new RangeError(`--output.textfile: found "${path}", expected a path that ends in .prom`);
  }
  return { path, intervalMs };
}

/** "none" is for machines where no port may be open: the numbers then go elsewhere. */
function parseListenAddresses(
  args: ServeArguments,
  isPushing: boolean,
  env: Environment,
): ListenAddress[] {
  if (args['web.systemd-socket']) {
    if (args['web.listen-address'] === undefined) return findSystemdSockets(env, process.pid);
    throw new RangeError('--web.systemd-socket: found beside --web.listen-address');
  }
  const texts = args['web.listen-address'] ?? [DEFAULT_LISTEN_ADDRESS];
  if (!texts.includes('none')) return texts.map(parseListenAddress);
  if (texts.length > 1) {
    throw new RangeError('--web.listen-address: found "none" beside an address');
  }
  const isWriting = args['output.textfile'] !== undefined || args['record.path'] !== undefined;
  if (!isWriting && !isPushing) {
    throw new RangeError(
      '--web.listen-address none: nothing would be served, written or pushed; add --output.textfile, --record.path or --otlp.endpoint',
    );
  }
  return [];
}

/**
 * The command line, and OpenTelemetry's variables behind it.
 *
 * @throws UsageError for the first setting that is wrong.
 */
export function parseServeSettings(args: ServeArguments, env: Environment): ServeSettings {
  const otlp = parseOption(() => parseOtlpSettings(args, env));
  return parseOption(() => ({
    listenAddresses: parseListenAddresses(args, otlp !== undefined, env),
    telemetryPath: parseTelemetryPath(args['web.telemetry-path']),
    maxRequests: parseMaxRequests(args['web.max-requests']),
    maxWatchers: parseMaxWatchers(args['web.max-watchers']),
    pollIntervalMs: parseMs(args['collect.interval'], '--collect.interval', 10),
    sysfsIntervalMs: parseMs(args['collect.sysfs-interval'], '--collect.sysfs-interval', 10),
    idleAfterMs: parseIdleAfterMs(args['collect.idle-after']),
    traceBufferKb: parseTraceBufferKb(args['trace.buffer-size']),
    metrics: parseMetricsSettings(args),
    textfile: parseTextfile(args),
    otlp,
    record: parseRecord(args),
  }));
}
