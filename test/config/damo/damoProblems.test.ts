import { describe, expect, test } from 'vitest';
import { parseDamoKdamonds, parseDamoSchemes } from '../../../src/config/damo/parseDamoKdamonds.ts';

const USUAL = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 };

function getMessage(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    expect(error).toMatchObject({ code: 'config' });
    return (error as Error).message;
  }
  throw new Error('nothing was wrong');
}

const inKdamonds = (text: string): string => getMessage(() => parseDamoKdamonds(text, 'k.json'));
const inScheme = (text: string): string =>
  getMessage(() => parseDamoSchemes(`[${text}]`, 's.json', USUAL));
const inContext = (text: string): string =>
  inKdamonds(`[{"contexts": [{"ops": "vaddr", "targets": [{"pid": 5}], ${text}}]}]`);

test('all problems are told at once, in the order of the text', () => {
  const text = `{
  "kdamonds": [{
    "contexts": [{
      "ops": "vadr",
      "targets": [{ "pid": 5, "regions": [{ "start": "8K", "end": "4K" }] }],
      "interval": {},
      "schemes": [
        { "action": "pageout", "access_pattern": { "age": { "min": "2 min", "max": "max" } } },
        { "action": "migrate_hot" }
      ]
    }]
  }]
}`;
  expect(inKdamonds(text)).toBe(
    [
      '5 problems',
      'k.json:4:14: kdamonds[0].contexts[0].ops: found "vadr", did you mean "vaddr"?',
      'k.json:5:43: kdamonds[0].contexts[0].targets[0].regions[0]: 8192-4096 ends before it begins',
      'k.json:6:7: kdamonds[0].contexts[0]: unknown key "interval", did you mean "intervals"?',
      'k.json:8:68: kdamonds[0].contexts[0].schemes[0].access_pattern.age.min: found "2 min", expected a time such as "100000", "100ms", "1.5 s", "1h 30m", "min", "max"',
      'k.json:9:9: kdamonds[0].contexts[0].schemes[1]: the action needs "target_nid" or "dests": where pages go',
    ].join('\n'),
  );
});

test('a hundred problems are told by the first twenty', () => {
  const message = inKdamonds(`[${Array.from({ length: 100 }, () => '7').join()}]`);
  expect(message.split('\n')).toHaveLength(22);
  expect(message).toMatch(/^100 problems\nk.json:1:2: \[0\]: found 7, expected a map\n/);
  expect(message).toMatch(/\n… and 80 more$/);
});

describe('the document', () => {
  test.each([
    ['7', 'k.json:1:1: found 7, expected a list'],
    ['{}', 'k.json:1:1: "kdamonds" is missing'],
    ['{"kdamonds": [{}]}', 'k.json:1:15: kdamonds[0]: "contexts" is missing'],
    ['{"schemes": [], "kdamonds": []}', 'k.json:1:2: unknown key "schemes", expected kdamonds'],
    ['{"kdamonds": [], "kdamonds": []}', 'k.json:1:18: "kdamonds" is there twice'],
    ['[{"contexts": {}}]', 'k.json:1:15: [0].contexts: found a map, expected a list'],
    ['[{"contexts": [{"targets": []}]}]', 'k.json:1:16: [0].contexts[0]: "ops" is missing'],
    [
      '[{"contexts": [], "refresh_ms": 4294967296}]',
      'k.json:1:33: [0].refresh_ms: found 4294967296, expected at most 2^32-1',
    ],
  ])('%s', (text, message) => {
    expect(inKdamonds(text)).toBe(message);
  });
});

describe('a context', () => {
  test.each([
    ['"intervals": {"sample_us": "200 ms"}', /aggregation interval \(100000 us\) must be at least/],
    ['"intervals": {"sample_us": 0}', /and that more than 0/],
    ['"intervals": {"sample_us": true}', /sample_us: found true, expected a number/],
    [
      '"intervals": {"intervals_goal": {"access_bp": "4 %", "aggrs": 3, "min_sample_us": "6 ms", "max_sample_us": "10 s"}}',
      /sampling interval \(5000 us\) must lie between the shortest \(6000 us\)/,
    ],
    ['"nr_regions": {"min": 2, "max": 5}', /nr_regions: found 2 to 5, expected at least 3/],
    ['"nr_regions": {"min": 5}', /nr_regions: "max" is missing/],
    ['"addr_unit": 0', /addr_unit is 0/],
    ['"probes": [{}, {}, {}, {}, {}]', /found 5 probes, expected at most 4/],
    ['"probes": [{"weight": 5}]', /probes\[0\].weight: no released kernel has it/],
    ['"probes": [{"filters": [{"filter_type": "addr", "matching": 1}]}]', /expected anon, memcg/],
    [
      '"sample_control": {"primitives_enabled": {"page_table": true, "page_fault": true}}',
      /primitives_enabled: found a map for a kernel never released/,
    ],
  ])('%s', (text, message) => {
    expect(inContext(text)).toMatch(message);
  });

  test.each([
    ['"ops": "vaddr", "targets": [{}]', /"pid" is missing: vaddr is about the memory of a process/],
    ['"ops": "paddr", "targets": [{"pid": 5}]', /found process 5, but paddr is about the memory/],
    ['"ops": "vaddr", "targets": [{"pid": -5}]', /pid: found "-5", expected a count/],
    [
      '"ops": "paddr", "targets": [{"regions": [{"start": 5, "end": 9}, {"start": 8, "end": 10}]}]',
      /targets\[0\].regions: not sorted, or overlapping/,
    ],
  ])('%s', (text, message) => {
    expect(inKdamonds(`[{"contexts": [{${text}}]}]`)).toMatch(message);
  });
});

describe('a scheme', () => {
  test.each([
    ['{"action": "pagout"}', /action: found "pagout", did you mean "pageout"\?/],
    ['{"action": "reclaim_all"}', /expected willneed, cold, pageout,/],
    ['{"damos_action": "cold"}', /unknown key "damos_action", expected action,/],
    ['{"apply_interval_us": "1.5 us"}', /not a whole number of us/],
    ['{"access_pattern": {"sz_bytes": {"min": "2M", "max": "1M"}}}', /minimum \(2097152\) is more/],
    ['{"access_pattern": {"nr_accesses": {"min": "3 %", "max": "max"}}}', /would mean 0/],
    ['{"access_pattern": {"nr_accesses": {"min": 0, "max": 101}}}', /expected at most 100 %/],
    ['{"quotas": {"sz_bytes": "1G"}}', /"reset_interval_ms" is missing: how often the quota/],
    ['{"quotas": {"reset_interval_ms": "1500 us"}}', /not a whole number of ms/],
    ['{"quotas": {"weights": {"sz_permil": 1.5}}}', /expected a whole number of permil/],
    ['{"quotas": {"goal_tuner": "consistent"}}', /found "consistent", did you mean "consist"\?/],
    ['{"quotas": {"goals": [{"metric": "foo"}]}}', /metric: found "foo", expected user_input/],
    [
      '{"quotas": {"reset_interval_ms": 1, "goals": [{"metric": "node_memcg_used_bp", "target_value": 5}]}}',
      /goals\[0\]: "memcg_path" is missing/,
    ],
    [
      '{"watermarks": {"high_permil": 100, "mid_permil": 200, "low_permil": 0}}',
      /found 100, 200 and 0 permil, expected high, mid and low/,
    ],
    ['{"filters": [{"filter_type": "memcg", "matching": true}]}', /"memcg_path" is missing/],
    [
      '{"filters": [{"filter_type": "anon", "matching": true, "memcg_path": "/a"}]}',
      /memcg_path: found "\/a", but the filter is of type anon/,
    ],
    ['{"filters": [{"filter_type": "anon", "matching": "maybe"}]}', /expected true or false/],
    [
      '{"filters": [{"filter_type": "hugepage_size", "matching": true, "hugepage_size": ["4K"]}]}',
      /expected a list of two sizes/,
    ],
    [
      '{"filters": [{"filter_type": "memcg", "matching": true, "memcg_path": "/a\\nb"}]}',
      /memcg_path: found "\/a\\nb", expected a text of one line/,
    ],
    ['{"action": "migrate_hot", "dests": [{"id": 1}]}', /dests\[0\]: "weight" is missing/],
    ['{"action": "migrate_hot", "target_nid": -1}', /needs "target_nid" or "dests"/],
  ])('%s', (text, message) => {
    expect(inScheme(text)).toMatch(message);
  });
});
