import type { Clock } from './clock.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['logfmt', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export type LogValue = string | number | bigint | boolean | undefined;
export type LogFields = Readonly<Record<string, LogValue>>;

export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  /** Receives one line, newline included. */
  readonly write: (line: string) => void;
}

function quoteLogfmt(value: string): string {
  return /^[^\s"=\\]+$/.test(value) ? value : JSON.stringify(value);
}

function encodeLogfmt(entries: readonly (readonly [string, LogValue])[]): string {
  return entries.map(([key, value]) => `${key}=${quoteLogfmt(String(value))}`).join(' ');
}

function encodeJson(entries: readonly (readonly [string, LogValue])[]): string {
  const plain = entries.map(([key, value]) => [
    key,
    typeof value === 'bigint' ? value.toString() : value,
  ]);
  return JSON.stringify(Object.fromEntries(plain));
}

/** One line per message: time, level, msg, then the fields in the order given. */
export function createLogger(options: LoggerOptions): Logger {
  const threshold = LOG_LEVELS.indexOf(options.level);
  const encode = options.format === 'json' ? encodeJson : encodeLogfmt;
  const log = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    const time = new Date(options.clock.wallMs()).toISOString();
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    options.write(`${encode([['time', time], ['level', level], ['msg', message], ...given])}\n`);
  };
  return {
    debug: (message, fields) => {
      log('debug', message, fields);
    },
    info: (message, fields) => {
      log('info', message, fields);
    },
    warn: (message, fields) => {
      log('warn', message, fields);
    },
    error: (message, fields) => {
      log('error', message, fields);
    },
  };
}
