import type { Clock } from '../../base/clock.ts';

/** So far it may drift from the monotonic clock between two looks. */
const MAX_DRIFT_MS = 60_000;
/** A jump is believed after it has stood for so long. */
const SETTLING_MS = 3_600_000;

/**
 * The time of day for what cannot be undone: a clock that is set wrong for a while, by hand or by a
 * broken time server, must not make the whole record look too old. Milliseconds since 1970.
 */
export function createSettledWall(clock: Clock): () => number {
  const monotonicMs = (): number => Number(clock.monotonicNs() / 1_000_000n);
  let offsetMs = clock.wallMs() - monotonicMs();
  let jumped: { readonly offsetMs: number; readonly sinceMs: number } | undefined;
  return () => {
    const nowMs = monotonicMs();
    const foundMs = clock.wallMs() - nowMs;
    if (jumped === undefined || Math.abs(foundMs - jumped.offsetMs) > MAX_DRIFT_MS) {
      jumped = { offsetMs: foundMs, sinceMs: nowMs };
    }
    const isDrift = Math.abs(foundMs - offsetMs) <= MAX_DRIFT_MS;
    if (isDrift || nowMs - jumped.sinceMs >= SETTLING_MS) {
      offsetMs = foundMs;
      jumped = undefined;
    }
    return nowMs + offsetMs;
  };
}
