import { KernelError, describeError } from '../base/errors.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import { KDAMONDS, readRunState } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { hasEffectiveQuota } from '../kernel/quotas.ts';
import { writeState } from '../kernel/state.ts';

export interface StatsRefresherOptions {
  readonly fs: KernelFs;
  readonly retry: BusyRetry;
  /** Sysfs indexes of the kdamonds this exporter started, as of now. */
  readonly listOwnIndexes: () => ReadonlySet<number>;
}

/**
 * Before 6.17 the kernel renews statistics only when told to. That may wait for a sampling or a
 * watermark interval, so nothing here waits for it: the next reading sees the result.
 */
export class StatsRefresher {
  readonly #options: StatsRefresherOptions;
  #inFlight = false;
  #problem: KernelError | undefined;

  constructor(options: StatsRefresherOptions) {
    this.#options = options;
  }

  /** @throws KernelError of the refresh before, if that failed. */
  request(): void {
    const problem = this.#problem;
    this.#problem = undefined;
    if (!this.#inFlight) void this.#refresh();
    if (problem !== undefined) throw problem;
  }

  async #refresh(): Promise<void> {
    const { fs, retry, listOwnIndexes } = this.#options;
    this.#inFlight = true;
    try {
      for (const index of listOwnIndexes()) {
        if (fs.exists(`${KDAMONDS}/${index}/refresh_ms`)) continue;
        if (!(await readRunState(fs, index, retry)).isRunning) continue;
        await writeState(fs, index, 'update_schemes_stats', retry);
        if (!hasEffectiveQuota(fs, `${KDAMONDS}/${index}`)) continue;
        await writeState(fs, index, 'update_schemes_effective_quotas', retry);
      }
    } catch (error) {
      this.#problem = toKernelError(error);
    } finally {
      this.#inFlight = false;
    }
  }
}

function toKernelError(error: unknown): KernelError {
  if (error instanceof KernelError) return error;
  return new KernelError({
    operation: 'refresh',
    path: KDAMONDS,
    hint: describeError(error),
    cause: error,
  });
}
