import { OTLP_COMPRESSIONS, OTLP_PROTOCOLS } from '../../otlp/otlpSettings.ts';
import type { OtlpProtocol, OtlpSettings } from '../../otlp/otlpSettings.ts';
import { parseHeaderFiles, parseHeaders } from './otlpHeaders.ts';
import { OTLP_OPTIONS } from './otlpOptions.ts';
import type { OtlpArguments } from './otlpOptions.ts';
import { readTls } from './otlpTls.ts';
import { findVariable } from './otlpVariables.ts';
import type { Environment, Given } from './otlpVariables.ts';
import { parseMs } from '../collecting/parseMs.ts';

const METRICS_PATH = '/v1/metrics';
const DEFAULT_ENDPOINT = 'http://localhost:4318';
const DEFAULT_INTERVAL_MS = 60_000;
/** Of the exporter and of the reader. Source: OpenTelemetry specification, exporter and SDK. */
const DEFAULT_TIMEOUT_MS = { push: 10_000, export: 30_000 } as const;

/** The option, else the variable for metrics, else the one for everything. */
function findGiven(
  args: OtlpArguments,
  env: Environment,
  option: 'protocol' | 'compression',
): Given | undefined {
  const text = args[`otlp.${option}`];
  if (text !== undefined) return { name: `--otlp.${option}`, text };
  const variable = option.toUpperCase();
  return findVariable(
    env,
    `OTEL_EXPORTER_OTLP_METRICS_${variable}`,
    `OTEL_EXPORTER_OTLP_${variable}`,
  );
}

/** @throws RangeError that shows no user, password or query. */
function parseUrl({ name, text }: Given): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const shown = text.replace(/\/\/[^/]*@/, '//…@').replace(/\?.*/s, '?…');
    throw new RangeError(
      `${name}: found "${shown}", expected a URL such as ${DEFAULT_ENDPOINT} or https://…`,
    );
  }
  return url;
}

function appendMetricsPath(url: URL): URL {
  const path = url.pathname.replace(/\/+$/, '');
  const appended = new URL(url);
  appended.pathname = path.endsWith(METRICS_PATH) ? path : `${path}${METRICS_PATH}`;
  return appended;
}

function parseEndpoint(args: OtlpArguments, env: Environment): string {
  const endpoint = args['otlp.endpoint'];
  const forMetrics = findVariable(env, 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT');
  // This variable alone is taken as it is. Source: OpenTelemetry specification, OTLP exporter.
  if (endpoint === undefined && forMetrics !== undefined) return parseUrl(forMetrics).href;
  const base =
    endpoint === undefined
      ? findVariable(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')
      : { name: '--otlp.endpoint', text: endpoint };
  return appendMetricsPath(parseUrl(base ?? { name: 'default', text: DEFAULT_ENDPOINT })).href;
}

function parseProtocol(given: Given | undefined): OtlpProtocol {
  if (given === undefined) return 'http/protobuf';
  const known = OTLP_PROTOCOLS.find((protocol) => protocol === given.text);
  if (known !== undefined) return known;
  const where = given.text === 'grpc' ? ' (gRPC is not spoken; collectors take HTTP on 4318)' : '';
  throw new RangeError(
    `${given.name}: found "${given.text}", expected ${OTLP_PROTOCOLS.join(' or ')}${where}`,
  );
}

function parseCompression(given: Given | undefined): OtlpSettings['compression'] {
  if (given === undefined) return 'none';
  const known = OTLP_COMPRESSIONS.find((compression) => compression === given.text);
  if (known !== undefined) return known;
  throw new RangeError(
    `${given.name}: found "${given.text}", expected ${OTLP_COMPRESSIONS.join(' or ')}`,
  );
}

function parseIntervalMs(args: OtlpArguments, env: Environment): number {
  const option = args['otlp.interval'];
  if (option !== undefined) return parseMs(option, '--otlp.interval', 100);
  return parseVariableMs(env, DEFAULT_INTERVAL_MS, 'OTEL_METRIC_EXPORT_INTERVAL');
}

function parseVariableMs(env: Environment, defaultMs: number, ...names: string[]): number {
  const given = findVariable(env, ...names);
  return given === undefined ? defaultMs : parseMs(given.text, given.name, 100);
}

/** A push must be over before the next one. */
function parseTimeoutMs(env: Environment, intervalMs: number): number {
  const exporter = ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'];
  return Math.min(
    intervalMs,
    parseVariableMs(env, DEFAULT_TIMEOUT_MS.push, ...exporter),
    parseVariableMs(env, DEFAULT_TIMEOUT_MS.export, 'OTEL_METRIC_EXPORT_TIMEOUT'),
  );
}

function isResourceAttribute(text: string): boolean {
  const [key = '', value, ...rest] = text.split('=');
  if (key.trim() === '' || value === undefined || rest.length > 0) return false;
  try {
    return [key, value].every((part) => decodeURIComponent(part).length < 256);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return false;
  }
}

/** The client drops all attributes, without a word, for one that is wrong. */
function checkResourceAttributes(env: Environment): void {
  const given = findVariable(env, 'OTEL_RESOURCE_ATTRIBUTES');
  for (const part of given?.text.split(',') ?? []) {
    if (part.trim() === '' || isResourceAttribute(part)) continue;
    throw new RangeError(
      `OTEL_RESOURCE_ATTRIBUTES: found "${part}", expected KEY=VALUE, percent-encoded, of less than 256 characters each`,
    );
  }
}

const EXPORTERS = ['otlp', 'none', 'prometheus', 'console'];

/** Whether the variables ask for pushing; undefined when they forbid it. */
function isAskedByVariables(env: Environment): boolean | undefined {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return undefined;
  const exporters = findVariable(env, 'OTEL_METRICS_EXPORTER');
  if (exporters === undefined) {
    const names = ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
    return findVariable(env, ...names) !== undefined;
  }
  const listed = exporters.text.split(',').map((name) => name.trim());
  const unknown = listed.find((name) => !EXPORTERS.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`OTEL_METRICS_EXPORTER: found "${unknown}", expected otlp or none`);
  }
  return listed.includes('otlp') || undefined;
}

function isAsked(args: OtlpArguments, env: Environment): boolean {
  if (args['otlp.endpoint'] !== undefined) return true;
  const isAskedInEnvironment = isAskedByVariables(env);
  const useless = Object.keys(OTLP_OPTIONS).find(
    (name) => args[name as keyof OtlpArguments] !== undefined,
  );
  if (isAskedInEnvironment === false && useless !== undefined) {
    throw new RangeError(`--${useless}: nothing is pushed without --otlp.endpoint`);
  }
  return isAskedInEnvironment === true;
}

/**
 * What the command line and, behind it, OpenTelemetry's variables say; undefined when nothing is to
 * be pushed. Reads the files that are named.
 *
 * @throws RangeError for the first setting that is wrong; it shows no secret.
 */
export function parseOtlpSettings(args: OtlpArguments, env: Environment): OtlpSettings | undefined {
  if (!isAsked(args, env)) return undefined;
  checkResourceAttributes(env);
  const intervalMs = parseIntervalMs(args, env);
  return {
    url: parseEndpoint(args, env),
    protocol: parseProtocol(findGiven(args, env, 'protocol')),
    intervalMs,
    timeoutMs: parseTimeoutMs(env, intervalMs),
    compression: parseCompression(findGiven(args, env, 'compression')),
    headers: parseHeaders(args, env),
    headerFiles: parseHeaderFiles(args),
    tls: readTls(env),
  };
}
