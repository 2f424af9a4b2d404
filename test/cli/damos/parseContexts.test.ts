import { describe, expect, test } from 'vitest';
import {
  SYSTEM_RAM,
  parseContext,
  parseKdamonds,
  splitLine,
} from '../../support/damosArguments.ts';

describe('contexts and targets', () => {
  test('nothing named is the whole machine, as with damo', () => {
    expect(parseContext('')).toMatchObject({
      operations: 'paddr',
      targets: [{ regions: SYSTEM_RAM }],
      schemes: [],
    });
  });

  test('the memory of some nodes', () => {
    expect(parseContext('--numa_node 3 5 --ops paddr').targets).toEqual([
      {
        regions: [
          { startAddr: 3n, endAddr: 4n },
          { startAddr: 5n, endAddr: 6n },
        ],
      },
    ]);
  });

  test('what newer kernels have for contexts', () => {
    const [kdamond] = parseKdamonds(
      splitLine(
        "--ops paddr --regions '4K-8K 16K-20K' --regions 1M-2M --refresh_stat 1s --damon_addr_unit 4K --pause_ctx 0 --obsolete_targets 1 --monitoring_intervals_autotune --probe_filter allow anon --probe_filter reject non memcg /a --nr_probe_filters 1 1",
      ),
    );
    expect(kdamond!.refreshMs).toBe(1000);
    expect(kdamond!.contexts[0]).toMatchObject({
      addrUnit: 4096n,
      isPaused: true,
      intervals: { goal: { accessBp: 400, aggrs: 3, maxSampleIntervalUs: 10_000_000 } },
      probes: [
        { filters: [{ type: 'anon', isMatching: true, isAllowing: true }] },
        { filters: [{ type: 'memcg', isMatching: false, memcgPath: '/a' }] },
      ],
    });
    expect(kdamond!.contexts[0]!.targets).toEqual([
      {
        regions: [
          { startAddr: 4096n, endAddr: 8192n },
          { startAddr: 16_384n, endAddr: 20_480n },
        ],
      },
      { regions: [{ startAddr: 1n << 20n, endAddr: 2n << 20n }], isObsolete: true },
    ]);
  });

  test('several contexts share out what is listed for them', () => {
    const kdamonds = parseKdamonds(
      splitLine(
        "--ops vaddr --target_pid 1 --target_pid 2 --ops paddr --regions '' --regions '' --regions 4K-8K --nr_targets 2 1 --nr_ctxs 1 1 -s 1ms -n 5 -n 6 --damos_action stat --damos_action cold --nr_schemes 0 2 --damos_access_rate 5% 50%",
      ),
    );
    expect(kdamonds.map(({ contexts }) => contexts[0])).toMatchObject([
      {
        operations: 'vaddr',
        targets: [{ pid: 1 }, { pid: 2 }],
        intervals: { sampleIntervalUs: 1000 },
        minNrRegions: 5n,
        schemes: [],
      },
      {
        operations: 'paddr',
        targets: [{ regions: [{ startAddr: 4096n }] }],
        intervals: { sampleIntervalUs: 5000 },
        minNrRegions: 6n,
        schemes: [{ action: 'stat', accessPattern: { nrAccesses: { min: 1n } } }, {}],
      },
    ]);
  });

  test('schemes as JSON are shared out, too, and count in the intervals of their context', () => {
    const scheme = '{"access_pattern": {"age": {"min": "1 s", "max": "max"}}}';
    const kdamonds = parseKdamonds(
      splitLine(
        `--target_pid 1 --target_pid 2 --nr_targets 1 1 --nr_ctxs 1 1 -a 100ms -a 500ms --schemes '[${scheme}, ${scheme}]' --nr_schemes 1 1`,
      ),
    );
    expect(
      kdamonds.map(({ contexts }) => contexts[0]!.schemes[0]!.accessPattern.ageIntervals.min),
    ).toEqual([10n, 2n]);
  });

  test('everything as YAML', () => {
    const text = 'kdamonds:\n- contexts:\n  - ops: vaddr\n    targets: [{ pid: 7 }]\n';
    for (const given of [text, `file:${text.replaceAll('\n', String.raw`\n`)}`]) {
      const [kdamond] = parseKdamonds(['--kdamonds', given]);
      expect(kdamond!.contexts[0]!.targets).toEqual([{ pid: 7, regions: [] }]);
    }
    expect(parseContext("7 --schemes 'file:- action: cold'").schemes).toMatchObject([
      { action: 'cold' },
    ]);
  });

  test('everything as JSON', () => {
    const text = '{"kdamonds": [{"contexts": [{"ops": "vaddr", "targets": [{"pid": 7}]}]}]}';
    expect(parseContext(`--kdamonds '${text}'`).targets).toEqual([{ pid: 7, regions: [] }]);
    expect(parseContext(`--kdamonds 'file:${text}'`).targets).toEqual([{ pid: 7, regions: [] }]);
  });
});
