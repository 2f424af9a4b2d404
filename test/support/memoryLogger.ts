import type { LogFields, Logger } from '../../src/base/log.ts';

/** A logger that keeps its messages for the test to look at. */
export function createMemoryLogger(): Logger & {
  readonly messages: string[];
  /** Of each message. */
  readonly fields: LogFields[];
} {
  const messages: string[] = [];
  const fields: LogFields[] = [];
  const keep =
    (level: string) =>
    (message: string, given: LogFields = {}): void => {
      fields.push(given);
      messages.push(`${level} ${message}`);
    };
  return {
    messages,
    fields,
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
  };
}
