import type { DiagLogger } from '@opentelemetry/api';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';

function formatDiagnostic(message: string, details: readonly unknown[]): string {
  return [message, ...details.map(describeError)].join(' ');
}

/**
 * Takes what OpenTelemetry's client has to say. The same warning at every push is shown once, until
 * there is another; what it tells of its work is for debugging.
 */
export function createDiagLogger(logger: Logger): DiagLogger {
  let lastWarning: string | undefined;
  const warn = (message: string, ...details: unknown[]): void => {
    const detail = formatDiagnostic(message, details);
    if (detail === lastWarning) return;
    lastWarning = detail;
    logger.warn('OpenTelemetry client', { detail });
  };
  const debug = (message: string, ...details: unknown[]): void => {
    logger.debug('OpenTelemetry client', { detail: formatDiagnostic(message, details) });
  };
  return { error: warn, warn, info: debug, debug, verbose: debug };
}
