import type { Random } from '../base/random.ts';
import { countRegions, mergeRegions } from './aggregation.ts';
import type { RegionLimits } from './aggregation.ts';
import { computeMaxNrAccesses } from './contextConfig.ts';
import type { ContextConfig, MonitoringIntervals } from './contextConfig.ts';
import { computeIntervalsScore, computeTunedIntervals } from './intervalsTuning.ts';
import type { Machine } from './machine.ts';
import { createMonitoredSpace } from './monitoredSpace.ts';
import type { MonitoredSpace } from './monitoredSpace.ts';
import { RegionSet } from './regionSet.ts';
import { KdamondRequests } from './kdamondRequests.ts';
import { sampleTargets } from './sampling.ts';
import { Scheme } from './scheme.ts';
import { applySchemes } from './schemeEngine.ts';
import type { KdamondTracer } from './kdamondTracer.ts';
import type { KernelModel } from './kernelModel.ts';
import { computeWatermarkWaitUs } from './watermarks.ts';

export interface MonitoredTarget {
  readonly pid: number;
  readonly space: MonitoredSpace;
  readonly regions: RegionSet;
}

export interface KdamondOptions {
  readonly pid: number;
  /** Of the kernel thread, e.g. "kdamond.0". */
  readonly comm: string;
  readonly config: ContextConfig;
  readonly machine: Machine;
  readonly random: Random;
  readonly tracer: KdamondTracer;
  readonly model: KernelModel;
  /** After every aggregation, before counts start anew. */
  readonly onAggregated?: (kdamond: Kdamond) => void;
}

/** A sampling interval of 0 means "as fast as it can": simulated as this. */
const SHORTEST_SAMPLE_US = 1_000;
/** What sampling costs the simulated CPU. */
const CPU_US_PER_SAMPLING = 8;
const CPU_US_PER_REGION = 0.4;

/** One kernel thread that samples, aggregates, splits and merges, and applies schemes. */
export class Kdamond {
  readonly pid: number;
  readonly comm: string;
  readonly startUs: number;
  config: ContextConfig;
  /** As tuned; start as configured. */
  intervals: MonitoringIntervals;
  targets: readonly MonitoredTarget[] = [];
  schemes: readonly Scheme[] = [];
  isRunning = true;
  /** When it does something next, µs. */
  nextWakeUs: number;
  /** CPU time used so far, µs. */
  cpuUs = 0;
  readonly requests: KdamondRequests;
  readonly #options: KdamondOptions;
  #passedSis = 0;
  #nextAggregationSis = 0;
  #nextUpdateSis = 0;
  #nextTuneSis = 0;
  #lastNrRegions = 0;

  constructor(options: KdamondOptions) {
    this.#options = options;
    this.pid = options.pid;
    this.comm = options.comm;
    this.config = options.config;
    this.intervals = options.config.intervals;
    this.startUs = options.machine.nowUs;
    this.requests = new KdamondRequests();
    this.#installTargets(options.config);
    this.#installSchemes(options.config);
    this.#scheduleAnew();
    this.nextWakeUs = this.startUs + this.#sampleUs;
    if (!this.#hasValidTarget()) this.stop();
  }

  get maxNrAccesses(): number {
    return computeMaxNrAccesses(this.intervals);
  }

  /** Ends it; requests that wait are cancelled. */
  stop(): void {
    this.isRunning = false;
    this.nextWakeUs = Infinity;
    this.requests.cancelAll(this.#options.model.cancelErrno);
  }

  /** Takes new settings; results so far are kept where they still mean something. */
  commit(config: ContextConfig): void {
    const before = this.intervals;
    this.config = config;
    this.#changeIntervals(before, config.intervals);
    this.#installTargets(config);
    this.#installSchemes(config);
    this.#scheduleAnew();
  }

  nrRegions(): number {
    return countRegions(this.#regionSets());
  }

  /** What the thread does when its sleep is over. */
  step(): void {
    const nowUs = this.nextWakeUs;
    if (!this.#hasValidTarget()) {
      this.stop();
      return;
    }
    const waitUs = this.#inactiveWaitUs();
    if (waitUs > 0) {
      const { commitsWhileResting } = this.#options.model;
      this.requests.answerCalls(commitsWhileResting ? undefined : 'commit');
      if (!this.isRunning) return;
      this.requests.cancelWalk(this.#options.model.cancelErrno);
      this.nextWakeUs = nowUs + waitUs;
      return;
    }
    this.#sample(nowUs);
    this.#passedSis++;
    const isAggregated = this.#passedSis >= this.#nextAggregationSis;
    if (isAggregated) mergeRegions(this.#regionSets(), this.#limits());
    if (isAggregated || this.#options.model.answersAfterSampling) this.requests.answerCalls();
    if (!this.isRunning) return;
    this.#applySchemes(nowUs);
    if (isAggregated) this.#endAggregation();
    if (this.#passedSis >= this.#nextUpdateSis) this.#updateRanges();
    this.nextWakeUs = nowUs + this.#sampleUs;
  }

  get #sampleUs(): number {
    return Math.max(SHORTEST_SAMPLE_US, this.intervals.sampleUs);
  }

  get #sisPerUpdate(): number {
    return Math.max(1, Math.floor(this.intervals.updateUs / Math.max(1, this.intervals.sampleUs)));
  }

  #regionSets(): RegionSet[] {
    return this.targets.map(({ regions }) => regions);
  }

  #limits(): RegionLimits {
    const { minNrRegions, maxNrRegions } = this.config;
    return { minNrRegions, maxNrRegions, maxNrAccesses: this.maxNrAccesses };
  }

  #hasValidTarget(): boolean {
    if (this.config.operations === 'paddr') return true;
    return this.targets.some(({ space }) => space.isValid());
  }

  /** 0 = active. Paused, or every scheme's watermarks say to rest. */
  #inactiveWaitUs(): number {
    if (this.config.isPaused) return this.#sampleUs;
    return computeWatermarkWaitUs(this.schemes, this.#options.machine);
  }

  #sample(nowUs: number): void {
    sampleTargets(this.targets, {
      fromUs: nowUs - this.#sampleUs,
      toUs: nowUs,
      maxNrAccesses: this.maxNrAccesses,
      probes: this.config.probes,
      random: this.#options.random,
    });
    this.cpuUs += CPU_US_PER_SAMPLING + this.nrRegions() * CPU_US_PER_REGION;
  }

  #applySchemes(nowUs: number): void {
    const { requests } = this;
    const { tracer } = this.#options;
    const isDue = (scheme: Scheme): boolean => scheme.nextApplySis <= this.#passedSis;
    applySchemes({
      schemes: this.schemes,
      targets: this.targets,
      nowUs,
      maxNrAccesses: this.maxNrAccesses,
      nrProbes: this.config.probes.length,
      isDue: (scheme) => scheme.isActive && isDue(scheme),
      observer: {
        isCollecting: requests.isCollecting,
        beforeApply: (scheme, target, region) => {
          tracer.beforeApply(this, scheme, target, region);
        },
        tried: (scheme, region) => {
          requests.collect(scheme, region);
        },
      },
    });
    const isAnyApplied = this.schemes.some((scheme) => scheme.isActive && isDue(scheme));
    this.schemes.forEach((scheme, index) => {
      if (!isAnyApplied || !isDue(scheme)) return;
      scheme.nextApplySis = this.#passedSis + scheme.countApplySis(this.intervals);
      // For those at rest, too: nobody waits for their regions as long as others are applied.
      requests.completeScheme(index, this.schemes.length);
      if (!scheme.isActive) return;
      tracer.afterApply(this, index);
      const { maxNrSnapshots } = scheme.config;
      if (maxNrSnapshots > 0 && scheme.counters.nrSnapshots >= maxNrSnapshots) {
        scheme.isActive = false;
      }
    });
    if (this.schemes.length === 0) requests.cancelWalk(this.#options.model.cancelErrno);
  }

  #endAggregation(): void {
    const { tracer, onAggregated, random } = this.#options;
    onAggregated?.(this);
    const tuned = this.#tuneIntervals();
    this.#nextAggregationSis = this.#passedSis + this.maxNrAccesses;
    if (tuned !== undefined) {
      this.#changeIntervals(this.intervals, tuned);
      this.#scheduleAnew();
      tracer.intervalsTuned(this);
    }
    tracer.aggregated(this);
    for (const { regions } of this.targets) regions.startAggregation();
    const nrRegions = this.nrRegions();
    if (nrRegions <= this.config.maxNrRegions / 2) {
      const isStuck = this.#lastNrRegions === nrRegions && nrRegions < this.config.maxNrRegions / 3;
      for (const { regions } of this.targets) regions.split(isStuck ? 3 : 2, random);
    }
    this.#lastNrRegions = nrRegions;
  }

  #tuneIntervals(): MonitoringIntervals | undefined {
    const { goal } = this.config;
    if (goal.aggrs === 0 || this.#passedSis < this.#nextTuneSis) return undefined;
    this.#nextTuneSis = this.#passedSis + goal.aggrs * this.maxNrAccesses;
    const score = computeIntervalsScore(this.#regionSets(), this.intervals, goal.accessBp);
    return computeTunedIntervals(this.intervals, goal, score);
  }

  #changeIntervals(before: MonitoringIntervals, after: MonitoringIntervals): void {
    const accessFactor = computeMaxNrAccesses(after) / computeMaxNrAccesses(before);
    const ageFactor = before.aggrUs / Math.max(1, after.aggrUs);
    this.intervals = after;
    if (accessFactor === 1 && ageFactor === 1) return;
    for (const { regions } of this.targets) regions.rescale(accessFactor, ageFactor);
  }

  #updateRanges(): void {
    this.#nextUpdateSis = this.#passedSis + this.#sisPerUpdate;
    for (const { regions, space } of this.targets) {
      const ranges = space.currentRanges();
      if (ranges !== undefined && ranges.length > 0) regions.fitTo(ranges);
    }
  }

  #scheduleAnew(): void {
    this.#nextAggregationSis = this.#passedSis + this.maxNrAccesses;
    this.#nextUpdateSis = this.#passedSis + this.#sisPerUpdate;
    this.#nextTuneSis = this.#passedSis + this.config.goal.aggrs * this.maxNrAccesses;
    for (const scheme of this.schemes) {
      scheme.nextApplySis = this.#passedSis + scheme.countApplySis(this.intervals);
    }
  }

  #installTargets(config: ContextConfig): void {
    const before = this.targets;
    const { operations } = config;
    const { judgesVirtualPages } = this.#options.model;
    this.targets = config.targets.map((target, index) => {
      const space = createMonitoredSpace(
        this.#options.machine,
        { operations, judgesVirtualPages },
        target,
      );
      const kept = before[index]?.pid === target.pid ? before[index] : undefined;
      const regions = kept?.regions ?? new RegionSet();
      const hasConfigured = target.ranges.length > 0;
      if (kept === undefined) {
        regions.reset(hasConfigured ? target.ranges : (space.currentRanges() ?? []));
        if (!hasConfigured || this.#options.model.cutsConfiguredRanges) {
          regions.splitEvenly(regions.totalBytes() / Math.max(1, config.minNrRegions));
        }
      } else if (hasConfigured) {
        regions.fitTo(target.ranges);
      }
      return { pid: target.pid, space, regions };
    });
  }

  /** Schemes keep their counters by position, whatever else changes. */
  #installSchemes(config: ContextConfig): void {
    const before = this.schemes;
    this.schemes = config.schemes.map((scheme, index) => {
      const kept = before[index];
      if (kept === undefined) return new Scheme(scheme);
      kept.config = scheme;
      return kept;
    });
  }
}
