import type { Clock } from '../base/clock.ts';
import { KernelError, describeError, isKernelErrno } from '../base/errors.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import { KDAMONDS, readRunState } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { hasEffectiveQuota } from '../kernel/quotas.ts';
import { writeState } from '../kernel/state.ts';
import { LONG_WAIT_NS, LONG_WAIT_PROBLEM } from './partHealths.ts';

export interface StatsRefresherOptions {
  readonly fs: KernelFs;
  readonly retry: BusyRetry;
  readonly hostClock: Pick<Clock, 'monotonicNs'>;
  /** Sysfs indexes of the kdamonds this exporter started, as of now. */
  readonly listOwnIndexes: () => ReadonlySet<number>;
}

/**
 * Before 6.17 the kernel renews statistics only when told to. That may wait for a sampling or a
 * watermark interval, so nothing here waits for it: the next reading sees the result.
 */
export class StatsRefresher {
  readonly #options: StatsRefresherOptions;
  /** Undefined while none is under way. */
  #beganNs: bigint | undefined;
  #problem: KernelError | undefined;
  /** Since when the kernel has been busy whenever it was asked. */
  #busySinceNs: bigint | undefined;

  constructor(options: StatsRefresherOptions) {
    this.#options = options;
  }

  /** @throws KernelError of the refresh before, if that failed or the kernel keeps it for long. */
  request(): void {
    const problem = this.#problem;
    this.#problem = undefined;
    const nowNs = this.#options.hostClock.monotonicNs();
    if (this.#beganNs === undefined) void this.#refresh();
    else if (nowNs - this.#beganNs >= LONG_WAIT_NS) {
      throw toKernelError(LONG_WAIT_PROBLEM);
    }
    if (problem !== undefined) throw problem;
  }

  async #refresh(): Promise<void> {
    const { fs, retry, hostClock, listOwnIndexes } = this.#options;
    this.#beganNs = hostClock.monotonicNs();
    try {
      for (const index of listOwnIndexes()) {
        if (fs.exists(`${KDAMONDS}/${index}/refresh_ms`)) continue;
        if (!(await readRunState(fs, index, retry)).isRunning) continue;
        await writeState(fs, index, 'update_schemes_stats', retry);
        if (!hasEffectiveQuota(fs, `${KDAMONDS}/${index}`)) continue;
        await writeState(fs, index, 'update_schemes_effective_quotas', retry);
      }
      this.#busySinceNs = undefined;
    } catch (error) {
      this.#problem = this.#isPassing(error) ? undefined : toKernelError(error);
    } finally {
      this.#beganNs = undefined;
    }
  }

  /** Others write, or our own source asks for regions: the next round may find the kernel free. */
  #isPassing(error: unknown): boolean {
    if (!isKernelErrno(error, 'EBUSY')) return false;
    const nowNs = this.#options.hostClock.monotonicNs();
    this.#busySinceNs ??= nowNs;
    return nowNs - this.#busySinceNs < LONG_WAIT_NS;
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
