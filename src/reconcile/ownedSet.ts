import { isKernelErrno } from '../base/errors.ts';
import type { KdamondSpec } from '../damon/spec.ts';
import { readInteger } from '../kernel/attribute.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import { createKdamondDirs, removeKdamondDirs } from '../kernel/kdamondDirs.ts';
import { readKdamond, readRunState } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { stopKdamond } from '../kernel/state.ts';
import { ChangeError, changeKdamond } from './changeKdamond.ts';
import type { ChangeManner } from './changeKdamond.ts';
import { NR_KDAMONDS, checkContexts, refuseStart } from './freeDamon.ts';
import type { OwnedKdamondRecord, OwnershipRecord } from './ownership.ts';
import type { OwnershipDeps } from './ownershipDeps.ts';
import { startWithSpec } from './runningKdamond.ts';
import type { RunningKdamond } from './runningKdamond.ts';
import { areBegunValues, areSameValues, listStagedValues } from './stagedValues.ts';
import { undoOwnership } from './undoOwnership.ts';

/** By index of the kdamond; undefined: there is nothing to monitor yet, so it waits. */
export type WantedSpecs = readonly (KdamondSpec | undefined)[];

/** What became of one kdamond. */
export type KdamondOutcome = ChangeManner | 'started' | 'stopped';

export interface OwnedKdamonds {
  /** By index; undefined for those that wait, or have ended with what they monitored. */
  list(): readonly (RunningKdamond | undefined)[];
  /** Whether its files are being written: they say parts of what was and of what is to come. */
  isChanging(index: number): boolean;
  /**
   * Tells them what to do from now on; those that have ended are started again. One outcome for
   * each, by index.
   *
   * @throws ChangeError or KernelError at the first that fails; it and those behind it do what they
   *   did before, or the message says what else.
   */
  change(specs: WantedSpecs): Promise<readonly KdamondOutcome[]>;
  /** Looks which of them still run. */
  refresh(): Promise<void>;
  /** Stops them and leaves the kernel as it was found. Safe to call twice. */
  release(): Promise<void>;
  /** Leaves them running for whoever comes next; `release` does nothing any more. */
  keep(): void;
}

export function toIntention(spec: KdamondSpec | undefined): OwnedKdamondRecord {
  return { pid: undefined, staged: spec === undefined ? [] : [listStagedValues(spec)] };
}

function toRecord({ spec, pid, supports }: RunningKdamond): OwnedKdamondRecord {
  const schemes = spec.contexts.flatMap((context) => context.schemes);
  return {
    ...toIntention(spec),
    pid,
    schemeNames: schemes.map(({ name }) => name ?? null),
    goalValues: schemes.flatMap(({ quotas }) =>
      (quotas.goals ?? []).map(({ currentValue }) => currentValue.toString()),
    ),
    supports: Object.fromEntries(supports),
  };
}

/** Undefined also where its directory is gone. */
async function readPidIfPresent(
  fs: KernelFs,
  index: number,
  retry: BusyRetry,
): Promise<number | undefined> {
  try {
    return (await readRunState(fs, index, retry)).pid;
  } catch (error) {
    if (isKernelErrno(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}

/** The set as it is now, written down before and after each step. */
export class OwnedSet implements OwnedKdamonds {
  readonly #deps: OwnershipDeps;
  #record: OwnershipRecord;
  #running: (RunningKdamond | undefined)[];
  #released: Promise<unknown> | undefined;
  readonly #changing = new Set<number>();

  /** @param running Those that run already, by index. */
  constructor(
    deps: OwnershipDeps,
    record: OwnershipRecord,
    running: readonly (RunningKdamond | undefined)[] = [],
  ) {
    this.#deps = deps;
    this.#record = record;
    this.#running = record.kdamonds.map((_, index) => running[index]);
  }

  list(): readonly (RunningKdamond | undefined)[] {
    return [...this.#running];
  }

  isChanging(index: number): boolean {
    return this.#changing.has(index);
  }

  async refresh(): Promise<void> {
    const { fs, retry } = this.#deps;
    for (const [index, running] of this.#running.entries()) {
      if (running === undefined) continue;
      const pid = await readPidIfPresent(fs, index, retry);
      if (pid !== running.pid) this.#running[index] = undefined;
    }
  }

  async change(specs: WantedSpecs): Promise<readonly KdamondOutcome[]> {
    for (const spec of specs) if (spec) checkContexts(this.#deps.fs, spec.contexts);
    if (specs.length === this.#running.length) await this.#ensureDirs();
    else await this.#resize(specs.length);
    const outcomes: KdamondOutcome[] = [];
    for (const [index, spec] of specs.entries()) {
      outcomes.push(await this.#changeOne(index, spec));
    }
    return outcomes;
  }

  async release(): Promise<void> {
    this.#released ??= undoOwnership(this.#deps, this.#record);
    await this.#released;
  }

  keep(): void {
    this.#write({ ...this.#record, isKept: true });
    this.#released = Promise.resolve();
  }

  /** Whatever it was by then, for an undoing after a failure. */
  get record(): OwnershipRecord {
    return this.#record;
  }

  #write(record: OwnershipRecord): void {
    this.#deps.store.write(record);
    this.#record = record;
  }

  #note(index: number, kdamond: OwnedKdamondRecord): void {
    this.#write({ ...this.#record, kdamonds: this.#record.kdamonds.with(index, kdamond) });
  }

  /** What is staged may be what was there before, what is to come, or something of both. */
  #noteIntention(index: number, spec: KdamondSpec): void {
    const noted = this.#record.kdamonds[index];
    const [before, ...rest] = noted?.staged ?? [];
    const wanted = listStagedValues(spec);
    const pid = this.#running[index]?.pid;
    const isSame = rest.length === 0 && before !== undefined && areSameValues(before, wanted);
    // One that has ended gets another thread, which is ours before its pid is known.
    if (isSame && noted?.pid === pid) return;
    const staged = before === undefined || isSame ? [wanted] : [before, wanted];
    this.#note(index, { pid, staged });
  }

  /** The kernel makes all directories anew, so all are stopped first. */
  async #resize(count: number): Promise<void> {
    const { fs, retry } = this.#deps;
    for (const index of this.#running.keys()) await this.#stop(index);
    await removeKdamondDirs(fs, retry);
    this.#write({
      ...this.#record,
      kdamonds: Array.from({ length: count }, () => toIntention(undefined)),
    });
    this.#running = Array.from({ length: count }, () => undefined);
    await createKdamondDirs(fs, count, retry);
  }

  /** Somebody may have taken them away, or made others, while none of ours ran. */
  async #ensureDirs(): Promise<void> {
    const { fs, retry } = this.#deps;
    const nrKdamonds = readInteger(fs, NR_KDAMONDS);
    if (nrKdamonds === this.#running.length) return;
    if (nrKdamonds > 0) {
      refuseStart(fs, `somebody else keeps ${String(nrKdamonds)} there by now, instead of ours`);
    }
    await createKdamondDirs(fs, this.#running.length, retry);
  }

  /** One that does not run may have been taken for another purpose meanwhile. */
  async #checkOurs(index: number): Promise<void> {
    const { fs, retry } = this.#deps;
    const options = { retry, withTriedRegions: false, lastRunStates: new Map() };
    const values = listStagedValues(await readKdamond(fs, index, options));
    if (areBegunValues(values, this.#record.kdamonds[index]?.staged ?? [])) return;
    refuseStart(
      fs,
      `somebody else has staged something of their own in kdamond ${String(index)} of ours; if nobody needs it, write 0 to nr_kdamonds`,
    );
  }

  async #stop(index: number): Promise<void> {
    await stopKdamond(this.#deps.fs, index, this.#deps.retry);
    this.#running[index] = undefined;
  }

  async #changeOne(index: number, spec: KdamondSpec | undefined): Promise<KdamondOutcome> {
    await this.refresh();
    const running = this.#running[index];
    if (spec === undefined) {
      if (running === undefined) return 'unchanged';
      await this.#stop(index);
      return 'stopped';
    }
    if (running === undefined) await this.#checkOurs(index);
    this.#noteIntention(index, spec);
    this.#changing.add(index);
    try {
      return await this.#tell(index, spec, running);
    } catch (error) {
      if (error instanceof ChangeError) this.#running[index] = error.survivor;
      throw error;
    } finally {
      this.#changing.delete(index);
      const now = this.#running[index];
      if (now !== undefined) this.#note(index, toRecord(now));
    }
  }

  async #tell(
    index: number,
    spec: KdamondSpec,
    running: RunningKdamond | undefined,
  ): Promise<KdamondOutcome> {
    if (running === undefined) {
      this.#running[index] = await startWithSpec(this.#deps, index, spec);
      return 'started';
    }
    const { manner, kdamond } = await changeKdamond(this.#deps, running, spec);
    this.#running[index] = kdamond;
    return manner;
  }
}
