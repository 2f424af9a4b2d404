import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { PartHealth } from '../damon/observation.ts';
import { createPartLog } from './partLog.ts';
import type { PartLog } from './partLog.ts';

/** Longer than any round takes with usual intervals. */
export const LONG_WAIT_NS = 60_000_000_000n;
export const LONG_WAIT_PROBLEM = 'the kernel keeps it waiting for more than a minute';

/** How each part of the collecting fared the last time. */
export class PartHealths {
  readonly #parts = new Map<string, PartHealth>();
  readonly #hostClock: Clock;
  readonly #log: PartLog;

  constructor(hostClock: Clock, logger: Logger) {
    this.#hostClock = hostClock;
    this.#log = createPartLog(hostClock, logger);
  }

  note(part: string, beganNs: bigint, error: unknown): void {
    const problem = error === undefined ? undefined : describeError(error);
    const durationSeconds = this.#secondsSince(beganNs);
    this.#set({ part, wasSuccessful: problem === undefined, durationSeconds, problem });
  }

  /** Of a round that waits in the kernel: after a minute it counts as failed until it comes back. */
  noteWaiting(part: string, beganNs: bigint): void {
    if (this.#hostClock.monotonicNs() - beganNs < LONG_WAIT_NS) return;
    const durationSeconds = this.#secondsSince(beganNs);
    this.#set({ part, wasSuccessful: false, durationSeconds, problem: LONG_WAIT_PROBLEM });
  }

  /** Those of a reading of the machine, which are kept there. */
  logAll(parts: readonly PartHealth[]): void {
    for (const { part, problem } of parts) this.#log(part, problem);
  }

  forget(part: string): void {
    if (this.#parts.delete(part)) this.#log(part, undefined);
  }

  list(): readonly PartHealth[] {
    return [...this.#parts.values()];
  }

  #set(health: PartHealth): void {
    this.#log(health.part, health.problem);
    this.#parts.set(health.part, health);
  }

  #secondsSince(sinceNs: bigint): number {
    return Number(this.#hostClock.monotonicNs() - sinceNs) / 1e9;
  }
}
