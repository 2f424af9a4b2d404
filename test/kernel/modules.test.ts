import { describe, expect, test } from 'vitest';
import { parseIdlePercentiles, readDamonModule, readDamonStat } from '../../src/kernel/modules.ts';
import { createFixtureKernel, getFixtureFiles } from '../support/fixtureTree.ts';

describe('modules', () => {
  test('DAMON_STAT after twelve seconds on 7.2', () => {
    const { fs } = createFixtureKernel(getFixtureFiles('7.2-damon-stat-running.txt', 'sys/module'));
    const state = readDamonStat(fs)!;
    expect(state).toMatchObject({ isEnabled: true, aggrIntervalUs: 1_623_980 });
    expect(state.kdamondPid).toBeGreaterThan(0);
    expect(state.estimatedMemoryBandwidthBytesPerSecond).toBe(821_071_471n);
    expect(state.memoryIdleMsPercentiles).toHaveLength(101);
    expect(state.memoryIdleMsPercentiles![0]).toBe(-8119);
  });

  const percentiles = (idleMs: number): string => `${Array(101).fill(idleMs).join(',')}\n`;

  test('before 6.18 and 7.2 the interval and the pid are missing', () => {
    const { fs } = createFixtureKernel({
      'sys/module/damon_stat/parameters/enabled': 'Y\n',
      'sys/module/damon_stat/parameters/estimated_memory_bandwidth': '0\n',
      'sys/module/damon_stat/parameters/memory_idle_ms_percentiles': percentiles(100),
    });
    expect(readDamonStat(fs)).toEqual({
      isEnabled: true,
      kdamondPid: undefined,
      aggrIntervalUs: undefined,
      estimatedMemoryBandwidthBytesPerSecond: 0n,
      memoryIdleMsPercentiles: Array(101).fill(100),
    });
  });

  test.each([
    ['off, with the numbers of its last run', 'N\n', percentiles(100)],
    ['on, before its first results', 'Y\n', percentiles(0)],
  ])('DAMON_STAT %s measures nothing', (_, enabled, idle) => {
    const { fs } = createFixtureKernel({
      'sys/module/damon_stat/parameters/enabled': enabled,
      'sys/module/damon_stat/parameters/aggr_interval_us': '0\n',
      'sys/module/damon_stat/parameters/estimated_memory_bandwidth': '7\n',
      'sys/module/damon_stat/parameters/memory_idle_ms_percentiles': idle,
    });
    expect(readDamonStat(fs)).toMatchObject({
      aggrIntervalUs: undefined,
      estimatedMemoryBandwidthBytesPerSecond: undefined,
      memoryIdleMsPercentiles: undefined,
    });
  });

  test('a pid of -1 is none', () => {
    const { fs } = createFixtureKernel({
      'sys/module/damon_stat/parameters/enabled': 'N\n',
      'sys/module/damon_stat/parameters/kdamond_pid': '-1\n',
    });
    expect(readDamonStat(fs)!.kdamondPid).toBeUndefined();
  });

  test('a kernel without the modules has none', () => {
    const { fs } = createFixtureKernel({ 'sys/module/': '' });
    expect(readDamonStat(fs)).toBeUndefined();
    expect(readDamonModule(fs, 'damon_reclaim')).toBeUndefined();
  });

  test.each(['6.12', '7.2'])('DAMON_RECLAIM and DAMON_LRU_SORT of %s at boot', (version) => {
    const { fs } = createFixtureKernel(
      getFixtureFiles(`${version}-modules-boot.txt`, 'sys/module'),
    );
    const reclaim = readDamonModule(fs, 'damon_reclaim')!;
    expect(reclaim).toMatchObject({ isEnabled: false, kdamondPid: undefined });
    expect(reclaim.parameters.get('quota_sz')).toBe('134217728');
    const sorter = readDamonModule(fs, 'damon_lru_sort')!;
    expect([...sorter.parameters.keys()]).toEqual([...sorter.parameters.keys()].sort());
    expect(sorter.parameters.get('hot_thres_access_freq')).toBe('500');
  });

  test.each(['', '1,2', Array(101).fill('x').join(','), Array(102).fill('1').join(',')])(
    'idle percentiles %# are refused unless there are 101 numbers',
    (text) => {
      expect(() => parseIdlePercentiles(text)).toThrow(/idle percentile/);
    },
  );

  test('nonsense in a parameter names the file', () => {
    const { fs } = createFixtureKernel({
      'sys/module/damon_stat/parameters/enabled': 'Y\n',
      'sys/module/damon_stat/parameters/memory_idle_ms_percentiles': '1,2\n',
    });
    expect(() => readDamonStat(fs)).toThrow(/memory_idle_ms_percentiles: .*found 2 values/);
  });
});
