import { createRequest } from './kdamondRequests.ts';
import type { KdamondRequest, WalkedRegion } from './kdamondRequests.ts';
import { createKeywordParser } from './attributeValue.ts';
import type { DamonHost } from './damonHost.ts';
import type { Kdamond } from './kdamond.ts';
import { Errno } from './kernelNode.ts';
import type { PendingWrite } from './kernelNode.ts';
import { buildContextConfig, readQuotaGoals } from './stagedConfig.ts';
import type { StagedDir } from './stagedDir.ts';
import { createRefreshTimer } from './refreshTimer.ts';
import { clearTriedRegions, showSchemeStats, showTriedRegions } from './schemeFiles.ts';

/** The one lock all of DAMON's sysfs shares, taken by trying: whoever fails gets EBUSY. */
export interface DamonLock {
  /** The request somebody waits for. */
  waiting: PendingWrite | undefined;
  /** Whether the lock is held while that one waits. */
  isHeld: boolean;
}

function isWaiting(lock: DamonLock): boolean {
  return lock.waiting !== undefined && lock.waiting.answer() === undefined;
}

/** @throws Errno EBUSY */
export function checkLock(lock: DamonLock): void {
  if (lock.isHeld && isWaiting(lock)) throw new Errno('EBUSY');
}

/** One `kdamonds/<K>` directory: what `state` does. */
export class SysfsKdamond {
  readonly dir: StagedDir;
  readonly #host: DamonHost;
  readonly #lock: DamonLock;
  #kdamond: Kdamond | undefined;

  constructor(dir: StagedDir, host: DamonHost, lock: DamonLock) {
    this.dir = dir;
    this.#host = host;
    this.#lock = lock;
  }

  get isRunning(): boolean {
    return this.#kdamond?.isRunning === true;
  }

  get pid(): number {
    return this.isRunning ? (this.#kdamond?.pid ?? -1) : -1;
  }

  writeState(text: string): PendingWrite | undefined {
    checkLock(this.#lock);
    const word = createKeywordParser(this.#host.model.stateKeywords)(text);
    switch (word) {
      case 'on':
        this.#turnOn();
        return undefined;
      case 'off':
        this.#turnOff();
        return undefined;
      default:
        return this.#command(word);
    }
  }

  get #context(): StagedDir {
    const context = this.dir.numbered('contexts')[0];
    if (context === undefined) throw new Errno('EINVAL');
    return context;
  }

  #turnOn(): void {
    if (this.isRunning) throw new Errno('EBUSY');
    this.#host.checkFree('sysfs');
    const config = buildContextConfig(this.#context, this.#host.machine);
    const onAggregated = createRefreshTimer(this.dir, (kdamond) => {
      showSchemeStats(this.#context, kdamond);
      this.#showEffectiveQuotas(kdamond);
      this.#showTunedIntervals(kdamond);
    });
    this.#kdamond = this.#host.start('sysfs', config, onAggregated);
  }

  #turnOff(): void {
    if (this.#kdamond === undefined) throw new Errno('EINVAL');
    if (!this.isRunning) throw new Errno('EPERM');
    this.#kdamond.stop();
  }

  #command(word: string): PendingWrite | undefined {
    const kdamond = this.#kdamond;
    if (word === 'clear_schemes_tried_regions' && this.#host.model.answersAfterSampling) {
      for (const scheme of this.#context.numbered('schemes')) clearTriedRegions(scheme);
      return undefined;
    }
    if (kdamond === undefined) throw new Errno('EINVAL');
    if (!kdamond.isRunning) throw new Errno(this.#host.model.notRunningErrno);
    // Without the lock held, only one request can wait nevertheless.
    if (isWaiting(this.#lock)) throw new Errno('EBUSY');
    const context = this.#context;
    const request = createRequest(() => kdamond.nextWakeUs);
    const isWalk = word === 'update_schemes_tried_regions' || word === 'update_schemes_tried_bytes';
    this.#lock.waiting = request;
    this.#lock.isHeld = isWalk || this.#host.model.holdsLockForCalls;
    if (isWalk) this.#requestWalk(kdamond, request, word === 'update_schemes_tried_regions');
    else kdamond.requests.call(request, () => this.#answer(word, context, kdamond), word);
    return request;
  }

  #requestWalk(kdamond: Kdamond, request: KdamondRequest, isWithRegions: boolean): void {
    const context = this.#context;
    const { model } = this.#host;
    if (kdamond.schemes.length === 0 && !model.answersAfterSampling) {
      kdamond.requests.call(request, () => undefined);
      return;
    }
    kdamond.requests.walk(request, (bySchemes: readonly (readonly WalkedRegion[])[]) => {
      context.numbered('schemes').forEach((scheme, index) => {
        showTriedRegions(scheme, bySchemes[index] ?? [], { isWithRegions, model });
      });
    });
  }

  /** Runs in the kernel thread; returns the errno. */
  #answer(word: string, context: StagedDir, kdamond: Kdamond): string | undefined {
    switch (word) {
      case 'commit':
        return this.#commit(context, kdamond);
      case 'commit_schemes_quota_goals':
        context.numbered('schemes').forEach((scheme, index) => {
          kdamond.schemes[index]?.setGoals(readQuotaGoals(scheme));
        });
        return undefined;
      case 'update_schemes_stats':
        showSchemeStats(context, kdamond);
        return undefined;
      case 'update_schemes_effective_quotas':
        this.#showEffectiveQuotas(kdamond);
        return undefined;
      case 'update_tuned_intervals':
        this.#showTunedIntervals(kdamond);
        return undefined;
      case 'clear_schemes_tried_regions':
        context.numbered('schemes').forEach(clearTriedRegions);
        return undefined;
      default:
        return 'EINVAL';
    }
  }

  #commit(context: StagedDir, kdamond: Kdamond): string | undefined {
    try {
      kdamond.commit(buildContextConfig(context, this.#host.machine));
      return undefined;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (this.#host.model.refusesBadCommits) return error.errno;
      kdamond.stop();
      return undefined;
    }
  }

  #showEffectiveQuotas(kdamond: Kdamond): void {
    this.#context.numbered('schemes').forEach((scheme, index) => {
      const bytes = kdamond.schemes[index]?.effectiveBytes ?? 0;
      scheme.set('quotas/effective_bytes', String(bytes));
    });
  }

  #showTunedIntervals(kdamond: Kdamond): void {
    const intervals = this.#context.dir('monitoring_attrs/intervals');
    intervals.set('sample_us', String(kdamond.intervals.sampleUs));
    intervals.set('aggr_us', String(kdamond.intervals.aggrUs));
  }
}
