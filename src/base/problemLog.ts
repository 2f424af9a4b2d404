import type { LogFields, Logger } from './log.ts';

export interface ProblemMessages {
  /** Warned of with the reason. */
  readonly begun: string;
  readonly ended: string;
  readonly fields: LogFields;
}

/**
 * Logs a problem that may come at every try: when it begins, when its reason changes and when it
 * ends. Gives a function to be told of each try, with the reason or undefined.
 */
export function createProblemLog(
  logger: Logger,
  { begun, ended, fields }: ProblemMessages,
): (reason: string | undefined) => void {
  let current: string | undefined;
  return (reason) => {
    if (reason === current) return;
    current = reason;
    if (reason === undefined) logger.info(ended, fields);
    else logger.warn(begun, { ...fields, reason });
  };
}
