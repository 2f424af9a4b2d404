import type { HrTime } from '@opentelemetry/api';
import type { Clock } from '../base/clock.ts';

export interface StartTimesOptions {
  /** The clock of the observed kernel. */
  readonly observedClock: Pick<Clock, 'monotonicNs'>;
  /** Milliseconds since 1970: since when the exporter counts. */
  readonly startMs: number;
}

/** Since when things count, in the time pushes are stamped with. */
export interface StartTimes {
  /**
   * For one push at this time, milliseconds since 1970. What is given takes CLOCK_MONOTONIC of the
   * observed kernel; undefined = since the exporter started.
   */
  beginPush(nowMs: number): (startNs: bigint | undefined) => HrTime;
}

/** @param ms since 1970 */
export function computeHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)];
}

/**
 * A start that differs from the one of the push before says that counting began anew. So each is
 * converted once: the clocks drift apart, and simulated time may run faster.
 */
export function createStartTimes({ observedClock, startMs }: StartTimesOptions): StartTimes {
  const exporterStart = computeHrTime(startMs);
  let known = new Map<bigint, HrTime>();
  return {
    beginPush: (nowMs) => {
      const earlier = known;
      known = new Map();
      const nowNs = observedClock.monotonicNs();
      const convert = (startNs: bigint): HrTime => {
        const ageMs = Math.max(0, Number(nowNs - startNs) / 1e6);
        return computeHrTime(Math.max(nowMs - ageMs, startMs));
      };
      return (startNs) => {
        if (startNs === undefined) return exporterStart;
        const start = earlier.get(startNs) ?? known.get(startNs) ?? convert(startNs);
        known.set(startNs, start);
        return start;
      };
    },
  };
}
