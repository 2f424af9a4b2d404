import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { describeError } from '../../base/errors.ts';
import type { OtlpSettings } from '../../otlp/otlpSettings.ts';
import { findVariable, readGivenFile } from './otlpVariables.ts';
import type { Environment } from './otlpVariables.ts';

interface TlsFile {
  readonly name: string;
  readonly content: Buffer;
}

function readTlsFile(env: Environment, what: string): TlsFile | undefined {
  const names = [`OTEL_EXPORTER_OTLP_METRICS_${what}`, `OTEL_EXPORTER_OTLP_${what}`];
  const given = findVariable(env, ...names);
  return given && { name: given.name, content: readGivenFile(given.text, given.name) };
}

function check(file: TlsFile | undefined, use: (content: Buffer) => unknown): void {
  if (file === undefined) return;
  try {
    use(file.content);
  } catch (error) {
    throw new RangeError(
      `${file.name}: expected a PEM file, and a key that belongs to its certificate: ${describeError(error)}`,
      { cause: error },
    );
  }
}

/**
 * What collectors with certificates of their own need.
 *
 * @throws RangeError when a file cannot be read or used.
 */
export function readTls(env: Environment): OtlpSettings['tls'] {
  const ca = readTlsFile(env, 'CERTIFICATE');
  const cert = readTlsFile(env, 'CLIENT_CERTIFICATE');
  const key = readTlsFile(env, 'CLIENT_KEY');
  check(ca, (content) => new X509Certificate(content));
  check(cert, (content) => createSecureContext({ cert: content }));
  check(key, (content) => createSecureContext({ cert: cert?.content, key: content }));
  return { ca: ca?.content, cert: cert?.content, key: key?.content };
}
