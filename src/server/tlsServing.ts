import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { ConfigError, describeError } from '../base/errors.ts';
import type { PemSource, TlsConfig } from '../config/webConfig.ts';

/** Everything connections are secured with, for as long as the files say the same. */
export interface TlsServing {
  readonly options: TlsOptions;
  /** Why this client is not let in; undefined where it is. Asked after the handshake. */
  readonly refuseClient: (socket: TLSSocket) => string | undefined;
}

/** A part of the text of `subjectAltName`; values with odd characters are in quotes, as in JSON. */
const SAN = /(?:DNS|email|IP Address|URI):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g;

/** Alternative names of a certificate, without their kinds: `a.example`, `10.0.0.1`, `spiffe://…`. */
export function listAlternativeNames(certificate: X509Certificate): string[] {
  return [...(certificate.subjectAltName ?? '').matchAll(SAN)].map(([, value = '']) =>
    value.startsWith('"') ? String(JSON.parse(value)) : value,
  );
}

function createRefusal({
  clientAuthType,
  clientAllowedSans,
}: TlsConfig): TlsServing['refuseClient'] {
  const isNeeded = clientAuthType.startsWith('Require');
  const isVerified = clientAuthType.includes('Verify');
  return (socket) => {
    if (clientAuthType === 'NoClientCert' || clientAuthType === 'RequestClientCert')
      return undefined;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return isNeeded ? 'no certificate' : undefined;
    if (!isVerified) return undefined;
    if (!socket.authorized) return String(socket.authorizationError);
    const names = listAlternativeNames(certificate);
    const isAllowed =
      clientAllowedSans.length === 0 || names.some((name) => clientAllowedSans.includes(name));
    return isAllowed ? undefined : `none of its names is allowed: ${names.join(', ')}`;
  };
}

/**
 * Turns what a web configuration says of TLS into what Node takes, and tries it.
 *
 * @param name Of the configuration, for messages.
 * @param readPem The text of each; throws ConfigError.
 * @throws ConfigError where something is no certificate or key, or they do not belong together.
 */
export function createTlsServing(
  config: TlsConfig,
  name: string,
  readPem: (source: PemSource) => string,
): TlsServing {
  const { clientCa, position } = config;
  const attempt = <T>(place: TlsConfig['position'], what: string, make: () => T): T => {
    try {
      return make();
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      const message = `${what}: ${describeError(error)}`;
      throw new ConfigError({ name, problems: [{ ...place, message }], cause: error });
    }
  };
  const of = (source: PemSource): string =>
    `tls_server_config.${source.key}${source.path === undefined ? '' : ` ${source.path}`}`;
  const cert = readPem(config.cert);
  const key = readPem(config.key);
  const ca = clientCa && readPem(clientCa);
  const leaf = attempt(
    config.cert.position,
    `${of(config.cert)}: expected a certificate in PEM form`,
    () => new X509Certificate(cert),
  );
  const privateKey = attempt(
    config.key.position,
    `${of(config.key)}: expected a private key in PEM form, without a passphrase`,
    () => createPrivateKey(key),
  );
  attempt(config.key.position, of(config.key), () => {
    if (!leaf.checkPrivateKey(privateKey)) throw new Error('it is not the key of the certificate');
  });
  if (clientCa !== undefined && ca !== undefined) {
    attempt(
      clientCa.position,
      `${of(clientCa)}: expected a certificate in PEM form`,
      () => new X509Certificate(ca),
    );
  }
  const context = {
    cert,
    key,
    ...(ca !== undefined && { ca }),
    minVersion: config.minVersion,
    maxVersion: config.maxVersion,
    honorCipherOrder: config.isServerOrderPreferred,
    ...(config.ciphers !== undefined && { ciphers: config.ciphers }),
    ...(config.curves !== undefined && { ecdhCurve: config.curves }),
  };
  attempt(position, 'tls_server_config: OpenSSL refuses it', () => createSecureContext(context));
  const options = {
    ...context,
    requestCert: config.clientAuthType !== 'NoClientCert',
    // Refused below, where the reason is known and certificates may be optional.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: 10_000,
  };
  return { options, refuseClient: createRefusal(config) };
}
