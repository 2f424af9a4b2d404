import { describe, expect, test } from 'vitest';
import { parseKdamonds, splitLine } from '../../support/damosArguments.ts';

function parseLine(line: string): unknown {
  return parseKdamonds(splitLine(line));
}

describe('a number that could be the target is not taken for something else', () => {
  test.each([
    '--damos_action migrate_hot 1234',
    '--damos_action migrate_hot 1 1234 --damos_age 1s max',
    '--damos_action pageout --damos_quotas 10 1G 1234',
    '--damos_action pageout --nr_schemes 1 1234',
  ])('%s', (line) => {
    expect(() => parseLine(line)).toThrow(/does "1234" belong to it, or is it the target\?/);
    expect(() => parseLine(`paddr ${line}`)).not.toThrow(/does "1234" belong/);
    expect(() => parseLine(`${line} --target_pid 7`)).not.toThrow(/does "1234" belong/);
  });

  test('with a unit it is no process', () => {
    expect(() => parseLine('--damos_action pageout --damos_quotas 10 1G 1s')).not.toThrow();
  });
});

describe('schemes', () => {
  test.each([
    ['--damos_age 1s max', /--damos_age needs --damos_action: what is to be done/],
    ['--damos_filter allow anon', /--damos_filter needs --damos_action/],
    ['--damos_action pagout', /--damos_action: found "pagout", did you mean "pageout"\?/],
    [
      '--damos_action stat --damos_age 1s max --damos_age 1s max',
      /--damos_age is given 2 times for 1 scheme: each --damos_action makes one/,
    ],
    ['--damos_action stat --damos_sz_region 2M 1M', /--damos_sz_region: the minimum \(2097152\)/],
    ['--damos_action stat --damos_access_rate 3% max', /--damos_access_rate: found "3%".*mean 0/],
    ['--damos_action stat --damos_age 50ms max', /--damos_age: found "50ms".*would mean 0/],
    ['--damos_action stat --damos_apply_interval soon', /--damos_apply_interval: found "soon"/],
    [
      '--damos_action stat --damos_action cold --damos_filter allow anon',
      /--damos_nr_filters is missing: how many filters each of the 2 schemes has/,
    ],
    [
      '--damos_action stat --damos_action cold --damos_filter allow anon --damos_nr_filters 1 1',
      /--damos_nr_filters 1 1: found 1 filters for 2 schemes, expected .* and 2 in all/,
    ],
    ['--damos_action stat --damos_nr_filters x', /--damos_nr_filters: found "x"/],
    [
      '--damos_action stat --damos_wmarks free_mem_rate 5s 200 400 500',
      /--damos_wmarks: found 200, 400 and 500 permil, expected high, mid and low/,
    ],
    ['--damos_action stat --damos_wmarks free 5s 3 2 1', /--damos_wmarks: found "free", expected/],
    ["--schemes '[{}]' --damos_action stat", /--schemes says all of the schemes: --damos_action/],
    [
      "--schemes '2M max 90 100 1s max cold'",
      /--schemes: found schemes of one line each, expected JSON; translate_damos/,
    ],
    ['--schemes file:foo', /^file:foo:1:1: found "foo", expected a list/],
    ["--schemes 'file:# old\\n2M max 90 100 1s max cold'", /found schemes of one line each/],
    ['--schemes \'[{"action": "pagout"}]\'', /^--schemes:1:13: \[0\].action: found "pagout"/],
    ['--schemes \'file:[{"action": 5}]\'', /^file:\[\{"action": 5\}\]:1:13: \[0\].action: found 5/],
  ])('%s', (line, message) => {
    expect(() => parseLine(`1234 ${line}`)).toThrow(message);
  });
});

describe('quotas', () => {
  test.each([
    [
      '--damos_quota_space 1G',
      /--damos_quota_space needs --damos_quota_interval: the time the quota is for/,
    ],
    ['--damos_quota_weights 1 2 3', /--damos_quota_weights needs --damos_quota_interval/],
    ['--damos_quotas 10 --damos_quota_interval 1s', /cannot be given together/],
    ['--damos_quota_goal user_input 5 5', /goals, .* need --damos_quota_interval/],
    ['--damos_quotas 10 1G --damos_quota_goal user_input 5 5', /need --damos_quota_interval/],
    ['--damos_quota_goal_tuner temporal', /need --damos_quota_interval/],
    ['--damos_quota_interval 1s --damos_quota_goal_tuner temporary', /did you mean "temporal"/],
    ['--damos_quota_interval 1s --damos_quota_fail_charge_ratio 1 0', /a denominator of 0/],
    ['--damos_quota_interval 1500us', /not a whole number of ms/],
    ['--damos_quota_interval 1s --damos_quota_weights 0.5 0 0', /a whole number of permil/],
  ])('%s', (line, message) => {
    expect(() => parseLine(`1234 --damos_action pageout ${line}`)).toThrow(message);
  });
});

describe('contexts', () => {
  test.each([
    ['5 --ops vaddr --ops paddr', /--ops is given 2 times for 1 context: --nr_targets says/],
    ['5 -s 1ms -s 2ms', /--sample is given 2 times for 1 context/],
    ['5 --numa_node 0', /--numa_node is for paddr, without --regions/],
    ['--numa_node 0 --regions 4K-8K', /--numa_node is for paddr, without --regions/],
    ['5 --damon_addr_unit 4K', /--damon_addr_unit is for paddr/],
    ['--damon_addr_unit 0', /found 0, expected at least 1 byte/],
    ['5 --pause_ctx 1', /--pause_ctx: found 1, but there are 1, counted from 0/],
    ['5 --obsolete_targets 3', /--obsolete_targets: found 3, but there are 1/],
    ['5 --nr_targets 2', /--nr_targets: found 2, but there are 1 targets/],
    ['5 --nr_targets 1 1', /with several contexts targets are named by --target_pid/],
    ['--target_pid 5 --nr_targets 1 1', /found 1 processes and 0 --regions, expected 2 processes/],
    ['--target_pid 5 --target_pid 6 --nr_targets 1 1', /--nr_ctxs: found 2; .* so say 1 1/],
    ['--target_pid 5 --target_pid 6 --nr_ctxs 1 1', /--nr_ctxs: found 2 contexts, but there are 1/],
    [
      '--target_pid 5 --target_pid 6 --nr_targets 1 1 --nr_ctxs 1 1 --damos_action stat',
      /--nr_schemes is missing: how many schemes each of the 2 contexts has/,
    ],
    ['--target_pid 5 --regions 4K-8K --regions 8K-9K', /--regions is given 2 times for 1 targets/],
    ['5 --refresh_stat soon', /--refresh_stat: found "soon"/],
    [
      'paddr --probe_filter allow anon --nr_probe_filters 1 1',
      /--nr_probe_filters 1 1: found 1 filters for 2 probes/,
    ],
    [
      'paddr --probe_filter allow anon allow anon allow anon allow anon allow anon --nr_probe_filters 1 1 1 1 1',
      /--probe_filter: found 5 probes, expected at most 4/,
    ],
    ["--kdamonds '[]' 5", /--kdamonds says everything: a target cannot be given beside it/],
    ["--kdamonds '[]' --damos_action stat", /--damos_action cannot be given beside it/],
    ["--kdamonds '[]' -s 5", /--sample cannot be given beside it/],
    ["--kdamonds '[{}]'", /^--kdamonds:1:2: \[0\]: "contexts" is missing/],
  ])('%s', (line, message) => {
    expect(() => parseLine(line)).toThrow(message);
  });
});
