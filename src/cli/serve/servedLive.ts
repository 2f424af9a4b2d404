import { systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { createLiveFrames } from '../../live/liveFrames.ts';
import type { LiveFramesOptions } from '../../live/liveFrames.ts';
import { createLiveHub } from '../../live/liveHub.ts';
import type { LiveHub, LiveHubOptions } from '../../live/liveHub.ts';
import { DEFAULT_METRICS_SETTINGS } from '../../metrics/metrics.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import { readPackageInfo } from '../packageInfo.ts';
import type { ServeSettings } from './settings.ts';

/** About how often watchers are told what is new. */
const TICK_MS = 1000;

interface LiveWiring {
  readonly settings: Pick<ServeSettings, 'maxWatchers' | 'metrics'>;
  readonly kernel: Pick<KernelAccess, 'clock'>;
  readonly logger: Logger;
}

/** What the live page shows; undefined when there is to be none. */
export function createServeLive(
  { settings, kernel, logger }: LiveWiring,
  metrics: Metrics,
  collecting: Pick<LiveFramesOptions, 'observe'> & Pick<LiveHubOptions, 'noteDemand'>,
): LiveHub | undefined {
  if (settings.maxWatchers === 0) return undefined;
  const frames = createLiveFrames({
    observe: collecting.observe,
    metrics,
    settings: { ...DEFAULT_METRICS_SETTINGS, ...settings.metrics },
    clock: kernel.clock,
    version: readPackageInfo().version,
  });
  return createLiveHub({
    frames,
    noteDemand: collecting.noteDemand,
    maxWatchers: settings.maxWatchers,
    hostClock: systemClock,
    logger,
    startTimer: (tick) => {
      const timer = setInterval(tick, TICK_MS);
      return () => {
        clearInterval(timer);
      };
    },
  });
}
