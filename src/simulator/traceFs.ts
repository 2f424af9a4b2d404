import type { Random } from '../base/random.ts';
import type { KdamondTracer, TracedKdamond } from './kdamondTracer.ts';
import type { KernelModel } from './kernelModel.ts';
import { Errno, StaticDir, createTextFile } from './kernelNode.ts';
import type { DirNode } from './kernelNode.ts';
import type { Machine } from './machine.ts';
import { createTraceEvents, encodeTraceEvent } from './traceEvent.ts';
import type { TraceEvent } from './traceEvent.ts';
import { TraceInstance } from './traceInstance.ts';
import type { TraceHost } from './traceInstance.ts';

export const NR_CPUS = 2;
/** Between two events of one burst, ns. */
const EVENT_SPACING_NS = 700n;
const FIRST_EVENT_ID = 734;

export interface TraceFs extends KdamondTracer {
  /** The root of tracefs. */
  readonly dir: DirNode;
}

/** tracefs: the top level, `instances`, and the events kdamonds write into them. */
export function createTraceFs(machine: Machine, model: KernelModel, random: Random): TraceFs {
  const host: TraceHost = {
    events: createTraceEvents(model.tracepoints, FIRST_EVENT_ID),
    nrCpus: NR_CPUS,
    nowNs: () => toNs(machine.nowUs),
    overwriteType: model.isSince('7.2') ? 'char' : 'int',
  };
  const root = new TraceInstance(host);
  root.dir.isRootOnly = true;
  const instances = new Map<string, TraceInstance>();
  root.dir.entries.set(
    'available_events',
    createTextFile(() => host.events.map(({ name }) => `damon:${name}\n`).join(''), 0o440),
  );
  root.dir.entries.set('instances', createInstancesDir(instances, host));
  const recorder = new EventRecorder(() => [root, ...instances.values()], host.events, random);
  return {
    dir: root.dir,
    aggregated: (kdamond) => {
      recorder.start(toNs(machine.nowUs), kdamond.pid);
      recordAggregation(recorder, kdamond);
    },
    intervalsTuned: (kdamond) => {
      recorder.start(toNs(machine.nowUs), kdamond.pid);
      recorder.add('damon_monitor_intervals_tune', () => [kdamond.intervals.sampleUs]);
    },
    beforeApply: (kdamond, schemeIndex, targetIndex, regionIndex) => {
      recorder.start(toNs(machine.nowUs), kdamond.pid);
      recorder.add('damos_before_apply', () => {
        const regions = kdamond.targets[targetIndex]?.regions;
        const { start, end, nrAccessesBp, age } = regions?.columns ?? {};
        const nrAccesses = Math.floor((nrAccessesBp?.[regionIndex] ?? 0) / 10_000);
        return [
          0,
          schemeIndex,
          targetIndex,
          start?.[regionIndex] ?? 0,
          end?.[regionIndex] ?? 0,
          nrAccesses,
          age?.[regionIndex] ?? 0,
          regions?.count ?? 0,
        ];
      });
    },
    afterApply: (kdamond, schemeIndex) => {
      recorder.start(toNs(machine.nowUs), kdamond.pid);
      recordSchemeStats(recorder, kdamond, schemeIndex);
    },
  };
}

function toNs(us: number): bigint {
  return BigInt(Math.floor(us)) * 1000n;
}

function createInstancesDir(instances: Map<string, TraceInstance>, host: TraceHost): DirNode {
  const dir = new StaticDir();
  return {
    kind: 'dir',
    names: () => dir.names(),
    lookup: (name) => dir.lookup(name),
    makeDir: (name) => {
      if (instances.has(name)) throw new Errno('EEXIST');
      const instance = new TraceInstance(host);
      instances.set(name, instance);
      dir.entries.set(name, instance.dir);
    },
    removeDir: (name) => {
      const instance = instances.get(name);
      if (instance === undefined) throw new Errno('ENOENT');
      if (instance.isBusy) throw new Errno('EBUSY');
      instances.delete(name);
      dir.entries.delete(name);
    },
  };
}

/** Writes bursts of events into every instance that wants them, all events of one on one CPU. */
class EventRecorder {
  readonly #instances: () => readonly TraceInstance[];
  readonly #events: ReadonlyMap<string, TraceEvent>;
  readonly #random: Random;
  #cpu = 0;
  #timeNs = 0n;
  #pid = 0;

  constructor(
    instances: () => readonly TraceInstance[],
    events: readonly TraceEvent[],
    random: Random,
  ) {
    this.#instances = instances;
    this.#events = new Map(events.map((event) => [event.name, event]));
    this.#random = random;
  }

  /** Begins a burst; several at one moment continue each other. */
  start(nowNs: bigint, pid: number): void {
    this.#pid = pid;
    if (nowNs <= this.#timeNs) return;
    this.#timeNs = nowNs;
    if (this.#random.below(4) === 0) this.#cpu = this.#random.below(NR_CPUS);
  }

  isWanted(name: string): boolean {
    return this.#instances().some((instance) => instance.isEnabled(name));
  }

  add(
    name: string,
    values: () => readonly (number | bigint)[],
    dynamic: readonly number[] = [],
  ): void {
    const event = this.#events.get(name);
    if (event === undefined) return;
    let payload: Uint8Array | undefined;
    for (const instance of this.#instances()) {
      if (!instance.isEnabled(name)) continue;
      payload ??= encodeTraceEvent(event, this.#pid, values(), dynamic);
      instance.record(this.#cpu, this.#timeNs, payload);
    }
    this.#timeNs += EVENT_SPACING_NS;
  }
}

function recordAggregation(recorder: EventRecorder, kdamond: TracedKdamond): void {
  const nrProbes = kdamond.config.probes.length;
  if (!recorder.isWanted('damon_aggregated') && !recorder.isWanted('damon_region_aggregated')) {
    return;
  }
  kdamond.targets.forEach(({ regions }, target) => {
    const { start, end, nrAccesses, age } = regions.columns;
    for (let i = 0; i < regions.count; i++) {
      const range = [start[i] ?? 0, end[i] ?? 0] as const;
      const counts = [nrAccesses[i] ?? 0, age[i] ?? 0] as const;
      recorder.add('damon_aggregated', () => [target, regions.count, ...range, ...counts]);
      if (nrProbes === 0) continue;
      recorder.add(
        'damon_region_aggregated',
        () => [target, ...range, regions.count, ...counts],
        regions.probeHitsOf(i, nrProbes),
      );
    }
  });
}

function recordSchemeStats(
  recorder: EventRecorder,
  kdamond: TracedKdamond,
  schemeIndex: number,
): void {
  const scheme = kdamond.schemes[schemeIndex];
  if (scheme === undefined) return;
  const { counters } = scheme;
  if (scheme.takeQuotaChange()) {
    recorder.add('damos_esz', () => [0, schemeIndex, scheme.effectiveBytes]);
  }
  recorder.add('damos_stat_after_apply_interval', () => [
    0,
    schemeIndex,
    counters.nrTried,
    counters.triedBytes,
    counters.nrApplied,
    counters.appliedBytes,
    counters.filterPassedBytes,
    counters.quotaExceeds,
    counters.nrSnapshots,
  ]);
}
