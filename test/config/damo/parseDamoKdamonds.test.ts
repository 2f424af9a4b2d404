import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/base/errors.ts';
import { parseDamoKdamonds, parseDamoSchemes } from '../../../src/config/damo/parseDamoKdamonds.ts';
import type { ContextSpec, KdamondSpec, SchemeSpec } from '../../../src/damon/spec.ts';

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;
const ANY = { min: 0n, max: ULONG_MAX };
const USUAL = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 };

type Json = Record<string, unknown>;

function parseContext(context: Json): ContextSpec {
  const [kdamond] = parseDamoKdamonds(JSON.stringify([{ contexts: [context] }]), 'it');
  return kdamond!.contexts[0]!;
}

function parseScheme(scheme: Json): SchemeSpec {
  return parseDamoSchemes(JSON.stringify([scheme]), 'it', USUAL)[0]!;
}

/** The messages, without the name and the place. */
function listProblems(parse: () => unknown): string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

const readFixture = (version: string): KdamondSpec[] => {
  const path = `test/fixtures/damo/args-damon-${version}.json`;
  return parseDamoKdamonds(readFileSync(path, 'utf8'), path);
};

const FIXTURE_SCHEME: SchemeSpec = {
  action: 'migrate_hot',
  targetNid: 1,
  applyIntervalUs: 123_456,
  accessPattern: {
    // 1234567 was rounded by damo: "1.177 MiB".
    sizeBytes: { min: 4096n, max: 1_234_173n },
    nrAccesses: { min: 1n, max: ULONG_MAX },
    ageIntervals: { min: 6n, max: ULONG_MAX },
  },
  quotas: {
    timeMs: 100n,
    sizeBytes: 1n << 30n,
    resetIntervalMs: 1234n,
    sizeWeightPermil: 7,
    accessesWeightPermil: 123,
    ageWeightPermil: 40,
    goals: [{ metric: 'node_mem_used_bp', nid: 0, targetValue: 9973n, currentValue: 0n }],
  },
  watermarks: {
    metric: 'free_mem_rate',
    intervalUs: 5_000_000n,
    highPermil: 505,
    midPermil: 400,
    lowPermil: 200,
  },
  filters: [
    {
      type: 'addr',
      isMatching: false,
      isAllowing: false,
      addrRange: { startAddr: 4096n, endAddr: 8193n },
    },
  ],
};

const FIXTURE_CONTEXT: ContextSpec = {
  operations: 'paddr',
  intervals: {
    ...{ sampleIntervalUs: 10_000, aggrIntervalUs: 200_000, updateIntervalUs: 2_000_000 },
    goal: {
      ...{ accessBp: 400, aggrs: 3 },
      ...{ minSampleIntervalUs: 5000, maxSampleIntervalUs: 10_000_000 },
    },
  },
  minNrRegions: 20n,
  maxNrRegions: 2000n,
  targets: [{ regions: [{ startAddr: 4096n, endAddr: 8n << 20n }] }],
  schemes: [FIXTURE_SCHEME],
};

describe('what damo writes', () => {
  test('the damo of Debian 13, from before pauses, probes and weighted nodes', () => {
    expect(readFixture('2.8.3')).toEqual([{ contexts: [FIXTURE_CONTEXT] }]);
  });

  test('a newer damo, with everything it knows', () => {
    const charge = { failChargeNum: 1, failChargeDenom: 1000 };
    const quotas = { ...FIXTURE_SCHEME.quotas, ...charge, goalTuner: 'temporal' };
    const filter = { type: 'memcg', isMatching: false, isAllowing: false, memcgPath: '/a' };
    const context: ContextSpec = {
      ...FIXTURE_CONTEXT,
      addrUnit: 4096n,
      isPaused: true,
      probes: [{ filters: [filter] }],
      schemes: [{ ...FIXTURE_SCHEME, quotas }],
    };
    expect(readFixture('3.4.1')).toEqual([{ refreshMs: 1000, contexts: [context] }]);
  });

  test('the skeleton of v1.8.8, with state and pid', () => {
    const context = {
      ops: 'vaddr',
      targets: [{ pid: 1234, regions: [] }],
      intervals: { sample_us: '5 ms', aggr_us: '100 ms', ops_update_us: '1 s' },
      nr_regions: { min: '10', max: '1,000' },
      schemes: [],
    };
    const text = JSON.stringify({ kdamonds: [{ state: null, pid: null, contexts: [context] }] });
    expect(parseDamoKdamonds(text, 'it')).toEqual([
      {
        contexts: [
          {
            operations: 'vaddr',
            intervals: { ...USUAL, updateIntervalUs: 1_000_000 },
            minNrRegions: 10n,
            maxNrRegions: 1000n,
            targets: [{ pid: 1234, regions: [] }],
            schemes: [],
          },
        ],
      },
    ]);
  });

  test('a status dump, whose numbers are no settings but for one', () => {
    const stats = { nr_tried: '5', sz_tried: '3 B', foo: 'bar', max_nr_snapshots: '1,000' };
    expect(parseScheme({ action: 'stat', stats, tried_regions: [1], tried_bytes: 7 })).toEqual({
      ...parseScheme({ action: 'stat' }),
      maxNrSnapshots: 1000n,
    });
    expect(
      parseDamoKdamonds('{"kdamonds": [{"state": "on", "pid": 77, "contexts": []}]}', 'it'),
    ).toEqual([{ contexts: [] }]);
  });

  test('its --raw, which says nanoseconds and reads microseconds, is refused with the way out', () => {
    const age = { min: '1234567000', max: '18446744073709551615000' };
    expect(listProblems(() => parseScheme({ access_pattern: { age } }))).toEqual([
      '[0].access_pattern.age.max: found "18446744073709551615000": "damo args damon --raw" writes times of schemes in other units than it reads; let damo write without --raw',
    ]);
  });
});

test('what is missing has damo’s defaults', () => {
  expect(parseContext({ ops: 'paddr', targets: [] })).toEqual({
    operations: 'paddr',
    intervals: { ...USUAL, updateIntervalUs: 1_000_000 },
    minNrRegions: 10n,
    maxNrRegions: 1000n,
    targets: [],
    schemes: [],
  });
  expect(parseScheme({})).toEqual({
    action: 'stat',
    accessPattern: { sizeBytes: ANY, nrAccesses: ANY, ageIntervals: ANY },
    quotas: {
      ...{ timeMs: 0n, sizeBytes: 0n, resetIntervalMs: ULONG_MAX },
      ...{ sizeWeightPermil: 0, accessesWeightPermil: 0, ageWeightPermil: 0 },
    },
    watermarks: {
      ...{ metric: 'none', intervalUs: 0n },
      ...{ highPermil: 0, midPermil: 0, lowPermil: 0 },
    },
  });
});

describe('a list of schemes', () => {
  test.each([['[{"action": "cold"}]'], ['{"schemes": [{"action": "cold"}]}']])('%s', (text) => {
    expect(parseDamoSchemes(text, 'it', USUAL)).toMatchObject([{ action: 'cold' }]);
  });

  test('rates and ages count in the intervals of the context', () => {
    const pattern = { nr_accesses: { min: '50 %', max: 'max' }, age: { min: '1 s', max: '1 m' } };
    const scheme = { action: 'cold', access_pattern: pattern };
    const context = parseContext({
      ops: 'paddr',
      targets: [],
      intervals: { sample_us: 1000, aggr_us: '0.5 s', ops_update_us: 60000000 },
      schemes: [scheme],
    });
    expect(context.schemes[0]!.accessPattern).toMatchObject({
      nrAccesses: { min: 250n },
      ageIntervals: { min: 2n, max: 120n },
    });
    expect(parseScheme(scheme).accessPattern).toMatchObject({
      nrAccesses: { min: 10n },
      ageIntervals: { min: 10n, max: 600n },
    });
  });
});

describe('numbers in every spelling', () => {
  test.each([
    [4096, 4096n],
    ['4096', 4096n],
    ['4,096', 4096n],
    ['4096 B', 4096n],
    ['4K', 4096n],
    ['4.000 KiB', 4096n],
    ['9,007,199,254,740,993', 9_007_199_254_740_993n],
    ['max', ULONG_MAX],
  ])('a size of %j', (max, bytes) => {
    const { accessPattern } = parseScheme({ access_pattern: { sz_bytes: { min: 0, max } } });
    expect(accessPattern.sizeBytes.max).toBe(bytes);
  });

  test('a number of JSON beyond 2^53 is exact', () => {
    const text = '[{"quotas": {"sz_bytes": 18446744073709551614, "reset_interval_ms": 1e3}}]';
    const [scheme] = parseDamoSchemes(text, 'it', USUAL);
    expect(scheme!.quotas).toMatchObject({
      sizeBytes: 18_446_744_073_709_551_614n,
      resetIntervalMs: 1000n,
    });
  });

  test.each([
    ['1000.0', 1000],
    ['1e+3', 1000],
    ['1.5e3', 1500],
    ['"1 s"', 1000],
    ['"1,000"', 1000],
    ['4294967295', 4_294_967_295],
    ['0', undefined],
    ['null', undefined],
  ])('a refresh of %s', (text, refreshMs) => {
    const [kdamond] = parseDamoKdamonds(`[{"refresh_ms": ${text}, "contexts": []}]`, 'it');
    expect(kdamond!.refreshMs).toBe(refreshMs);
  });

  test.each([
    ['50 %', 500],
    ['50.5%', 505],
    ['505.000000', 505],
    [505, 505],
    ['1,000', 1000],
  ])('a permil of %j', (value, permil) => {
    expect(parseScheme({ quotas: { weights: { sz_permil: value } } }).quotas.sizeWeightPermil).toBe(
      permil,
    );
  });

  test.each([
    ['some_mem_psi_us', '10 ms', 10_000n],
    ['some_mem_psi_us', '10,000', 10_000n],
    ['user_input', '1,000', 1000n],
    ['active_mem_bp', '50 %', 5000n],
    ['node_mem_used_bp', '9,973', 9973n],
  ])('the target of %s at %j', (metric, target_value, targetValue) => {
    const quotas = { reset_interval_ms: '1 s', goals: [{ metric, target_value }] };
    expect(parseScheme({ quotas }).quotas.goals).toMatchObject([{ targetValue }]);
  });
});

describe('filters', () => {
  test.each([
    [{ filter_type: 'anon', matching: true, filter_pass: true }, { isAllowing: true }],
    [
      { filter_type: 'anon', matching: 'N', allow: 'Y' },
      { isMatching: false, isAllowing: true },
    ],
    [{ filter_type: 'anon', matching: true, memcg_path: '' }, { isAllowing: false }],
    [{ filter_type: 'memcg', matching: true, memcg_path: '/a b' }, { memcgPath: '/a b' }],
    [{ filter_type: 'target', matching: true, damon_target_idx: '3' }, { targetIndex: 3 }],
    [
      { filter_type: 'hugepage_size', matching: true, hugepage_size: ['4 K', 'max'] },
      { sizeBytes: { min: 4096n, max: ULONG_MAX } },
    ],
  ])('%j', (filter, spec) => {
    expect(parseScheme({ filters: [filter] }).filters).toMatchObject([spec]);
  });
});
