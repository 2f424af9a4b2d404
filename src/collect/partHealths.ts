import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { PartHealth } from '../damon/observation.ts';

/** How each part of the collecting fared the last time; a new problem is told once. */
export class PartHealths {
  readonly #parts = new Map<string, PartHealth>();
  readonly #hostClock: Clock;
  readonly #logger: Logger;

  constructor(hostClock: Clock, logger: Logger) {
    this.#hostClock = hostClock;
    this.#logger = logger;
  }

  note(part: string, beganNs: bigint, error: unknown): void {
    const problem = error === undefined ? undefined : describeError(error);
    const before = this.#parts.get(part);
    if (problem !== undefined && problem !== before?.problem) {
      this.#logger.warn('part of the collecting failed', { part, reason: problem });
    }
    this.#parts.set(part, {
      part,
      wasSuccessful: problem === undefined,
      durationSeconds: Number(this.#hostClock.monotonicNs() - beganNs) / 1e9,
      problem,
    });
  }

  list(): readonly PartHealth[] {
    return [...this.#parts.values()];
  }
}
