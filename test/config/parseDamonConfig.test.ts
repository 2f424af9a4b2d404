import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/base/errors.ts';
import { formatDamoKdamonds } from '../../src/config/damo/formatDamoKdamonds.ts';
import { parseDamonConfig } from '../../src/config/parseDamonConfig.ts';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import { fuzzRuns } from '../support/fuzzRuns.ts';

const WHOLE = `
on_exit: keep
on_drift: correct
kdamonds:
  - name: web
    refresh_ms: 500 ms
    contexts:
      - ops: vaddr
        intervals: { sample_us: 5ms, aggr_us: 100ms, ops_update_us: 1s }
        nr_regions: { min: 100, max: 1000 }
        targets:
          - pid: 42
          - process: { name: nginx, command_line: "^nginx: worker", user: www-data }
          - cgroup: /system.slice
            regions: [{ start: 4K, end: 8K }]
          - systemd_unit: redis
          - command: sleep 5
        schemes:
          - name: cold
            action: pageout
            access_pattern:
              nr_accesses: { min: 0 %, max: 0 % }
              age: { min: 2m, max: max }
            quotas: { sz_bytes: 128M, reset_interval_ms: 1s }
`;

function withContext(context: string): string {
  return `kdamonds: [{ contexts: [${context}] }]`;
}

function withScheme(scheme: string): string {
  return withContext(`{ ops: paddr, targets: [], schemes: [${scheme}] }`);
}

describe('a configuration', () => {
  test('says what to monitor, and what to do', () => {
    const { kdamonds, onExit, onDrift } = parseDamonConfig(WHOLE, 'f');
    const [kdamond] = kdamonds;
    expect([onExit, onDrift, kdamond?.name, kdamond?.refreshMs]).toEqual([
      'keep',
      'correct',
      'web',
      500,
    ]);
    expect(kdamond?.targets).toEqual({
      kind: 'processes',
      targets: [
        { selector: { kind: 'pid', pid: 42 }, regions: [] },
        {
          selector: {
            kind: 'process',
            name: 'nginx',
            commandLine: /^nginx: worker/u,
            user: 'www-data',
          },
          regions: [],
        },
        {
          selector: { kind: 'cgroup', path: '/system.slice' },
          regions: [{ startAddr: 4096n, endAddr: 8192n }],
        },
        { selector: { kind: 'systemd_unit', unit: 'redis.service' }, regions: [] },
        { selector: { kind: 'command', command: 'sleep 5' }, regions: [] },
      ],
    });
    expect(kdamond?.schemes).toMatchObject([
      {
        name: 'cold',
        action: 'pageout',
        accessPattern: { nrAccesses: { min: 0n, max: 0n }, ageIntervals: { min: 1200n } },
        quotas: { sizeBytes: 128n << 20n, resetIntervalMs: 1000n },
      },
    ]);
  });

  test('of physical memory needs no target, or has NUMA nodes', () => {
    const targets = (text: string): unknown =>
      parseDamonConfig(withContext(`{ ops: paddr, targets: ${text} }`), 'f').kdamonds[0]?.targets;
    const target = { regions: [], numaNodes: [] };
    expect(targets('[]')).toEqual({ kind: 'physical', target });
    expect(targets('[{ numa_nodes: [0, 2] }]')).toEqual({
      kind: 'physical',
      target: { ...target, numaNodes: [0, 2] },
    });
  });

  test('may be what damo writes, and goes by places where nobody gave names', () => {
    const text = formatDamoKdamonds([
      {
        contexts: [
          {
            operations: 'vaddr',
            intervals: {
              sampleIntervalUs: 5000,
              aggrIntervalUs: 100_000,
              updateIntervalUs: 1_000_000,
            },
            minNrRegions: 10n,
            maxNrRegions: 1000n,
            targets: [{ pid: 7, regions: [] }],
            schemes: [CATCH_ALL_STAT],
          },
        ],
      },
    ]);
    const [kdamond] = parseDamonConfig(text, 'f').kdamonds;
    expect(kdamond?.name).toBe('0');
    expect(kdamond?.schemes).toEqual([{ name: '0', ...CATCH_ALL_STAT }]);
  });
});

describe('is told with its place', () => {
  test.each<[string, string, RegExp]>([
    ['no kdamond', 'kdamonds: []', /f:1:1: found no kdamond/],
    ['an unknown key', 'kdamond: []', /f:1:1: unknown key "kdamond", did you mean "kdamonds"\?/],
    ['another word', 'kdamonds: []\non_exit: kep', /f:2:10: on_exit: found "kep", did you mean/],
    ['two contexts', 'kdamonds: [{ contexts: [] }]', /found 0 contexts, expected one/],
    ['no target', withContext('{ ops: vaddr, targets: [] }'), /found no target/],
    ['a target of nothing', withContext('{ ops: vaddr, targets: [{}] }'), /found none, expected/],
    [
      'a target of two things',
      withContext('{ ops: vaddr, targets: [{ pid: 1, cgroup: /a }] }'),
      /found pid and cgroup, expected one of/,
    ],
    [
      'a process without a word',
      withContext('{ ops: vaddr, targets: [{ process: {} }] }'),
      /expected at least one of name, command_line, user/,
    ],
    [
      'a pattern that is none',
      withContext('{ ops: vaddr, targets: [{ process: { command_line: "(" } }] }'),
      /expected a regular expression/,
    ],
    [
      'two machines',
      withContext('{ ops: paddr, targets: [{ numa_node: 0 }, { numa_node: 1 }] }'),
      /found 2 targets, expected one/,
    ],
    ['a bad name', withScheme('{ name: "a b" }'), /found "a b", expected letters/],
    [
      'a name given twice',
      withScheme('{ name: a }, { name: a }'),
      /the name "a" is that of number 1 too/,
    ],
    [
      'an action that physical memory does not have',
      withScheme('{ action: hugepage }'),
      /f:1:\d+: .*schemes\[0\]: the kernel does nothing for hugepage with physical memory \(paddr\)/,
    ],
    [
      'a filter by a target that is not there',
      withScheme('{ filters: [{ filter_type: target, damon_target_idx: 1, matching: true }] }'),
      /found a filter by target 1, expected one of the 1 there are/,
    ],
  ])('%s', (_title, text, message) => {
    expect(() => parseDamonConfig(text, 'f')).toThrow(message);
  });

  test('everything at once', () => {
    const text = withScheme('{ action: pagout, quotas: { sz_bytes: 5Q }, name: "" }');
    expect(() => parseDamonConfig(text, 'f')).toThrow(/^3 problems\n(?:f:1:\d+: .*\n?){3}$/);
  });
});

describe('an action that hurts', () => {
  const actions = ['pageout', 'cold', 'migrate_hot, target_nid: 1', 'migrate_cold, target_nid: 1'];

  test.each(actions)('%s without bounds has to be called unsafe', (action) => {
    const parse = (rest: string): unknown =>
      parseDamonConfig(
        withScheme(`{ action: ${action}${rest} }`)
          .replaceAll('paddr', 'vaddr')
          .replace('[]', '[{ pid: 1 }]'),
        'f',
      );
    expect(() => parse('')).toThrow(/without a quota or watermarks.*say "unsafe: true"/);
    expect(() => parse(', unsafe: false')).toThrow(/unsafe: true/);
    expect(parse(', unsafe: true')).toBeDefined();
    expect(parse(', quotas: { time_ms: 10ms, reset_interval_ms: 1s }')).toBeDefined();
    const watermarks =
      '{ metric: free_mem_rate, interval_us: 5s, high_permil: 50%, mid_permil: 40%, low_permil: 20% }';
    expect(parse(`, watermarks: ${watermarks}`)).toBeDefined();
  });

  test.each(['stat', 'willneed', 'hugepage'])('%s does not', (action) => {
    const text = withContext(
      `{ ops: vaddr, targets: [{ pid: 1 }], schemes: [{ action: ${action} }] }`,
    );
    expect(parseDamonConfig(text, 'f').kdamonds).toHaveLength(1);
  });
});

test('any change of a configuration is another one or a ConfigError', () => {
  const change = fc.record({
    at: fc.nat(WHOLE.length),
    nr: fc.nat(12),
    text: fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('max', '-1', '{', ']', '~', '1e9')),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      let text = WHOLE;
      for (const { at, nr, text: by } of changes)
        text = text.slice(0, at) + by + text.slice(at + nr);
      try {
        parseDamonConfig(text, 'f');
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: fuzzRuns(250) },
  );
});

describe('probes', () => {
  const ANON = '{ filter_type: anon, matching: true, allow: true }';
  const withProbes = (probes: string, more = ''): string =>
    withContext(`{ ops: paddr, targets: [], probes: [${probes}]${more} }`);

  test('have names, or go by their place', () => {
    const text = withProbes(`{ filters: [${ANON}] }, { name: files, filters: [${ANON}] }`);
    const [kdamond] = parseDamonConfig(text, 'f').kdamonds;
    expect(kdamond?.context.probes?.map(({ name }) => name)).toEqual(['0', 'files']);
  });

  test.each([
    ['{ name: a }, { name: a }', '', /the name "a" is that of number 1 too/],
    ['{ name: "a b" }', '', /found "a b", expected letters/],
    ['{ name: 1 }, {}, {}, {}, {}', '', /found 5 probes, expected at most 4/],
    ['{ filters: [{ filter_type: young, matching: true }] }', '', /"young"/],
    [
      '{ filters: [{ filter_type: memcg, matching: true, path: a }] }',
      '',
      /found "a", expected a path as in/,
    ],
    ['{}', ', intervals: { sample_us: 1 ms, aggr_us: 1 s }', /up to 255/],
  ])('%s%s is refused', (probes, more, message) => {
    expect(() => parseDamonConfig(withProbes(probes, more), 'f')).toThrow(message);
  });

  test('of processes are refused, for they never hit', () => {
    const text = withContext(`{ ops: vaddr, targets: [{ pid: 1 }], probes: [{}] }`);
    expect(() => parseDamonConfig(text, 'f')).toThrow(/with vaddr they never hit/);
  });
});
