import type { Clock } from '../base/clock.ts';

/** Less is the grain of the two clocks, not a step of one. */
const MIN_STEP_MS = 3;

/**
 * Turns times of the monotonic clock into milliseconds since 1970. Neighbours stay neighbours: the
 * two clocks are compared anew each time, but only a step counts.
 */
export function createWallTime(clock: Clock): (timeNs: bigint) => number {
  let bootMs: number | undefined;
  return (timeNs) => {
    const nowMs = Number(clock.monotonicNs()) / 1e6;
    const measuredMs = clock.wallMs() - nowMs;
    if (bootMs === undefined || Math.abs(measuredMs - bootMs) >= MIN_STEP_MS) bootMs = measuredMs;
    return Math.round((bootMs + Number(timeNs) / 1e6) * 1e3) / 1e3;
  };
}
