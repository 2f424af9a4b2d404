import { createLiveFrames } from '../../src/live/liveFrames.ts';
import type { LiveFrames } from '../../src/live/liveFrames.ts';
import type { Observation } from '../../src/damon/observation.ts';
import { DEFAULT_METRICS_SETTINGS } from '../../src/metrics/metrics.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';

/** 10.5 s after boot, which was at a round time. */
export const STILL_CLOCK = {
  monotonicNs: (): bigint => 10_500_000_000n,
  wallMs: (): number => 1_800_000_010_500,
};

/** Frames over these numbers, with the settings that metrics have by default. */
export function makeFrames(
  metrics: Pick<Metrics, 'read'>,
  observe: () => Observation | undefined,
): LiveFrames {
  return createLiveFrames({
    observe,
    metrics,
    settings: DEFAULT_METRICS_SETTINGS,
    clock: STILL_CLOCK,
    version: '1.2.3',
  });
}

/** Every event of a piece of a stream, by name. */
export function parseEvents(text: string): { readonly name: string; readonly data: unknown }[] {
  return [...text.matchAll(/^event: (.*)\ndata: (.*)\n\n/gm)].map(([, name = '', data = '']) => ({
    name,
    data: JSON.parse(data) as unknown,
  }));
}
