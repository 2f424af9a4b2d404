import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { SourceName } from '../damon/observation.ts';
import type { PartHealths } from './partHealths.ts';
import { SourceChooser } from './sourceChooser.ts';
import type { SourceOpener } from './sourceChooser.ts';
import type { SnapshotSource, SourceReading } from './source.ts';

export interface SourcePollsOptions {
  /** In order of preference. */
  readonly openers: readonly SourceOpener[];
  readonly retryMs: number;
  readonly hostClock: Clock;
  readonly logger: Logger;
  readonly health: PartHealths;
  /** Takes what each poll brought; what it throws breaks the source. */
  readonly absorb: (reading: SourceReading) => Promise<void>;
}

/** A poll that waits in the kernel. */
interface BlockedPoll {
  readonly source: SnapshotSource;
  readonly beganNs: bigint;
  readonly ended: Promise<void>;
}

/** Since the start, over all sources that were open. */
type Losses = Pick<SourceReading, 'lostEvents' | 'spoiledSnapshots'>;

/** At the end: longer than a poll takes, shorter than whoever stops the program waits. */
const LONGEST_STOP_MS = 5000;

function getPart(name: SourceName): string {
  return `source_${name}`;
}

/**
 * Polls the best source that works. One whose poll waits in the kernel is not polled again before
 * that comes back, but gives way to a better one; what it brings then is dropped.
 */
export class SourcePolls {
  readonly #options: SourcePollsOptions;
  readonly #sources: SourceChooser;
  readonly #blocked = new Map<SourceName, BlockedPoll>();
  #closedLosses: Losses = { lostEvents: 0, spoiledSnapshots: 0 };
  #openLosses: Losses = { lostEvents: 0, spoiledSnapshots: 0 };
  /** What the log was told last; undefined = that nothing is read. */
  #announced: SourceName | undefined;

  constructor(options: SourcePollsOptions) {
    this.#options = options;
    const { openers, retryMs, hostClock } = options;
    this.#sources = new SourceChooser(openers, retryMs, hostClock, (error) => {
      options.logger.warn('could not close a source cleanly', { reason: describeError(error) });
    });
  }

  get activeName(): SourceName | undefined {
    return this.#sources.active?.name;
  }

  get problems(): ReadonlyMap<SourceName, string> {
    return this.#sources.problems;
  }

  get losses(): Losses {
    return {
      lostEvents: this.#closedLosses.lostEvents + this.#openLosses.lostEvents,
      spoiledSnapshots: this.#closedLosses.spoiledSnapshots + this.#openLosses.spoiledSnapshots,
    };
  }

  /** Synchronous sources are done when this resolves; one that blocks goes on beside. */
  async poll(): Promise<void> {
    for (const [name, { beganNs }] of this.#blocked) {
      this.#options.health.noteWaiting(getPart(name), beganNs);
    }
    const before = this.#sources.active;
    const source = this.#sources.ensureOpen();
    if (source !== before) this.#closeLosses();
    this.#announce(source);
    if (source !== undefined && !this.#blocked.has(source.name)) await this.#start(source);
  }

  /** Closes the source unless a poll of it still waits in the kernel. */
  rest(): void {
    const { activeName } = this;
    if (activeName === undefined || this.#blocked.has(activeName)) return;
    this.#announced = undefined;
    this.#close();
  }

  /** Takes what the source has got already, and closes it. */
  async stop(): Promise<void> {
    const ended = Promise.all([...this.#blocked.values()].map((poll) => poll.ended));
    const patience = new AbortController();
    await Promise.race([ended, sleep(LONGEST_STOP_MS, patience.signal)]);
    patience.abort();
    const source = this.#sources.active;
    const poll = source?.drain?.bind(source);
    if (source !== undefined && poll !== undefined) await this.#start({ ...source, poll }, source);
    this.#close();
  }

  /** Once per source that is read or not to be had, not at each try of one that does not work. */
  #announce(source: SnapshotSource | undefined): void {
    const { logger } = this.#options;
    const isWorking = source !== undefined && !this.problems.has(source.name);
    if (isWorking && source.name !== this.#announced) {
      this.#announced = source.name;
      logger.info('reading snapshots', { source: source.name });
    }
    if (source === undefined) this.#announced = undefined;
    for (const [name, problem] of this.#sources.takeNewProblems()) {
      const level = source === undefined ? 'warn' : 'info';
      logger[level]('source not usable', { source: name, reason: problem });
    }
  }

  /** @param owner Of the poll, where `source` is a view of it. */
  async #start(source: SnapshotSource, owner: SnapshotSource = source): Promise<void> {
    const beganNs = this.#options.hostClock.monotonicNs();
    try {
      const polled = source.poll();
      if (!(polled instanceof Promise)) {
        await this.#take(owner, beganNs, polled);
        return;
      }
      const ended = polled
        .then((reading) => this.#take(owner, beganNs, reading))
        .catch((error: unknown) => {
          this.#drop(owner, beganNs, error);
        })
        .finally(() => {
          this.#blocked.delete(owner.name);
        });
      this.#blocked.set(owner.name, { source: owner, beganNs, ended });
    } catch (error) {
      this.#drop(owner, beganNs, error);
    }
  }

  async #take(source: SnapshotSource, beganNs: bigint, reading: SourceReading): Promise<void> {
    // Another one took over meanwhile.
    if (source !== this.#sources.active) return;
    const { lostEvents, spoiledSnapshots } = reading;
    this.#openLosses = { lostEvents, spoiledSnapshots };
    await this.#options.absorb(reading);
    this.#sources.noteSuccess(source.name);
    this.#options.health.note(getPart(source.name), beganNs, undefined);
    // What the others failed at before is of no interest while a better one works.
    for (const name of this.#sources.listLess(source.name))
      this.#options.health.forget(getPart(name));
  }

  #drop(source: SnapshotSource, beganNs: bigint, error: unknown): void {
    if (source !== this.#sources.active) return;
    this.#options.health.note(getPart(source.name), beganNs, error);
    this.#close();
    this.#sources.noteFailure(source.name, describeError(error));
  }

  #close(): void {
    this.#closeLosses();
    this.#sources.close();
  }

  #closeLosses(): void {
    this.#closedLosses = this.losses;
    this.#openLosses = { lostEvents: 0, spoiledSnapshots: 0 };
  }
}
