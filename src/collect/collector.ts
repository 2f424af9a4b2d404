import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { KdamondObservation, Observation } from '../damon/observation.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import { KnownKdamonds } from './knownKdamonds.ts';
import type { MachineKdamond, MachineReading } from './machine.ts';
import { PartHealths } from './partHealths.ts';
import { Rest } from './rest.ts';
import type { SourceOpener } from './sourceChooser.ts';
import { SourcePolls } from './sourcePolls.ts';
import type { Aggregation, SourceReading } from './source.ts';
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

/** Told only while it fails. */
const LOOP_PART = 'loop';

/**
 * The only loop: polls the source in use, reads the machine's DAMON state, hands snapshots to the
 * sinks, and always has a complete Observation ready, so that no scrape ever waits for the kernel.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #polls: SourcePolls;
  readonly #targets = new TargetStore();
  readonly #stopping = new AbortController();
  readonly #rest: Rest;
  readonly #health: PartHealths;
  readonly #known = new KnownKdamonds();
  readonly #strangers = new Strangers((pid) => this.#known.find(pid) !== undefined);
  #machine: MachineReading | undefined;
  #machineReadAtNs: bigint | undefined;
  #machineInFlight: Promise<void> | undefined;
  /** Undefined when something came since the last look. */
  #kdamonds: readonly KdamondObservation[] | undefined;
  #nrSnapshots = 0;
  #firstRound: Promise<void> | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#rest = new Rest(options.hostClock, options.idleAfterMs);
    this.#health = new PartHealths(options.hostClock, options.logger);
    this.#polls = new SourcePolls({
      ...options,
      retryMs: options.sourceRetryMs,
      health: this.#health,
      absorb: (reading) => this.#absorb(reading),
    });
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
    await this.#machineInFlight;
    await this.#polls.stop();
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
        activeSource: this.#polls.activeName,
        isIdle: this.#rest.isResting,
        sourceProblems: this.#polls.problems,
        parts: [...machine.parts, ...this.#health.list()],
        snapshots: this.#nrSnapshots,
        ...this.#polls.losses,
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

  /** A defect in one round must not end all that would follow. */
  async #tick(): Promise<void> {
    const beganNs = this.#options.hostClock.monotonicNs();
    try {
      await this.#doRound();
      this.#health.forget(LOOP_PART);
    } catch (error) {
      this.#health.note(LOOP_PART, beganNs, error);
    }
  }

  async #doRound(): Promise<void> {
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
      this.#polls.rest();
      return;
    }
    await this.#polls.poll();
    const isAnyRunning = this.#machine?.kdamonds.some(({ isRunning }) => isRunning) === true;
    if (this.#polls.activeName === undefined || !isAnyRunning) this.#rest.noteNews();
  }

  async #absorb(reading: SourceReading): Promise<void> {
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
      this.#health.logAll(machine.parts);
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
