import type { TextPosition } from './document.ts';

/** Who may come in, and how they are spoken to: what the file of --web.config.file says. */
export interface WebConfig {
  /** Undefined = no TLS. */
  readonly tls: TlsConfig | undefined;
  /** Sent with every answer, in place of what the server sends itself. */
  readonly headers: Readonly<Record<string, string>>;
  /** Hashes of passwords by user; empty = nobody is asked. */
  readonly users: ReadonlyMap<string, string>;
  /** Undefined = no limit. */
  readonly rateLimit: RateLimitConfig | undefined;
}

/** A bucket of `burst` requests, into which one comes every `intervalMs`. */
export interface RateLimitConfig {
  readonly intervalMs: number;
  readonly burst: number;
}

export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

export interface TlsConfig {
  readonly cert: PemSource;
  readonly key: PemSource;
  /** Whose certificates clients may have; undefined where none is verified. */
  readonly clientCa: PemSource | undefined;
  readonly clientAuthType: ClientAuthType;
  /** Alternative names one of which a verified certificate must have; empty = any. */
  readonly clientAllowedSans: readonly string[];
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL's list; undefined = its own. */
  readonly ciphers: string | undefined;
  readonly isServerOrderPreferred: boolean;
  /** OpenSSL's list; undefined = its own. */
  readonly curves: string | undefined;
  /** Where the file speaks of TLS: for problems of no single value. */
  readonly position: TextPosition;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Text in PEM form, in the configuration itself or in a file of its own. */
export interface PemSource {
  /** The key that names it, for messages. */
  readonly key: string;
  readonly position: TextPosition;
  /** Undefined where `text` holds it; relative to the directory of the configuration. */
  readonly path: string | undefined;
  readonly text: string | undefined;
}
