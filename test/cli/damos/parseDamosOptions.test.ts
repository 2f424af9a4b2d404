import { describe, expect, test } from 'vitest';
import { NO_QUOTAS, NO_WATERMARKS } from '../../../src/damon/spec.ts';
import type { QuotasSpec, SchemeSpec } from '../../../src/damon/spec.ts';
import { parseContext, parseKdamonds, splitLine } from '../../support/damosArguments.ts';

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;
const ANY = { min: 0n, max: ULONG_MAX };

function parseSchemes(line: string): readonly SchemeSpec[] {
  return parseContext(`1234 ${line}`).schemes;
}

function parseQuotas(line: string): QuotasSpec {
  return parseSchemes(`--damos_action pageout ${line}`)[0]!.quotas;
}

test("the example of damo's USAGE, to the word", () => {
  const line =
    '--damos_sz_region 2M max --damos_access_rate 90% 100% --damos_age 100ms max --damos_action hugepage 1234';
  expect(parseKdamonds(splitLine(line))).toEqual([
    {
      contexts: [
        {
          operations: 'vaddr',
          intervals: {
            ...{ sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
          },
          minNrRegions: 100n,
          maxNrRegions: 1000n,
          targets: [{ pid: 1234, regions: [] }],
          schemes: [
            {
              action: 'hugepage',
              accessPattern: {
                sizeBytes: { min: 2n << 20n, max: ULONG_MAX },
                nrAccesses: { min: 18n, max: 20n },
                ageIntervals: { min: 1n, max: ULONG_MAX },
              },
              quotas: { ...NO_QUOTAS, resetIntervalMs: ULONG_MAX },
              watermarks: NO_WATERMARKS,
            },
          ],
        },
      ],
    },
  ]);
});

describe('schemes', () => {
  test('each option is for the scheme of its turn', () => {
    const schemes = parseSchemes(
      '--damos_action stat --damos_action cold --damos_sz_region 4K max --damos_age 0 1s --damos_age 1s 2s --damos_apply_interval 1s',
    );
    expect(schemes).toMatchObject([
      {
        action: 'stat',
        applyIntervalUs: 1_000_000,
        accessPattern: { sizeBytes: { min: 4096n }, ageIntervals: { min: 0n, max: 10n } },
      },
      { action: 'cold', accessPattern: { sizeBytes: ANY, ageIntervals: { min: 10n, max: 20n } } },
    ]);
    expect(schemes[1]).not.toHaveProperty('applyIntervalUs');
  });

  test.each([
    ['migrate_hot 1', { action: 'migrate_hot', targetNid: 1 }],
    [
      'migrate_cold 0 2 1 3',
      {
        action: 'migrate_cold',
        dests: [
          { nid: 0, weight: 2 },
          { nid: 1, weight: 3 },
        ],
      },
    ],
  ])('%s', (words, scheme) => {
    expect(parseSchemes(`--damos_action ${words}`)).toMatchObject([scheme]);
  });

  test('rates and ages count in the intervals of the context', () => {
    const line =
      '-s 10ms -a 1s --damos_action stat --damos_access_rate 5% 50% --damos_age 2s 1m --damos_max_nr_snapshots 1,000';
    expect(parseSchemes(line)).toMatchObject([
      {
        accessPattern: { nrAccesses: { min: 5n, max: 50n }, ageIntervals: { min: 2n, max: 60n } },
        maxNrSnapshots: 1000n,
      },
    ]);
  });

  test('watermarks are in permil or percent', () => {
    expect(
      parseSchemes('--damos_action stat --damos_wmarks free_mem_rate 5s 500 40% 200')[0]!
        .watermarks,
    ).toEqual({
      ...{ metric: 'free_mem_rate', intervalUs: 5_000_000n },
      ...{ highPermil: 500, midPermil: 400, lowPermil: 200 },
    });
  });

  test('filters are shared out by their numbers', () => {
    const line =
      '--damos_action stat --damos_action cold --damos_filter allow anon --damos_filter reject none memcg /a --damos_filter young nomatching --damos_nr_filters 1 2';
    expect(parseSchemes(line).map(({ filters }) => filters)).toEqual([
      [{ type: 'anon', isMatching: true, isAllowing: true }],
      [
        { type: 'memcg', isMatching: false, isAllowing: false, memcgPath: '/a' },
        { type: 'young', isMatching: false, isAllowing: false },
      ],
    ]);
  });

  test.each([
    ['deny target 3', { isAllowing: false, targetIndex: 3 }],
    ['block none hugepage_size 4K 2M', { isMatching: false, sizeBytes: { min: 4096n } }],
    ['pass addr 4K 1G', { isAllowing: true, addrRange: { endAddr: 1n << 30n } }],
    ['addr matching 4K 8K pass', { isMatching: true, isAllowing: true }],
  ])('the filter %s', (words, filter) => {
    expect(parseSchemes(`--damos_action stat --damos_filter ${words}`)[0]!.filters).toMatchObject([
      filter,
    ]);
  });

  test.each(['\'[{"action": "cold"}]\'', '\'file:{"schemes": [{"action": "cold"}]}\''])(
    'as JSON: --schemes %s',
    (text) => {
      expect(parseSchemes(`--schemes ${text}`)).toMatchObject([{ action: 'cold' }]);
      expect(parseSchemes(`-c ${text}`)).toMatchObject([{ action: 'cold' }]);
    },
  );
});

describe('quotas', () => {
  const weights = (size: number, accesses: number, age: number) => ({
    sizeWeightPermil: size,
    accessesWeightPermil: accesses,
    ageWeightPermil: age,
  });

  test.each([
    [
      '--damos_quotas 10',
      { timeMs: 10n, sizeBytes: 0n, resetIntervalMs: ULONG_MAX, ...weights(0, 0, 0) },
    ],
    [
      '--damos_quotas 10 1G 1s 1 2 3%',
      { timeMs: 10n, sizeBytes: 1n << 30n, resetIntervalMs: 1000n, ...weights(1, 2, 30) },
    ],
    [
      '--damos_quota_interval 1s --damos_quota_space 128M',
      { timeMs: 0n, sizeBytes: 128n << 20n, resetIntervalMs: 1000n, ...weights(1, 1, 1) },
    ],
    [
      '--damos_quota_interval 500 --damos_quota_time 1s --damos_quota_weights 0 7 10%',
      { timeMs: 1000n, sizeBytes: 0n, resetIntervalMs: 500n, ...weights(0, 7, 100) },
    ],
    ['', { timeMs: 0n, sizeBytes: 0n, resetIntervalMs: ULONG_MAX, ...weights(0, 0, 0) }],
  ])('%s', (line, quotas) => {
    expect(parseQuotas(line)).toEqual(quotas);
  });

  test.each([
    ['user_input 1,000 5', { metric: 'user_input', targetValue: 1000n, currentValue: 5n }],
    ['some_mem_psi_us 1s', { metric: 'some_mem_psi_us', targetValue: 1_000_000n }],
    // The third word is the node, not the value now.
    ['node_mem_free_bp 0.5% 1', { targetValue: 50n, nid: 1, currentValue: 0n }],
    ['node_memcg_used_bp 9,970 0 /a', { targetValue: 9970n, nid: 0, path: '/a' }],
    ['active_mem_bp 50%', { targetValue: 5000n }],
    ['node_eligible_mem_bp 50% 2', { targetValue: 5000n, nid: 2 }],
  ])('the goal %s', (words, goal) => {
    const quotas = parseQuotas(`--damos_quota_interval 1s --damos_quota_goal ${words}`);
    expect(quotas.goals).toMatchObject([goal]);
  });

  test('goals are shared out by their numbers', () => {
    const schemes = parseSchemes(
      '--damos_action cold --damos_action pageout --damos_quota_interval 1s --damos_quota_interval 2s --damos_quota_goal user_input 5 1 --damos_quota_goal user_input 6 1 --damos_nr_quota_goals 0 2',
    );
    expect(schemes[0]!.quotas).not.toHaveProperty('goals');
    expect(schemes[1]!.quotas.goals).toMatchObject([{ targetValue: 5n }, { targetValue: 6n }]);
  });

  test('what newer kernels tune and charge', () => {
    expect(
      parseQuotas(
        '--damos_quota_interval 1s --damos_quota_goal_tuner temporal --damos_quota_fail_charge_ratio 1 1,000',
      ),
    ).toMatchObject({ goalTuner: 'temporal', failChargeNum: 1, failChargeDenom: 1000 });
    expect(
      parseQuotas('--damos_quota_interval 1s --damos_quota_goal_tuner consist'),
    ).not.toHaveProperty('goalTuner');
  });
});
