import { expect } from 'vitest';
import type { Snapshot } from '../../src/damon/snapshot.ts';
import type { Accumulators } from '../../src/metrics/accumulators.ts';
import type { HistogramName } from '../../src/metrics/distribution.ts';
import type { HistogramPoint } from '../../src/metrics/metricFamily.ts';

/** Of snapshots that `makeSnapshot` makes. */
export const KEY = { kdamond: '0', contextIndex: 0, target: '0' };

/** The histogram of that target, which must be there. */
export function read(
  accumulators: Accumulators,
  name: HistogramName,
): Omit<HistogramPoint, 'labels'> {
  const point = accumulators.readHistogram(name, KEY);
  expect(point).toBeDefined();
  return point!;
}

/** A span of seconds since boot. */
export function during(
  startSeconds: number,
  endSeconds: number,
): Pick<Snapshot, 'startNs' | 'endNs'> {
  return { startNs: BigInt(startSeconds * 1e9), endNs: BigInt(endSeconds * 1e9) };
}
