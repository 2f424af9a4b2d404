import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { OtlpArguments } from './otlpOptions.ts';
import { readGivenFile } from './otlpVariables.ts';
import type { Environment, Given } from './otlpVariables.ts';

/** Name and value of "NAME=VALUE"; messages show no value. */
function parsePair(text: string, source: string): readonly [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim().toLowerCase();
  try {
    validateHeaderName(name);
  } catch (error) {
    throw new RangeError(`${source}: expected NAME=VALUE with the name of a header`, {
      cause: error,
    });
  }
  return [name, text.slice(at + 1).trim()];
}

function checkValue([name, value]: readonly [string, string], source: string): [string, string] {
  try {
    validateHeaderValue(name, value);
  } catch (error) {
    throw new RangeError(`${source}: the value of "${name}" has characters no header may have`, {
      cause: error,
    });
  }
  return [name, value];
}

/** As in W3C baggage: pairs separated by commas, percent-encoded. */
function parseHeaderList({ name: source, text }: Given): [string, string][] {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  return parts.map((part) => {
    const [name, value] = parsePair(part, source);
    try {
      return checkValue([name, decodeURIComponent(value)], source);
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      throw new RangeError(`${source}: the value of "${name}" is not percent-encoded`, {
        cause: error,
      });
    }
  });
}

/**
 * Headers by lower-case name: of the variables, replaced by those of the options.
 *
 * @throws RangeError that shows no value.
 */
export function parseHeaders(args: OtlpArguments, env: Environment): Record<string, string> {
  const variables = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS'];
  const option = '--otlp.header';
  return Object.fromEntries([
    ...variables.flatMap((name) => parseHeaderList({ name, text: env[name] ?? '' })),
    ...(args['otlp.header'] ?? []).map((text) => checkValue(parsePair(text, option), option)),
  ]);
}

/**
 * Paths of files that hold the value of a header, by lower-case name.
 *
 * @throws RangeError when one cannot be read, or holds what no header may have.
 */
export function parseHeaderFiles(args: OtlpArguments): Record<string, string> {
  const option = '--otlp.header-file';
  const pairs = (args['otlp.header-file'] ?? []).map((text) => parsePair(text, option));
  for (const [name, path] of pairs) {
    checkValue([name, readGivenFile(path, option).toString('utf8').trim()], `${option} ${path}`);
  }
  return Object.fromEntries(pairs);
}
