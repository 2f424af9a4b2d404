import fc from 'fast-check';
import { GOAL_METRICS, isMemcgMetric, isNodeMetric } from '../../src/damon/goalMetrics.ts';
import {
  ACTIONS,
  FILTER_TYPES,
  MIGRATE_ACTIONS,
  PROBE_FILTER_TYPES,
} from '../../src/damon/spec.ts';
import type {
  AddrRange,
  ContextSpec,
  FilterSpec,
  IntervalsSpec,
  KdamondSpec,
  QuotaGoalSpec,
  QuotasSpec,
  SchemeSpec,
  TargetSpec,
  Uint64Range,
} from '../../src/damon/spec.ts';

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;
const few = { maxLength: 3 };

/** Round ones, ones that need every digit, and the ends of the range. */
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 3000n }),
  fc.bigInt({ min: 0n, max: ULONG_MAX }),
  fc.tuple(fc.bigInt({ min: 1n, max: 999n }), fc.nat(15)).map(([n, e]) => n * 10n ** BigInt(e)),
  fc.tuple(fc.bigInt({ min: 1n, max: 999n }), fc.nat(54)).map(([n, shift]) => n << BigInt(shift)),
  fc.constantFrom(0n, ULONG_MAX, ULONG_MAX - 1n, (1n << 53n) + 1n),
);
const uint32 = fc.oneof(fc.nat(2000), fc.nat(0xffff_ffff));
const permil = fc.nat(1000);
const path = fc.constantFrom('/', '/system.slice/a.service', '/a "b" \\c/é');

const range: fc.Arbitrary<Uint64Range> = fc
  .tuple(uint64, uint64)
  .map(([a, b]) => (a < b ? { min: a, max: b } : { min: b, max: a }));

const addrRange: fc.Arbitrary<AddrRange> = fc
  .tuple(fc.bigInt({ min: 0n, max: 1n << 63n }), fc.bigInt({ min: 1n, max: 1n << 40n }))
  .map(([startAddr, length]) => ({ startAddr, endAddr: startAddr + length }));

const regions: fc.Arbitrary<AddrRange[]> = fc
  .uniqueArray(fc.bigInt({ min: 0n, max: 1n << 56n }), { minLength: 0, maxLength: 6 })
  .map((addrs) => {
    const sorted = addrs.toSorted((a, b) => (a < b ? -1 : 1));
    return Array.from({ length: Math.floor(sorted.length / 2) }, (_, index) => ({
      startAddr: sorted[2 * index]!,
      endAddr: sorted[2 * index + 1]!,
    }));
  });

/** Whatever a spec leaves out where it is the kernel's default. */
function omit<T extends object>(value: T, isNeutral: (key: keyof T) => boolean): T {
  const entries = Object.entries(value).filter(([key]) => !isNeutral(key as keyof T));
  return Object.fromEntries(entries) as T;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

const filter: fc.Arbitrary<FilterSpec> = fc
  .tuple(fc.constantFrom(...FILTER_TYPES), fc.boolean(), fc.boolean(), addrRange, range, path)
  .map(([type, isMatching, isAllowing, addresses, sizeBytes, memcgPath]) => ({
    type,
    isMatching,
    isAllowing,
    ...(type === 'memcg' && { memcgPath }),
    ...(type === 'addr' && { addrRange: addresses }),
    ...(type === 'target' && { targetIndex: 3 }),
    ...(type === 'hugepage_size' && { sizeBytes }),
  }));

const goal: fc.Arbitrary<QuotaGoalSpec> = fc
  .tuple(fc.constantFrom(...GOAL_METRICS), fc.nat(7), path, uint64, uint64, fc.nat(10_000))
  .map(([metric, nid, memcgPath, targetValue, currentValue, bp]) => ({
    metric,
    ...(isNodeMetric(metric) && { nid }),
    ...(isMemcgMetric(metric) && { path: memcgPath }),
    targetValue: metric.endsWith('_bp') ? BigInt(bp) : targetValue,
    currentValue: metric.endsWith('_bp') ? BigInt(bp) : currentValue,
  }));

const quotas: fc.Arbitrary<QuotasSpec> = fc
  .record({
    timeMs: uint64,
    sizeBytes: uint64,
    resetIntervalMs: uint64,
    sizeWeightPermil: permil,
    accessesWeightPermil: permil,
    ageWeightPermil: permil,
    goals: fc.array(goal, few),
    charge: fc.tuple(uint32, uint32),
    goalTuner: fc.constantFrom(undefined, 'temporal'),
  })
  .map(({ charge: [failChargeNum, failChargeDenom], ...given }) => {
    const hasCharge = failChargeNum > 0 || failChargeDenom > 0;
    const all = { ...given, ...(hasCharge && { failChargeNum, failChargeDenom }) };
    return omit(all as QuotasSpec, (key) => isEmpty(all[key]));
  });

const watermarks = fc
  .tuple(fc.constantFrom('none', 'free_mem_rate'), uint64, permil, permil, permil)
  .map(([metric, intervalUs, ...levels]) => {
    const [lowPermil, midPermil, highPermil] = levels.toSorted((a, b) => a - b);
    return {
      metric,
      intervalUs,
      highPermil: highPermil!,
      midPermil: midPermil!,
      lowPermil: lowPermil!,
    };
  });

export const arbitraryDamoScheme: fc.Arbitrary<SchemeSpec> = fc
  .record({
    action: fc.constantFrom(...ACTIONS),
    targetNid: fc.nat(7),
    applyIntervalUs: fc.nat(2 ** 40),
    accessPattern: fc.record({ sizeBytes: range, nrAccesses: range, ageIntervals: range }),
    dests: fc.array(fc.record({ nid: fc.nat(7), weight: uint32 }), few),
    quotas,
    watermarks,
    filters: fc.array(filter, few),
    maxNrSnapshots: uint64,
  })
  .map((scheme: SchemeSpec) =>
    omit<SchemeSpec>(scheme, (key) => {
      const isDestination = key === 'targetNid' || key === 'dests';
      if (isDestination && !MIGRATE_ACTIONS.includes(scheme.action)) return true;
      return isEmpty(scheme[key]) || scheme[key] === 0n || (scheme[key] === 0 && !isDestination);
    }),
  );

const intervals: fc.Arbitrary<IntervalsSpec> = fc
  .record({
    sampleIntervalUs: fc.integer({ min: 1, max: 10_000_000 }),
    perAggr: fc.integer({ min: 1, max: 2000 }),
    odd: fc.nat(3),
    updateIntervalUs: fc.nat(2 ** 40),
    goal: fc.option(
      fc.record({
        accessBp: fc.integer({ min: 1, max: 10_000 }),
        aggrs: fc.integer({ min: 1, max: 10 }),
      }),
    ),
  })
  .map(({ sampleIntervalUs, perAggr, odd, updateIntervalUs, goal: given }) => ({
    sampleIntervalUs,
    aggrIntervalUs: sampleIntervalUs * perAggr + odd,
    updateIntervalUs,
    ...(given !== null && {
      goal: { ...given, minSampleIntervalUs: 1, maxSampleIntervalUs: 10_000_000 },
    }),
  }));

const target = fc
  .record({ pid: fc.integer({ min: 1, max: 4_000_000 }), isObsolete: fc.boolean(), regions })
  .map((given) => omit<TargetSpec>(given, (key) => given[key] === false));

const probeFilter = fc
  .tuple(fc.constantFrom(...PROBE_FILTER_TYPES), fc.boolean(), fc.boolean(), path)
  .map(([type, isMatching, isAllowing, memcgPath]) => ({
    type,
    isMatching,
    isAllowing,
    ...(type === 'memcg' && { memcgPath }),
  }));

const context: fc.Arbitrary<ContextSpec> = fc
  .record({
    operations: fc.constantFrom('vaddr', 'fvaddr', 'paddr'),
    addrUnit: fc.constantFrom(undefined, 4096n, ULONG_MAX),
    isPaused: fc.constantFrom(undefined, true),
    intervals,
    minNrRegions: fc.bigInt({ min: 3n, max: 2000n }),
    maxNrRegions: fc.bigInt({ min: 2000n, max: ULONG_MAX }),
    probes: fc.array(fc.record({ filters: fc.array(probeFilter, few) }), { maxLength: 4 }),
    targets: fc.array(target, few),
    schemes: fc.array(arbitraryDamoScheme, few),
  })
  .map((given) => {
    const isMachine = given.operations === 'paddr';
    const targets = given.targets.map(({ pid, ...rest }) => (isMachine ? rest : { pid, ...rest }));
    const all: ContextSpec = omit(
      { ...given, targets } as ContextSpec,
      (key) => key === 'probes' && isEmpty(given.probes),
    );
    return omit(all, (key) => all[key] === undefined);
  });

/**
 * Specs in the form configuration has: nothing is said that the kernel does anyway, and every filter
 * is in the one list damo has.
 */
export const arbitraryDamoKdamond: fc.Arbitrary<KdamondSpec> = fc
  .record({ refreshMs: uint32, contexts: fc.array(context, { maxLength: 2 }) })
  .map((given) => omit<KdamondSpec>(given, (key) => given[key] === 0));
