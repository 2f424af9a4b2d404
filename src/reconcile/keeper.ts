import { describeError, isKernelErrno } from '../base/errors.ts';
import { createProblemLog } from '../base/problemLog.ts';
import type { DamonConfig } from '../config/config.ts';
import type { ProbeSpec, SchemeSpec } from '../damon/spec.ts';
import { readKdamond } from '../kernel/kdamonds.ts';
import type { FindOptions } from '../kernel/findProcesses.ts';
import { adoptKdamonds } from './adoptKdamonds.ts';
import { startOwnedKdamonds } from './ownedKdamonds.ts';
import type { StartOptions } from './ownedKdamonds.ts';
import type { KdamondOutcome, OwnedKdamonds, WantedSpecs } from './ownedSet.ts';
import type { OwnershipRecord } from './ownership.ts';
import type { OwnershipDeps } from './ownershipDeps.ts';
import { createCgroupWatch } from './cgroupWatch.ts';
import type { CgroupWatch } from './cgroupWatch.ts';
import { resolveKdamond } from './resolveTargets.ts';
import type { ResolvedKdamond } from './resolveTargets.ts';
import type { RunningKdamond } from './runningKdamond.ts';
import { listDifferences, listStagedValues } from './stagedValues.ts';
import type { StagedDifference } from './stagedValues.ts';

/** How one configured kdamond fares. */
export interface KeptKdamond {
  readonly name: string;
  /** Index of its directory below `kdamonds/`. */
  readonly index: number;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** What is looked for and not there, in words; it waits where nothing at all is there. */
  readonly missing: readonly string[];
  /** What somebody else tells it to do. */
  readonly drift: readonly StagedDifference[];
  /** Why it does not do what it should; undefined when it does, or only waits. */
  readonly problem: string | undefined;
  readonly schemes: readonly SchemeSpec[];
  readonly probes: readonly ProbeSpec[];
  /** Changes whenever the counters of its schemes start anew while its thread goes on. */
  readonly nrClears: number;
  /** See OwnedKdamonds. */
  readonly isChanging: boolean;
}

export interface KeeperOptions extends Omit<StartOptions, 'specs'> {
  readonly getFindOptions: () => FindOptions;
}

/** Keeps kdamonds at what a configuration says. Calls wait for one another. */
export interface Keeper {
  /**
   * @param kept Kdamonds that an earlier exporter left running: they are taken over and told what
   *   is new, without a new start where the kernel allows it.
   * @throws KernelError when the kernel or somebody in it refuses; nothing is changed then.
   */
  start(kept?: OwnershipRecord): Promise<void>;
  /**
   * Goes over to another configuration. One outcome for each of its kdamonds.
   *
   * @throws KernelError; the configuration of before is kept up then.
   */
  reload(config: DamonConfig): Promise<readonly KdamondOutcome[]>;
  /** Looks for processes that came and went, and for changes by others; never throws. */
  look(): Promise<void>;
  list(): readonly KeptKdamond[];
  /** Ends as the configuration says: as found, or running on. */
  end(): Promise<void>;
}

/** From then on a busy kernel is a problem: half a minute when it is looked at every five seconds. */
const MAX_BUSY_LOOKS = 6;

class ConfigKeeper implements Keeper {
  readonly #deps: OwnershipDeps;
  readonly #options: KeeperOptions;
  readonly #cgroups: CgroupWatch;
  #config: DamonConfig;
  #owned: OwnedKdamonds | undefined;
  #resolved: readonly ResolvedKdamond[] = [];
  #drifts: readonly (readonly StagedDifference[])[] = [];
  #problem: string | undefined;
  /** Looks one after the other that found DAMON busy. */
  #nrBusyLooks = 0;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #logProblem: (reason: string | undefined) => void;
  readonly #logMissing: (reason: string | undefined) => void;
  readonly #logDrift: (reason: string | undefined) => void;

  constructor(deps: OwnershipDeps, options: KeeperOptions, config: DamonConfig) {
    this.#deps = deps;
    this.#options = options;
    this.#config = config;
    this.#cgroups = createCgroupWatch(deps.fs);
    const log = (begun: string, ended: string): ((reason: string | undefined) => void) =>
      createProblemLog(deps.logger, { begun, ended, fields: {} });
    this.#logProblem = log(
      'kdamonds do not do what is configured',
      'kdamonds do what is configured',
    );
    this.#logMissing = log('waiting for something to monitor', 'all there is to monitor is there');
    this.#logDrift = log('somebody else changed our kdamonds', 'our kdamonds are as configured');
  }

  start(kept?: OwnershipRecord): Promise<void> {
    return this.#enqueue(async () => {
      this.#owned = await (kept === undefined ? this.#startNew() : this.#adopt(kept));
      this.#noteMissing();
    });
  }

  #startNew(): Promise<OwnedKdamonds> {
    const specs = this.#resolve(this.#config);
    return startOwnedKdamonds(this.#deps, { ...this.#options, specs });
  }

  async #adopt(kept: OwnershipRecord): Promise<OwnedKdamonds> {
    const owned = await adoptKdamonds(this.#deps, kept, this.#options.exporter);
    this.#owned = owned;
    try {
      await owned.change(this.#resolve(this.#config));
    } catch (error) {
      owned.keep();
      this.#owned = undefined;
      throw error;
    }
    return owned;
  }

  reload(config: DamonConfig): Promise<readonly KdamondOutcome[]> {
    return this.#enqueue(async () => {
      const before = { config: this.#config, resolved: this.#resolved };
      const specs = this.#resolve(config);
      try {
        const outcomes = (await this.#owned?.change(specs)) ?? [];
        this.#config = config;
        this.#noteDone();
        return outcomes;
      } catch (error) {
        this.#resolved = before.resolved;
        await this.#goBack();
        throw error;
      }
    });
  }

  look(): Promise<void> {
    return this.#enqueue(async () => {
      try {
        await this.#lookOnce();
        this.#nrBusyLooks = 0;
        this.#noteDone();
      } catch (error) {
        if (this.#isPassing(error)) return;
        this.#problem = describeError(error);
        this.#logProblem(this.#problem);
      }
    });
  }

  list(): readonly KeptKdamond[] {
    const running = this.#owned?.list() ?? [];
    return this.#config.kdamonds.map(({ name, context, schemes }, index) => ({
      name,
      index,
      pid: running[index]?.pid,
      missing: this.#resolved[index]?.missing ?? [],
      drift: this.#drifts[index] ?? [],
      problem: this.#resolved[index]?.spec === undefined ? undefined : this.#problem,
      // While another configuration is gone over to, those in front have its schemes already.
      schemes: running[index]?.spec.contexts[0]?.schemes ?? schemes,
      probes: running[index]?.spec.contexts[0]?.probes ?? context.probes ?? [],
      nrClears: running[index]?.nrClears ?? 0,
      isChanging: this.#owned?.isChanging(index) ?? false,
    }));
  }

  end(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#config.onExit === 'keep') this.#owned?.keep();
      await this.#owned?.release();
    });
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #resolve(config: DamonConfig): WantedSpecs {
    const running = this.#owned?.list() ?? [];
    const find = this.#options.getFindOptions();
    const absentCgroups = this.#cgroups.findAbsent(config);
    this.#resolved = config.kdamonds.map((kdamond, index) => {
      const before = listPids(running[index]);
      return resolveKdamond(this.#deps.fs, kdamond, { find, before, absentCgroups });
    });
    return this.#resolved.map(({ spec }) => spec);
  }

  async #lookOnce(): Promise<void> {
    if (this.#owned === undefined) return;
    await this.#owned.refresh();
    this.#drifts = await this.#findDrifts();
    const isDrifting = this.#drifts.some((drift) => drift.length > 0);
    this.#logDrift(isDrifting ? this.#drifts.map(formatDrift).join('; ') : undefined);
    const specs = this.#resolve(this.#config);
    this.#noteMissing();
    // A change would also take back what somebody else has changed.
    if (isDrifting && this.#config.onDrift === 'report') return;
    await this.#owned.change(specs);
    if (isDrifting) this.#deps.logger.info('our kdamonds were put back to what is configured');
  }

  async #findDrifts(): Promise<readonly (readonly StagedDifference[])[]> {
    const { fs, retry } = this.#deps;
    const options = { retry, withTriedRegions: false, lastRunStates: new Map() };
    const kdamonds = this.#owned?.list() ?? [];
    const drifts: StagedDifference[][] = kdamonds.map(() => []);
    for (const [index, running] of kdamonds.entries()) {
      if (running === undefined) continue;
      const found = listStagedValues(await readKdamond(fs, index, options));
      drifts[index] = listDifferences(found, listStagedValues(running.spec));
    }
    return drifts;
  }

  /** After a change that went halfway: those in front of the one that failed were changed. */
  async #goBack(): Promise<void> {
    try {
      await this.#owned?.change(this.#resolve(this.#config));
    } catch (error) {
      this.#problem = describeError(error);
      this.#logProblem(this.#problem);
    }
  }

  /** DAMON was held by somebody's write, maybe by our own source: that tells nothing yet. */
  #isPassing(error: unknown): boolean {
    if (!isKernelErrno(error, 'EBUSY') || error.operation !== 'read') return false;
    this.#nrBusyLooks += 1;
    return this.#nrBusyLooks < MAX_BUSY_LOOKS;
  }

  #noteMissing(): void {
    const missing = this.#resolved.flatMap((resolved) => resolved.missing);
    this.#logMissing(missing.length === 0 ? undefined : missing.join(', '));
  }

  #noteDone(): void {
    this.#problem = undefined;
    this.#logProblem(undefined);
  }
}

function listPids(running: RunningKdamond | undefined): number[] {
  return (running?.spec.contexts ?? []).flatMap(({ targets }) =>
    targets.map(({ pid }) => pid ?? 0),
  );
}

function formatDrift(drift: readonly StagedDifference[], index: number): string {
  return drift
    .map(
      ({ place, found, wanted }) =>
        `kdamond ${index} ${place}: ${found ?? 'nothing'} instead of ${wanted ?? 'the default'}`,
    )
    .join(', ');
}

/** Knows nothing of the kernel before `start`. */
export function createKeeper(
  deps: OwnershipDeps,
  options: KeeperOptions,
  config: DamonConfig,
): Keeper {
  return new ConfigKeeper(deps, options, config);
}
