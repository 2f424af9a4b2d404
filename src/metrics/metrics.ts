import type { Clock } from '../base/clock.ts';
import type {
  ConfigHealth,
  WebConfigHealth,
  Observation,
  RecordHealth,
} from '../damon/observation.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import { createAccumulators, DEFAULT_ACCUMULATOR_SETTINGS } from './accumulators.ts';
import type { AccumulatorSettings } from './accumulators.ts';
import type { ComputedFamily } from './computeFamily.ts';
import { createGroupComputer } from './computeGroup.ts';
import { createCounterCarrier } from './counterCarrier.ts';
import type { CounterReading } from './counterCarrier.ts';
import { FAMILY_GROUPS } from './families.ts';
import type { FamilyGroup } from './families.ts';
import type { FamilyBlock, MetricFamily } from './metricFamily.ts';
import type {
  BuildInfo,
  DroppedSeries,
  MetricsInput,
  MetricsSettings,
  OtlpHealth,
  ProcessStats,
} from './metricsInput.ts';
import { formatModuleKey, selectModuleCounters } from './moduleFamilies.ts';
import { formatSchemeKey, listSchemes } from './observedParts.ts';
import type { SchemeHolder } from './observedParts.ts';
import { createWatermarkTracker } from './watermarkTracker.ts';
import type { WatermarkReading } from './watermarkTracker.ts';

export type AllMetricsSettings = MetricsSettings & AccumulatorSettings;

export const DEFAULT_METRICS_SETTINGS: AllMetricsSettings = {
  ...DEFAULT_ACCUMULATOR_SETTINGS,
  coldIdleUs: [30e6, 120e6, 600e6, 3600e6],
  maxSeriesPerFamily: 2000,
};

export interface MetricsOptions {
  readonly settings: AllMetricsSettings;
  readonly build: BuildInfo;
  /** The clock that stamps snapshots: the simulated one over the simulator. */
  readonly clock: Pick<Clock, 'monotonicNs'>;
  readonly readProcess: () => ProcessStats;
  /** Undefined, or gives undefined: nothing is to be recorded. */
  readonly readRecord?: () => RecordHealth | undefined;
  /** Undefined, or gives undefined: nothing is pushed. */
  readonly readOtlp?: () => OtlpHealth | undefined;
  /** Undefined, or gives undefined: there is no configuration file. */
  readonly readConfig?: () => ConfigHealth | undefined;
  readonly readWeb?: () => WebConfigHealth | undefined;
}

/** The part of an observation that is followed from reading to reading. */
export type FollowedMachine = SchemeHolder & Pick<Observation, 'modules' | 'memory'>;

/** The state behind the families: what adds up, carried counters, what was dropped. */
export interface Metrics {
  /** To be called with every snapshot once, in order. */
  addSnapshot(snapshot: Snapshot): void;
  /**
   * To be called with every reading of the machine, so that no restart of a counter goes unseen and
   * no crossing of a watermark.
   */
  addMachine(machine: FollowedMachine): void;
  /** What all values of now are computed from; `observation` is undefined before the first. */
  read(observation: Observation | undefined): MetricsInput;
  /**
   * The families that have values now, a block for each of these groups; `observation` is undefined
   * before the first. What is as it was is the same object again, blocks and families.
   */
  collectBlocks(
    observation: Observation | undefined,
    groups?: readonly FamilyGroup[],
  ): FamilyBlock[];
  /** The same as a flat list. */
  collectFamilies(observation: Observation | undefined): MetricFamily[];
}

function selectCounters(machine: FollowedMachine): Map<string, CounterReading> {
  const readings = new Map<string, CounterReading>();
  for (const { labels, scheme, generation } of listSchemes(machine)) {
    readings.set(formatSchemeKey(labels), {
      generation,
      values: { ...scheme.stats },
    });
  }
  for (const module of machine.modules) {
    readings.set(formatModuleKey(module.name), {
      generation: module.kdamondPid,
      values: selectModuleCounters(module),
    });
  }
  return readings;
}

function selectWatermarks(machine: FollowedMachine): Map<string, WatermarkReading> {
  return new Map(
    listSchemes(machine).map(({ labels, scheme, kdamondPid }) => [
      formatSchemeKey(labels),
      { kdamondPid, watermarks: scheme.watermarks },
    ]),
  );
}

/** What the values of families that follow the kernel are computed from, with the accumulators. */
interface Basis extends Pick<
  Observation,
  'kernelRelease' | 'kdamonds' | 'damonStat' | 'modules' | 'memory'
> {
  readonly nrSnapshots: number;
}

function isSameBasis(one: Basis, other: Basis): boolean {
  const names = Object.keys(one) as (keyof Basis)[];
  return names.every((name) => one[name] === other[name]);
}

export function createMetrics(options: MetricsOptions): Metrics {
  const { settings, build, clock, readProcess, readRecord, readOtlp, readConfig, readWeb } =
    options;
  const accumulators = createAccumulators(settings);
  const counters = createCounterCarrier();
  const dropped = new Map<string, DroppedSeries>();
  const countDrops = ({ family: { name: family }, nrDropped }: ComputedFamily): void => {
    for (const [reason, nr] of nrDropped) {
      const key = `${family} ${reason}`;
      dropped.set(key, { family, reason, count: (dropped.get(key)?.count ?? 0) + nr });
    }
  };
  const compute = createGroupComputer(countDrops);
  const watermarks = createWatermarkTracker();
  const addMachine = (machine: FollowedMachine): void => {
    counters.update(selectCounters(machine));
    watermarks.update(selectWatermarks(machine), machine.memory);
  };
  let nrSnapshots = 0;
  let basis: Basis | undefined;
  const follow = (observation: Observation): void => {
    const { kernelRelease, kdamonds, damonStat, modules, memory } = observation;
    const next = { kernelRelease, kdamonds, damonStat, modules, memory, nrSnapshots };
    if (basis !== undefined && isSameBasis(basis, next)) return;
    basis = next;
    addMachine(observation);
  };
  const read = (observation: Observation | undefined): MetricsInput => {
    if (observation !== undefined) follow(observation);
    return {
      observation,
      nowNs: clock.monotonicNs(),
      settings,
      build,
      process: readProcess(),
      record: readRecord?.(),
      otlp: readOtlp?.(),
      config: readConfig?.(),
      web: readWeb?.(),
      counters,
      watermarks,
      accumulators,
      droppedSeries: { [Symbol.iterator]: () => dropped.values() },
    };
  };
  const collectBlocks: Metrics['collectBlocks'] = (observation, groups = FAMILY_GROUPS) => {
    const input = read(observation);
    return groups.map((group) => {
      const held = group.followsKernel && observation !== undefined ? basis : undefined;
      return compute(group, input, held);
    });
  };
  return {
    addSnapshot: (snapshot) => {
      nrSnapshots += 1;
      accumulators.add(snapshot);
    },
    addMachine,
    read,
    collectBlocks,
    collectFamilies: (observation) => collectBlocks(observation).flat(),
  };
}
