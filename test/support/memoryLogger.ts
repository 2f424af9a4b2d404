import type { Logger } from '../../src/base/log.ts';

/** A logger that keeps its messages for the test to look at. */
export function createMemoryLogger(): Logger & { readonly messages: string[] } {
  const messages: string[] = [];
  const keep =
    (level: string) =>
    (message: string): void => {
      messages.push(`${level} ${message}`);
    };
  return {
    messages,
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
  };
}
