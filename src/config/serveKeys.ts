/** What a value has to be; options that are given repeatedly are lists. */
export type ServeKey =
  | { readonly kind: 'text' | 'number' | 'boolean' | 'list' }
  | { readonly kind: 'word'; readonly words: readonly string[] };

const TEXT: ServeKey = { kind: 'text' };
const NUMBER: ServeKey = { kind: 'number' };
const BOOLEAN: ServeKey = { kind: 'boolean' };
const LIST: ServeKey = { kind: 'list' };

/**
 * Options of `serve` that a configuration file may hold, by their names: all but those that say where
 * the kernel and the file itself are, and what to monitor. A test compares them with the command line.
 */
export const SERVE_KEYS: Readonly<Record<string, ServeKey>> = {
  source: { kind: 'word', words: ['auto', 'trace', 'sysfs', 'damon_stat', 'simulator'] },
  'collect.interval': TEXT,
  'collect.sysfs-interval': TEXT,
  'collect.idle-after': TEXT,
  'trace.buffer-size': TEXT,
  'web.listen-address': LIST,
  'web.systemd-socket': BOOLEAN,
  'web.config.file': TEXT,
  'web.telemetry-path': TEXT,
  'web.enable-lifecycle': BOOLEAN,
  'web.max-requests': NUMBER,
  'web.max-watchers': NUMBER,
  'output.textfile': TEXT,
  'output.textfile-interval': TEXT,
  'record.path': TEXT,
  'record.max-size': TEXT,
  'record.max-age': TEXT,
  'record.flush-interval': TEXT,
  'metrics.wss-threshold': NUMBER,
  'metrics.wss-window': TEXT,
  'metrics.wss-buckets': TEXT,
  'metrics.access-buckets': TEXT,
  'metrics.idle-buckets': TEXT,
  'metrics.cold-ages': TEXT,
  'metrics.address-cells': NUMBER,
  'metrics.max-series': NUMBER,
  'otlp.endpoint': TEXT,
  'otlp.protocol': TEXT,
  'otlp.interval': TEXT,
  'otlp.compression': TEXT,
  'otlp.header': LIST,
  'otlp.header-file': LIST,
  'log.level': { kind: 'word', words: ['debug', 'info', 'warn', 'error'] },
  'log.format': { kind: 'word', words: ['logfmt', 'json'] },
};

/** Maps of names to values, for options that take NAME=VALUE. */
export const SERVE_PAIRS: Readonly<Record<string, string>> = {
  'otlp.headers': 'otlp.header',
  'otlp.header-files': 'otlp.header-file',
};
