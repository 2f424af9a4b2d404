import type { Clock } from '../base/clock.ts';
import type { ConfigHealth, Observation, RecordHealth } from '../damon/observation.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import { createAccumulators, DEFAULT_ACCUMULATOR_SETTINGS } from './accumulators.ts';
import type { AccumulatorSettings } from './accumulators.ts';
import { createCounterCarrier } from './counterCarrier.ts';
import type { CounterReading } from './counterCarrier.ts';
import { FAMILY_GROUPS } from './families.ts';
import type { FamilyGroup } from './families.ts';
import type {
  FamilySpec,
  HistogramPoint,
  Labels,
  MetricFamily,
  ScalarPoint,
} from './metricFamily.ts';
import type {
  BuildInfo,
  DroppedSeries,
  DropReason,
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
   * The families that have values now, of these groups; `observation` is undefined before the first.
   */
  collectFamilies(
    observation: Observation | undefined,
    groups?: readonly FamilyGroup[],
  ): MetricFamily[];
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

/** The points of a family have the same labels, so their values tell them apart. */
function formatLabelsKey(names: readonly string[], labels: Labels): string {
  let key = '';
  for (const name of names) key += `${labels[name] ?? ''}\u0000`;
  return key;
}

type CountDrop = (family: string, reason: DropReason) => void;

/**
 * Points a server will take: one series twice makes it refuse everything, thousands make it suffer.
 */
function limitPoints<Point extends ScalarPoint | HistogramPoint>(
  points: readonly Point[],
  { names, maxSeries }: { readonly names: readonly string[]; readonly maxSeries: number },
  countDrop: (reason: DropReason) => void,
): Point[] {
  const seen = new Set<string>();
  let nrSeries = 0;
  return points.filter((point) => {
    const key = formatLabelsKey(names, point.labels);
    const cost = 'bounds' in point ? point.bounds.length + 3 : 1;
    const reason = seen.has(key) ? 'duplicate' : nrSeries + cost > maxSeries ? 'limit' : undefined;
    if (reason !== undefined) {
      countDrop(reason);
      return false;
    }
    seen.add(key);
    nrSeries += cost;
    return true;
  });
}

function computeFamily(
  spec: FamilySpec<MetricsInput>,
  input: MetricsInput,
  countDrop: CountDrop,
): MetricFamily {
  const { name, otelName, unit } = spec;
  const help = spec.kernelSource === undefined ? spec.help : `${spec.help} [${spec.kernelSource}]`;
  const limits = { names: spec.labels, maxSeries: input.settings.maxSeriesPerFamily };
  const drop = (reason: DropReason): void => {
    countDrop(name, reason);
  };
  if (spec.kind === 'histogram') {
    const points = limitPoints(spec.computePoints(input), limits, drop);
    return { name, otelName, unit, help, kind: spec.kind, points };
  }
  const points = limitPoints(spec.computePoints(input), limits, drop);
  return { name, otelName, unit, help, kind: spec.kind, points };
}

export function createMetrics(options: MetricsOptions): Metrics {
  const { settings, build, clock, readProcess, readRecord, readOtlp, readConfig } = options;
  const accumulators = createAccumulators(settings);
  const counters = createCounterCarrier();
  const dropped = new Map<string, DroppedSeries>();
  const countDrop: CountDrop = (family, reason) => {
    const key = `${family} ${reason}`;
    dropped.set(key, { family, reason, count: (dropped.get(key)?.count ?? 0) + 1 });
  };
  const watermarks = createWatermarkTracker();
  const addMachine = (machine: FollowedMachine): void => {
    counters.update(selectCounters(machine));
    watermarks.update(selectWatermarks(machine), machine.memory);
  };
  const read = (observation: Observation | undefined): MetricsInput => {
    if (observation !== undefined) addMachine(observation);
    return {
      observation,
      nowNs: clock.monotonicNs(),
      settings,
      build,
      process: readProcess(),
      record: readRecord?.(),
      otlp: readOtlp?.(),
      config: readConfig?.(),
      counters,
      watermarks,
      accumulators,
      droppedSeries: { [Symbol.iterator]: () => dropped.values() },
    };
  };
  return {
    addSnapshot: (snapshot) => {
      accumulators.add(snapshot);
    },
    addMachine,
    read,
    collectFamilies: (observation, groups = FAMILY_GROUPS) => {
      const input = read(observation);
      return groups
        .flatMap(({ families }) => families)
        .map((spec) => computeFamily(spec, input, countDrop))
        .filter(({ points }) => points.length > 0);
    },
  };
}
