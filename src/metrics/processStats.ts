import type { Clock } from '../base/clock.ts';
import type { ProcessStats } from './metricsInput.ts';

export interface ProcessStatsOptions {
  readonly clock: Pick<Clock, 'wallMs'>;
  /** Undefined where they cannot be counted. */
  readonly countOpenFds: () => number | undefined;
}

/** Undefined where /proc cannot be read, as without a descriptor to spare. */
function readResidentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

/** Makes a reader of what this process uses; the start time is fixed when it is made. */
export function createProcessStats(options: ProcessStatsOptions): () => ProcessStats {
  const startTimeSeconds = options.clock.wallMs() / 1000 - process.uptime();
  return () => {
    const { user, system } = process.cpuUsage();
    return {
      cpuSeconds: (user + system) / 1e6,
      residentBytes: readResidentBytes(),
      startTimeSeconds,
      openFds: options.countOpenFds(),
    };
  };
}
