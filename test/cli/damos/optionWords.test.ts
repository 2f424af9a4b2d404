import { describe, expect, test } from 'vitest';
import { joinOptionWords, splitWords } from '../../../src/cli/damos/optionWords.ts';

function join(line: string): string {
  return joinOptionWords(line.split(' ')).join(' ').replaceAll('\0', '_');
}

describe('the words of an option are told from what follows it', () => {
  test.each([
    ['--damos_action hugepage 1234', '--damos_action hugepage 1234'],
    [
      '--damos_action migrate_hot 1 --damos_age 1 2 7',
      '--damos_action migrate_hot_1 --damos_age 1_2 7',
    ],
    ['--damos_action migrate_hot 0 1 2 3', '--damos_action migrate_hot_0_1_2_3'],
    ['--damos_sz_region=2M max 5', '--damos_sz_region 2M_max 5'],
    ['--damos-sz-region 2M max 5', '--damos-sz-region 2M_max 5'],
    ['--damos_quotas 10 1G paddr', '--damos_quotas 10_1G paddr'],
    ['--damos_quotas 10 1G 1s 1 2 3 1234', '--damos_quotas 10_1G_1s_1_2_3 1234'],
    ['--damos_quota_goal user_input 50 20 1234', '--damos_quota_goal user_input_50_20 1234'],
    [
      '--damos_quota_goal some_mem_psi_us 10ms 1234',
      '--damos_quota_goal some_mem_psi_us_10ms 1234',
    ],
    [
      '--damos_quota_goal node_mem_free_bp 0.5% 0 12',
      '--damos_quota_goal node_mem_free_bp_0.5%_0 12',
    ],
    [
      '--damos_quota_goal node_memcg_used_bp 1% 0 /a 12',
      '--damos_quota_goal node_memcg_used_bp_1%_0_/a 12',
    ],
    ['--damos_filter allow anon 1234', '--damos_filter allow_anon 1234'],
    ['--damos_filter reject none memcg /a 1234', '--damos_filter reject_none_memcg_/a 1234'],
    [
      '--damos_filter allow anon reject none addr 4K 8K paddr',
      '--damos_filter allow_anon_reject_none_addr_4K_8K paddr',
    ],
    ['--damos_filter anon matching 1234', '--damos_filter anon_matching 1234'],
    [
      '--damos_filter memcg nomatching /a allow 1234',
      '--damos_filter memcg_nomatching_/a_allow 1234',
    ],
    ['--damos_wmarks none 0 0 0 0 1234', '--damos_wmarks none_0_0_0_0 1234'],
    [
      '--damos_action stat --damos_nr_filters 1 1234',
      '--damos_action stat --damos_nr_filters 1 1234',
    ],
    [
      '--damos_nr_filters 1 2 1234 --damos_action stat --damos-action=cold',
      '--damos_nr_filters 1_2 1234 --damos_action stat --damos-action cold',
    ],
    ['--nr_targets 1 1 --ops vaddr', '--nr_targets 1_1 --ops vaddr'],
    ['--numa_node 0 1 paddr', '--numa_node 0_1 paddr'],
    ['--probe_filter reject non memcg /a 5', '--probe_filter reject_non_memcg_/a 5'],
    ['--monitoring_intervals 5ms 100ms 1s 5', '--monitoring_intervals 5ms_100ms_1s 5'],
    ['-s 1ms --ops paddr -- --damos_age', '-s 1ms --ops paddr -- --damos_age'],
    ['--constructor 5 --regions 4K-8K', '--constructor 5 --regions 4K-8K'],
  ])('%s', (line, joined) => {
    expect(join(line)).toBe(joined);
  });

  test('an odd number behind pairs of nodes and weights is none of theirs', () => {
    expect(join('--damos_action migrate_cold 0 1 2 3 1234')).toBe(
      '--damos_action migrate_cold_0_1_2_3 1234',
    );
  });

  test('words keep their blanks', () => {
    expect(splitWords(joinOptionWords(['--damos_age', '1 s', '5 aggr_intervals'])[1]!)).toEqual([
      '1 s',
      '5 aggr_intervals',
    ]);
  });
});

describe('too few or wrong words are refused', () => {
  test.each([
    ['--damos_action', '--damos_action: found nothing, expected ACTION [NID | NID WEIGHT…]'],
    ['--damos_sz_region 2M', '--damos_sz_region: found "2M", expected MIN MAX'],
    ['--damos_sz_region 2M --damos_age 1 2', '--damos_sz_region: found "2M", expected MIN MAX'],
    ['--damos_action migrate_hot', /migrate_hot needs a node, or nodes with weights/],
    ['--damos_action migrate_hot here', /migrate_hot needs a node/],
    ['--damos_filter alow anon', '--damos_filter: found "alow", did you mean "allow"?'],
    ['--damos_filter allow', /--damos_filter: found nothing more, expected anon, memcg, young/],
    ['--damos_filter allow none', /--damos_filter: found nothing more, expected anon/],
    ['--damos_filter allow anno', '--damos_filter: found "anno", did you mean "anon"?'],
    [
      '--damos_filter allow addr 4K',
      '--damos_filter: found nothing more, expected what "addr" is about',
    ],
    ['--damos_filter allow addr 8K 4K', '--damos_filter: 8192-4096 ends before it begins'],
    [
      '--damos_filter anon matches',
      '--damos_filter: found "matches", expected matching, nomatching',
    ],
    ['--damos_filter allow target x', /--damos_filter: found "x", expected a count/],
    ['--probe_filter allow young', '--probe_filter: found "young", expected anon, memcg'],
    ['--damos_quota_goal user_input 5', /found "user_input 5", expected user_input TARGET CURRENT/],
    ['--damos_quota_goal psi 5', /--damos_quota_goal: found "psi", expected user_input, some_mem/],
    ['--damos_quota_goal active_mem_bp 0.005%', /expected a whole number of bp/],
    ['--damos_actions stat', '--damos_actions: no such option, did you mean "damos_action"?'],
    [
      '--damos_everything_else 5',
      /--damos_everything_else: no such option, expected damos_action, damos_sz_region,/,
    ],
  ])('%s', (line, message) => {
    const lines = (): unknown => join(line);
    expect(lines).toThrow(message);
    expect(lines).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
