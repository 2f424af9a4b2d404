import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { KernelError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { KdamondObservation, Observation } from '../damon/observation.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import { KnownKdamonds } from './knownKdamonds.ts';
import type { MachineKdamond, MachineReading } from './machine.ts';
import { PartHealths } from './partHealths.ts';
import { Rest } from './rest.ts';
import { SourceChooser } from './sourceChooser.ts';
import type { SourceOpener } from './sourceChooser.ts';
import type { Aggregation, SnapshotSource, SourceReading } from './source.ts';
import { Strangers } from './strangers.ts';
import { TargetStore } from './targetStore.ts';

/** Takes each snapshot as it comes. What it throws stays its own trouble: counted and logged. */
export interface SnapshotSink {
  readonly name: string;
  take(snapshot: Snapshot): void;
}

export interface CollectorOptions {
  /** Time of the observed kernel: simulated time when that is simulated. */
  readonly clock: Clock;
  /** Time of this process, for durations. */
  readonly hostClock: Clock;
  readonly logger: Logger;
  readonly readMachine: () => Promise<MachineReading>;
  /** In order of preference. */
  readonly openers: readonly SourceOpener[];
  readonly sinks: readonly SnapshotSink[];
  /** Takes each machine reading, for what must be followed over time (counters). */
  readonly onMachine?: (reading: MachineReading) => void;
  /** Counted retries after EBUSY, wherever they happen. */
  readonly countBusyRetries: () => number;
  readonly pollIntervalMs: number;
  readonly machineIntervalMs: number;
  /** Without demand for this long the source is closed; undefined = never. */
  readonly idleAfterMs: number | undefined;
  /** How long a source that could not be opened is left alone. */
  readonly sourceRetryMs: number;
}

/** Of sources that were opened before the one in use. */
interface ClosedSourceTotals {
  lostEvents: number;
  spoiledSnapshots: number;
}

/**
 * The only loop: polls the source in use, reads the machine's DAMON state, hands snapshots to the
 * sinks, and always has a complete Observation ready, so that no scrape ever waits for the kernel.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #sources: SourceChooser;
  readonly #targets = new TargetStore();
  readonly #stopping = new AbortController();
  readonly #rest: Rest;
  readonly #health: PartHealths;
  readonly #known = new KnownKdamonds();
  readonly #strangers = new Strangers((pid) => this.#known.find(pid) !== undefined);
  readonly #closedTotals: ClosedSourceTotals = { lostEvents: 0, spoiledSnapshots: 0 };
  #openTotals: ClosedSourceTotals = { lostEvents: 0, spoiledSnapshots: 0 };
  #machine: MachineReading | undefined;
  #machineReadAtNs: bigint | undefined;
  #pollInFlight: Promise<void> | undefined;
  #machineInFlight: Promise<void> | undefined;
  /** Undefined when something came since the last look. */
  #kdamonds: readonly KdamondObservation[] | undefined;
  #nrSnapshots = 0;
  #firstRound: Promise<void> | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#sources = new SourceChooser(options.openers, options.sourceRetryMs, options.hostClock);
    this.#rest = new Rest(options.hostClock, options.idleAfterMs);
    this.#health = new PartHealths(options.hostClock, options.logger);
  }

  /** Resolves after the first round: what is reported from then on is seen. */
  async start(): Promise<void> {
    this.#firstRound ??= this.#tick();
    this.#loop ??= this.#firstRound.then(() => this.#run());
    await this.#firstRound;
  }

  /** Ends the loop, waits for what is in flight, takes what the source still has, closes it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#rest.interrupt();
    await this.#loop;
    await Promise.all([this.#pollInFlight, this.#machineInFlight]);
    const source = this.#sources.active;
    const poll = source?.drain?.bind(source);
    if (source !== undefined && poll !== undefined) await this.#startPoll({ ...source, poll });
    this.#closeSource();
  }

  /**
   * Somebody looks: keeps the collector from idling, wakes it when it does. Resolves at once, but
   * after a rest or the start when something was read, and after this time at the latest.
   */
  noteDemand(maxWaitMs = 0): Promise<void> {
    return this.#rest.noteDemand(maxWaitMs);
  }

  /** Undefined until the machine was read once; what is as it was is the same object again. */
  observe(): Observation | undefined {
    const machine = this.#machine;
    if (machine === undefined) return undefined;
    return {
      takenAtNs: this.#options.clock.monotonicNs(),
      kernelRelease: machine.kernelRelease,
      kdamonds: (this.#kdamonds ??= machine.kdamonds.map((one) => this.#observeKdamond(one))),
      damonStat: machine.damonStat,
      modules: machine.modules,
      memory: machine.memory,
      collector: {
        activeSource: this.#sources.active?.name,
        isIdle: this.#rest.isResting,
        sourceProblems: this.#sources.problems,
        parts: [...machine.parts, ...this.#health.list()],
        snapshots: this.#nrSnapshots,
        lostEvents: this.#closedTotals.lostEvents + this.#openTotals.lostEvents,
        spoiledSnapshots: this.#closedTotals.spoiledSnapshots + this.#openTotals.spoiledSnapshots,
        busyRetries: this.#options.countBusyRetries(),
      },
    };
  }

  #observeKdamond(kdamond: MachineKdamond): KdamondObservation {
    const { ref, isRunning, cpuSeconds, state, configuredIntervals } = kdamond;
    const targets = this.#targets.targetsOf(kdamond);
    const { sampleIntervalUs, aggrIntervalUs } = targets[0]?.latest ?? configuredIntervals ?? {};
    const intervals = { sampleIntervalUs, aggrIntervalUs };
    return { ref, isRunning, cpuSeconds, state, intervals, targets };
  }

  async #run(): Promise<void> {
    const { pollIntervalMs } = this.#options;
    for (;;) {
      await sleep(pollIntervalMs, this.#rest.call ?? this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      await this.#tick();
    }
  }

  async #tick(): Promise<void> {
    this.#rest.update();
    if (this.#machineReadAtNs === undefined) await this.#refreshMachine();
    await this.#pollUnlessIdle();
    // Afterwards: targets that the machine shows to be gone have no snapshots any more.
    if (this.#msSince(this.#machineReadAtNs ?? 0n) >= this.#options.machineIntervalMs) {
      void this.#refreshMachine();
    }
  }

  async #pollUnlessIdle(): Promise<void> {
    if (this.#rest.isResting) {
      // A poll that is still blocked in the kernel owns the source until it returns.
      if (this.#pollInFlight === undefined) this.#closeSource();
      return;
    }
    if (this.#pollInFlight !== undefined) return;
    const previous = this.#sources.active;
    const source = this.#sources.ensureOpen();
    this.#announce(source, previous);
    if (source !== undefined) await this.#startPoll(source);
    const isAnyRunning = this.#machine?.kdamonds.some(({ isRunning }) => isRunning) === true;
    if (source === undefined || !isAnyRunning) this.#rest.noteNews();
  }

  #announce(source: SnapshotSource | undefined, previous: SnapshotSource | undefined): void {
    const { logger } = this.#options;
    if (source !== undefined && source !== previous) {
      logger.info('reading snapshots', { source: source.name });
    }
    for (const [name, problem] of this.#sources.takeNewProblems()) {
      const level = source === undefined ? 'warn' : 'info';
      logger[level]('source not usable', { source: name, reason: problem });
    }
  }

  /** Synchronous sources are done when this returns; blocking ones go on beside the loop. */
  async #startPoll(source: SnapshotSource): Promise<void> {
    const beganNs = this.#options.hostClock.monotonicNs();
    const part = `source_${source.name}`;
    try {
      const polled = source.poll();
      if (!(polled instanceof Promise)) {
        await this.#absorb(polled);
        this.#health.note(part, beganNs, undefined);
        return;
      }
      this.#pollInFlight = polled
        .then((reading) => this.#absorb(reading))
        .then(
          () => {
            this.#health.note(part, beganNs, undefined);
          },
          (error: unknown) => {
            this.#dropSource(part, beganNs, error);
          },
        )
        .finally(() => {
          this.#pollInFlight = undefined;
        });
    } catch (error) {
      this.#dropSource(part, beganNs, error);
    }
  }

  #dropSource(part: string, beganNs: bigint, error: unknown): void {
    this.#health.note(part, beganNs, error);
    const name = this.#sources.active?.name;
    this.#closeSource();
    if (name !== undefined) this.#sources.noteFailure(name, describeError(error));
  }

  #closeSource(): void {
    this.#closedTotals.lostEvents += this.#openTotals.lostEvents;
    this.#closedTotals.spoiledSnapshots += this.#openTotals.spoiledSnapshots;
    this.#openTotals = { lostEvents: 0, spoiledSnapshots: 0 };
    try {
      this.#sources.close();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#options.logger.warn('could not close a source cleanly', { reason: error.message });
    }
  }

  async #absorb(reading: SourceReading): Promise<void> {
    this.#openTotals = {
      lostEvents: reading.lostEvents,
      spoiledSnapshots: reading.spoiledSnapshots,
    };
    for (const { kdamondPid, sampleIntervalUs } of reading.tunedSampleIntervals) {
      this.#targets.noteTunedInterval(kdamondPid, sampleIntervalUs);
    }
    const strangers = this.#strangers.findNew(reading);
    if (strangers.length > 0) {
      // Kdamonds that started since: without owner and intervals a snapshot means little.
      await this.#refreshMachine();
      this.#strangers.noteSearched(strangers);
    }
    for (const aggregation of reading.aggregations) this.#deliver(aggregation);
    if (reading.aggregations.length > 0) this.#rest.noteNews();
  }

  #deliver(aggregation: Aggregation): void {
    const kdamond = this.#known.find(aggregation.kdamondPid);
    const snapshot = kdamond && this.#targets.add(aggregation, kdamond);
    if (snapshot === undefined) return;
    this.#kdamonds = undefined;
    this.#nrSnapshots += 1;
    for (const sink of this.#options.sinks) this.#offer(sink, snapshot);
  }

  #offer(sink: SnapshotSink, snapshot: Snapshot): void {
    const part = `sink_${sink.name}`;
    const beganNs = this.#options.hostClock.monotonicNs();
    try {
      sink.take(snapshot);
      this.#health.note(part, beganNs, undefined);
    } catch (error) {
      this.#health.note(part, beganNs, error);
    }
  }

  #refreshMachine(): Promise<void> {
    this.#machineInFlight ??= this.#readMachine().finally(() => {
      this.#machineInFlight = undefined;
    });
    return this.#machineInFlight;
  }

  async #readMachine(): Promise<void> {
    const beganNs = this.#options.hostClock.monotonicNs();
    this.#machineReadAtNs = beganNs;
    try {
      const machine = await this.#options.readMachine();
      this.#machine = machine;
      this.#known.note(machine.kdamonds);
      this.#targets.retain(machine.kdamonds);
      this.#kdamonds = undefined;
      this.#options.onMachine?.(machine);
      this.#health.note('machine', beganNs, undefined);
    } catch (error) {
      this.#health.note('machine', beganNs, error);
    }
  }

  #msSince(sinceNs: bigint): number {
    return Number(this.#options.hostClock.monotonicNs() - sinceNs) / 1e6;
  }
}
