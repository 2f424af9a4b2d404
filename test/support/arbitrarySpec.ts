import fc from 'fast-check';
import type {
  ContextSpec,
  FilterSpec,
  KdamondSpec,
  QuotaGoalSpec,
  QuotasSpec,
  SchemeSpec,
} from '../../src/damon/spec.ts';

const uint64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const uint32 = fc.nat(0xffff_ffff);
const permil = fc.nat(1000);
const range = fc.record({ min: uint64, max: uint64 });
const addrRange = fc
  .tuple(fc.bigInt({ min: 0n, max: 1n << 40n }), fc.bigInt({ min: 1n, max: 1n << 20n }))
  .map(([start, pages]) => ({ startAddr: start * 4096n, endAddr: (start + pages) * 4096n }));
const few = { maxLength: 3 };

type Version = '6.12' | '7.2';

function arbitraryFilter(types: readonly string[], version: Version): fc.Arbitrary<FilterSpec> {
  return fc
    .tuple(fc.constantFrom(...types), fc.boolean(), fc.boolean(), addrRange, range)
    .map(([type, isMatching, isAllowing, addresses, sizeBytes]) => ({
      type,
      isMatching,
      ...(version === '7.2' && { isAllowing }),
      ...(type === 'memcg' && { memcgPath: '/some/group' }),
      ...(type === 'addr' && { addrRange: addresses }),
      ...(type === 'target' && { targetIndex: 1 }),
      ...(type === 'hugepage_size' && { sizeBytes }),
    }));
}

function arbitraryQuotas(version: Version): fc.Arbitrary<QuotasSpec> {
  const goal: fc.Arbitrary<QuotaGoalSpec> =
    version === '7.2'
      ? fc.record({
          metric: fc.constant('node_memcg_used_bp'),
          nid: fc.nat(7),
          path: fc.constant('/some/group'),
          targetValue: uint64,
          currentValue: uint64,
        })
      : fc.record({
          metric: fc.constantFrom('user_input', 'some_mem_psi_us'),
          targetValue: uint64,
          currentValue: uint64,
        });
  return fc.record({
    timeMs: uint64,
    sizeBytes: uint64,
    resetIntervalMs: uint64,
    sizeWeightPermil: permil,
    accessesWeightPermil: permil,
    ageWeightPermil: permil,
    goals: fc.array(goal, few),
    ...(version === '7.2' && {
      failChargeNum: uint32,
      failChargeDenom: uint32,
      goalTuner: fc.constantFrom('consist', 'temporal'),
    }),
  });
}

function arbitraryScheme(version: Version): fc.Arbitrary<SchemeSpec> {
  const oldTypes = ['anon', 'memcg', 'young', 'addr', 'target'];
  const newOpsTypes = ['anon', 'memcg', 'young', 'active', 'unmapped', 'hugepage_size'];
  return fc.record({
    action: fc.constantFrom('stat', 'pageout', 'migrate_cold'),
    targetNid: fc.integer({ min: -1, max: 7 }),
    applyIntervalUs: uint32,
    accessPattern: fc.record({ sizeBytes: range, nrAccesses: range, ageIntervals: range }),
    quotas: arbitraryQuotas(version),
    watermarks: fc.record({
      metric: fc.constantFrom('none', 'free_mem_rate'),
      intervalUs: uint64,
      highPermil: permil,
      midPermil: permil,
      lowPermil: permil,
    }),
    ...(version === '6.12'
      ? { filters: fc.array(arbitraryFilter(oldTypes, version), few) }
      : {
          filters: fc.constant<FilterSpec[]>([]),
          coreFilters: fc.array(arbitraryFilter(['addr', 'target'], version), few),
          opsFilters: fc.array(arbitraryFilter(newOpsTypes, version), few),
          dests: fc.array(fc.record({ nid: fc.nat(7), weight: fc.nat(100) }), few),
          maxNrSnapshots: uint64,
        }),
  });
}

function arbitraryContext(version: Version): fc.Arbitrary<ContextSpec> {
  const goal = fc.record({
    accessBp: fc.nat(10_000),
    aggrs: fc.nat(10),
    minSampleIntervalUs: uint32,
    maxSampleIntervalUs: uint32,
  });
  const filter = fc.record({
    type: fc.constant('anon'),
    isMatching: fc.boolean(),
    isAllowing: fc.boolean(),
  });
  return fc.record({
    operations: fc.constantFrom('vaddr', 'fvaddr'),
    intervals: fc.record({
      sampleIntervalUs: uint32,
      aggrIntervalUs: uint32,
      updateIntervalUs: uint32,
      ...(version === '7.2' && { goal }),
    }),
    minNrRegions: uint64,
    maxNrRegions: uint64,
    targets: fc.array(
      fc.record({
        pid: fc.nat(4_000_000),
        regions: fc.array(addrRange, few),
        ...(version === '7.2' && { isObsolete: fc.boolean() }),
      }),
      few,
    ),
    schemes: fc.array(arbitraryScheme(version), few),
    ...(version === '7.2' && {
      addrUnit: fc.constantFrom(1n, 4096n),
      isPaused: fc.boolean(),
      probes: fc.array(fc.record({ filters: fc.array(filter, few) }), few),
    }),
  });
}

/** Specs that use everything this kernel has, in the form a kernel reads back. */
export function arbitraryKdamondSpec(version: Version): fc.Arbitrary<KdamondSpec> {
  return fc.record({
    contexts: fc.array(arbitraryContext(version), { maxLength: 1 }),
    ...(version === '7.2' && { refreshMs: uint32 }),
  });
}
