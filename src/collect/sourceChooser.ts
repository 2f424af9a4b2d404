import type { Clock } from '../base/clock.ts';
import { KernelError } from '../base/errors.ts';
import type { SourceName } from '../damon/observation.ts';
import type { SnapshotSource } from './source.ts';

/** How a source is opened. Throws KernelError when it cannot work here and now. */
export interface SourceOpener {
  readonly name: SourceName;
  readonly open: () => SnapshotSource;
}

/**
 * Keeps the best source that works open: tries them in order of preference, leaves one that failed
 * alone for a while, and remembers why, for people.
 */
export class SourceChooser {
  readonly #openers: readonly SourceOpener[];
  readonly #retryMs: number;
  readonly #clock: Clock;
  readonly #onBadClose: (error: KernelError) => void;
  readonly #problems = new Map<SourceName, string>();
  readonly #newProblems = new Map<SourceName, string>();
  readonly #notBeforeNs = new Map<SourceName, bigint>();
  #active: SnapshotSource | undefined;

  /** @param onBadClose Told of a source that could not be closed; it is let go all the same. */
  constructor(
    openers: readonly SourceOpener[],
    retryMs: number,
    clock: Clock,
    onBadClose: (error: KernelError) => void,
  ) {
    this.#onBadClose = onBadClose;
    this.#openers = openers;
    this.#retryMs = retryMs;
    this.#clock = clock;
  }

  get active(): SnapshotSource | undefined {
    return this.#active;
  }

  get problems(): ReadonlyMap<SourceName, string> {
    return new Map(this.#problems);
  }

  /** The problems that are new or changed since the last call. */
  takeNewProblems(): ReadonlyMap<SourceName, string> {
    const fresh = new Map(this.#newProblems);
    this.#newProblems.clear();
    return fresh;
  }

  /** The source in use; replaces it when one that is preferred to it works again. */
  ensureOpen(): SnapshotSource | undefined {
    for (const opener of this.#openers) {
      if (opener.name === this.#active?.name) break;
      if (this.#clock.monotonicNs() < (this.#notBeforeNs.get(opener.name) ?? 0n)) continue;
      const opened = this.#tryOpen(opener);
      if (opened === undefined) continue;
      this.close();
      this.#active = opened;
      break;
    }
    return this.#active;
  }

  close(): void {
    const active = this.#active;
    this.#active = undefined;
    try {
      active?.close();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#onBadClose(error);
    }
  }

  /** Leaves a source alone for a while and remembers why; also for one that broke while in use. */
  noteFailure(name: SourceName, reason: string): void {
    this.#notBeforeNs.set(name, this.#clock.monotonicNs() + BigInt(this.#retryMs * 1_000_000));
    if (this.#problems.get(name) === reason) return;
    this.#problems.set(name, reason);
    this.#newProblems.set(name, reason);
  }

  /** One that was only opened may still fail at its first poll, and does so again and again. */
  noteSuccess(name: SourceName): void {
    this.#problems.delete(name);
  }

  /** Those that this one is preferred to. */
  listLess(name: SourceName): readonly SourceName[] {
    const names = this.#openers.map((opener) => opener.name);
    return names.slice(names.indexOf(name) + 1);
  }

  #tryOpen(opener: SourceOpener): SnapshotSource | undefined {
    try {
      return opener.open();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.noteFailure(opener.name, error.message);
      return undefined;
    }
  }
}
