import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';

/** To be told of each round of a part, with the problem or undefined. */
export type PartLog = (part: string, problem: string | undefined) => void;

interface Told {
  /** What the log was told last: a problem, or that it is over. */
  problem: string | undefined;
  atNs: bigint;
}

/** A part that goes to and fro is told of this often. */
const QUIET_NS = 60_000_000_000n;

/**
 * Tells when a part begins to fail, when it does for another reason, and when it works again: of
 * each part at most one problem a minute.
 */
export function createPartLog(hostClock: Clock, logger: Logger): PartLog {
  const parts = new Map<string, Told>();
  return (part, problem) => {
    const told = parts.get(part);
    if (told?.problem === problem) return;
    const nowNs = hostClock.monotonicNs();
    if (problem === undefined) {
      if (told === undefined) return;
      told.problem = undefined;
      logger.info('part of the collecting works again', { part });
      return;
    }
    if (told !== undefined && nowNs - told.atNs < QUIET_NS) return;
    parts.set(part, { problem, atNs: nowNs });
    logger.warn('part of the collecting failed', { part, reason: problem });
  };
}
