import type { Kdamond } from './kdamond.ts';
import type { StagedDir } from './stagedDir.ts';

/**
 * Calls `refresh` when `refresh_ms` has passed again; to be called after each aggregation. The
 * file is read each time: a changed value counts at once.
 */
export function createRefreshTimer(
  dir: StagedDir,
  refresh: (kdamond: Kdamond) => void,
): (kdamond: Kdamond) => void {
  let lastUs = -Infinity;
  return (kdamond) => {
    const intervalUs = dir.number('refresh_ms') * 1000;
    if (intervalUs === 0 || kdamond.nextWakeUs - lastUs < intervalUs) return;
    lastUs = kdamond.nextWakeUs;
    refresh(kdamond);
  };
}
