import type { Machine } from './machine.ts';
import type { Scheme } from './scheme.ts';

/**
 * Switches schemes on and off by their watermarks. Returns 0 while one of them (or none at all)
 * is there to work; otherwise the time to sleep, µs.
 */
export function computeWatermarkWaitUs(schemes: readonly Scheme[], machine: Machine): number {
  if (schemes.every(({ config }) => config.watermarks.metric === 'none')) return 0;
  const freePermil = Math.floor((machine.freeBytes() * 1000) / machine.memory.memoryBytes);
  let waitUs = Infinity;
  for (const scheme of schemes) {
    const { metric, high, mid, low, intervalUs } = scheme.config.watermarks;
    if (metric === 'none') {
      waitUs = 0;
      continue;
    }
    if (freePermil > high || freePermil < low) scheme.isActive = false;
    // Between mid and high a scheme that rests goes on resting.
    else if (freePermil < mid) scheme.isActive = true;
    waitUs = Math.min(waitUs, scheme.isActive ? 0 : Math.max(1_000, intervalUs));
  }
  return waitUs;
}
