import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';

/** CLOCK_MONOTONIC of the simulated kernel, and the wall clock that goes with it. */
export interface SimulatedClock extends Clock {
  /** How much faster than real time it runs; 0 = it stands still until it is advanced. */
  readonly speed: number;
  /** Moves it forward. */
  advance(durationNs: bigint): void;
}

export interface SimulatedClockOptions {
  /** Drives it; with speed 0 it gives only the start. */
  readonly realClock?: Clock;
  readonly speed: number;
}

/** Real time, faster or slower; both clocks start at the real time and run at the same speed. */
export function createSimulatedClock(options: SimulatedClockOptions): SimulatedClock {
  const { speed, realClock = systemClock } = options;
  const startNs = realClock.monotonicNs();
  const startMs = realClock.wallMs();
  let advancedNs = 0n;
  const elapsedNs = (): bigint => {
    const realNs = realClock.monotonicNs() - startNs;
    return advancedNs + BigInt(Math.floor(Number(realNs) * speed));
  };
  return {
    speed,
    monotonicNs: () => startNs + elapsedNs(),
    wallMs: () => startMs + Number(elapsedNs() / 1_000_000n),
    advance: (durationNs) => {
      advancedNs += durationNs;
    },
  };
}

/** A clock that stands still at a round number until it is advanced: for tests. */
export function createManualClock(): SimulatedClock {
  const still: Clock = { monotonicNs: () => 1_000_000_000n, wallMs: () => 1_800_000_000_000 };
  return createSimulatedClock({ realClock: still, speed: 0 });
}
