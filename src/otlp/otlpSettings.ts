export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

export const OTLP_COMPRESSIONS = ['none', 'gzip'] as const;
export type OtlpCompression = (typeof OTLP_COMPRESSIONS)[number];

/** Where metrics are pushed, and how. */
export interface OtlpSettings {
  /** Whole, with the path of metrics. May hold a password: log it with `formatEndpoint` only. */
  readonly url: string;
  readonly protocol: OtlpProtocol;
  readonly intervalMs: number;
  /** Of one push with all its retries; at most the interval. */
  readonly timeoutMs: number;
  readonly compression: OtlpCompression;
  /** By lower-case name. Secrets: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Paths of files that hold a value, by lower-case name; read again for each push. */
  readonly headerFiles: Readonly<Record<string, string>>;
  /** PEM; what is undefined is Node's own. */
  readonly tls: {
    readonly ca?: Buffer | undefined;
    readonly cert?: Buffer | undefined;
    readonly key?: Buffer | undefined;
  };
}

/** An endpoint without what may be secret: user, password and query. */
export function formatEndpoint(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
