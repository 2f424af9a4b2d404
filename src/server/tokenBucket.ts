import type { Clock } from '../base/clock.ts';

/** Takes one; false where there is none. A token comes every `intervalMs`, up to `burst` of them. */
export function createTokenBucket(
  { intervalMs, burst }: { readonly intervalMs: number; readonly burst: number },
  { monotonicNs }: Pick<Clock, 'monotonicNs'>,
): () => boolean {
  let tokens = burst;
  let lastNs = monotonicNs();
  return () => {
    const nowNs = monotonicNs();
    tokens = Math.min(burst, tokens + Number(nowNs - lastNs) / 1e6 / intervalMs);
    lastNs = nowNs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
