import type { WatermarksSpec } from './spec.ts';

export interface MachineMemory {
  readonly totalBytes: bigint;
  /** Free pages: caches do not count. */
  readonly freeBytes: bigint;
}

/**
 * What the watermark metric `free_mem_rate` measures, in 1/1000, rounded down.
 *
 * Source: mm/damon/core.c, damos_get_wmark_metric_value(). NR_FREE_PAGES and totalram_pages() are
 * MemFree and MemTotal of /proc/meminfo.
 */
export function computeFreeMemoryPermil({ totalBytes, freeBytes }: MachineMemory): number {
  return totalBytes === 0n ? 0 : Number((freeBytes * 1000n) / totalBytes);
}

/**
 * Whether a scheme works once the kernel has looked at its watermarks; a kdamond starts with all its
 * schemes working. Undefined where it hangs on a state before that is not known, and for metrics
 * this program does not know.
 *
 * Source: mm/damon/core.c, damos_wmark_wait_us().
 */
export function computeWatermarkActivity(
  { metric, highPermil, midPermil, lowPermil }: WatermarksSpec,
  memory: MachineMemory | undefined,
  wasActive: boolean | undefined,
): boolean | undefined {
  if (metric === 'none') return true;
  if (metric !== 'free_mem_rate' || memory === undefined) return undefined;
  const freePermil = computeFreeMemoryPermil(memory);
  if (freePermil > highPermil || freePermil < lowPermil) return false;
  // From mid to high a scheme that works goes on and one that rests goes on resting.
  return freePermil < midPermil ? true : wasActive;
}
