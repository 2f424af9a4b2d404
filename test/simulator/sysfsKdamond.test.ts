import { describe, expect, test } from 'vitest';
import { createHotCold } from '../../src/simulator/workload.ts';
import {
  CATCH_ALL,
  CONTEXT,
  SECOND_NS,
  command,
  createTestKernel,
  read,
  readTried,
  stage,
  startVaddr,
  targetFiles,
  write,
} from '../support/simulation.ts';

const WORKLOADS = [createHotCold('hotcold', 32, 96), createHotCold('other', 16, 16)];

describe('what `on` refuses', () => {
  const target = { 'contexts/0/targets/nr_targets': '1' };
  const regions = (...pairs: [number, number][]): Record<string, string> => {
    const files: Record<string, string> = {
      'contexts/0/operations': 'paddr',
      'contexts/0/targets/nr_targets': '1',
      'contexts/0/targets/0/regions/nr_regions': String(pairs.length),
    };
    pairs.forEach(([start, end], index) => {
      files[`contexts/0/targets/0/regions/${index}/start`] = String(start);
      files[`contexts/0/targets/0/regions/${index}/end`] = String(end);
    });
    return files;
  };
  const attrs = 'contexts/0/monitoring_attrs';
  const filter = 'contexts/0/schemes/0/filters';
  test.each<[string, Record<string, string>, string]>([
    [
      'a process that does not exist',
      { ...target, 'contexts/0/targets/0/pid_target': '99999' },
      'EINVAL',
    ],
    ['no pid', target, 'EINVAL'],
    ['an empty region', regions([4096, 4096]), 'EINVAL'],
    ['overlapping regions', regions([4096, 16384], [8192, 20480]), 'EINVAL'],
    ['unsorted regions', regions([16384, 20480], [4096, 8192]), 'EINVAL'],
    ['fewer than 3 regions', { [`${attrs}/nr_regions/min`]: '2' }, 'EINVAL'],
    ['more regions at least than at most', { [`${attrs}/nr_regions/max`]: '9' }, 'EINVAL'],
    [
      'sampling more rarely than aggregating',
      { [`${attrs}/intervals/sample_us`]: '200000' },
      'EINVAL',
    ],
    [
      'a filter for an unknown memory cgroup',
      {
        [`${filter}/nr_filters`]: '1',
        [`${filter}/0/type`]: 'memcg',
        [`${filter}/0/memcg_path`]: '/none',
      },
      'ENOMEM',
    ],
    [
      'an address filter that ends before it starts',
      {
        [`${filter}/nr_filters`]: '1',
        [`${filter}/0/type`]: 'addr',
        [`${filter}/0/addr_start`]: '8192',
      },
      'ENOMEM',
    ],
  ])('%s', (_, values, errno) => {
    const kernel = createTestKernel();
    stage(kernel, {
      'contexts/0/operations': 'paddr',
      ...(values === target ? { 'contexts/0/operations': 'vaddr' } : {}),
      ...values,
    });
    if (values['contexts/0/targets/0/pid_target'] !== undefined) {
      write(kernel, { 'contexts/0/operations': 'vaddr' });
    }
    expect(() => {
      write(kernel, { state: 'on' });
    }).toThrow(expect.objectContaining({ errno }) as Error);
    expect(read(kernel, 'state')).toBe('off');
  });

  test('vaddr without targets starts and ends at once; paddr without targets stays', () => {
    const vaddr = createTestKernel();
    stage(vaddr, { state: 'on' });
    expect(read(vaddr, 'state')).toBe('off');
    const paddr = createTestKernel();
    stage(paddr, { 'contexts/0/operations': 'paddr', state: 'on' });
    paddr.advance(SECOND_NS);
    expect(read(paddr, 'state')).toBe('on');
  });
});

describe('state', () => {
  test.each([
    ['6.12', 'EINVAL', 'EINVAL'],
    ['7.2', 'ECANCELED', undefined],
  ])('of %s tells a kdamond that ended from one that never ran', async (version, errno, clear) => {
    const kernel = createTestKernel({ version, workloads: WORKLOADS });
    stage(kernel, targetFiles(kernel));
    for (const word of ['commit', 'update_schemes_stats', 'off', 'bogus']) {
      await expect(command(kernel, word)).rejects.toMatchObject({ errno: 'EINVAL' });
    }
    write(kernel, { state: 'on' });
    await expect(command(kernel, 'on')).rejects.toMatchObject({ errno: 'EBUSY' });
    write(kernel, { state: 'off' });
    await expect(command(kernel, 'off')).rejects.toMatchObject({ errno: 'EPERM' });
    for (const word of ['commit', 'update_schemes_stats', 'update_schemes_tried_regions']) {
      await expect(command(kernel, word)).rejects.toMatchObject({ errno });
    }
    const cleared = command(kernel, 'clear_schemes_tried_regions');
    if (clear === undefined) await cleared;
    else await expect(cleared).rejects.toMatchObject({ errno: clear });
  });

  test.each([
    ['6.12', 100],
    ['7.2', 5],
  ])('of %s answers update_schemes_stats within %d ms', async (version, longestMs) => {
    const kernel = createTestKernel({ version, workloads: WORKLOADS });
    startVaddr(kernel);
    kernel.advance(SECOND_NS + 3_000_000n);
    const beforeMs = Number(kernel.clock.monotonicNs() / 1_000_000n);
    await command(kernel, 'update_schemes_stats');
    const tookMs = Number(kernel.clock.monotonicNs() / 1_000_000n) - beforeMs;
    expect(tookMs).toBeGreaterThan(0);
    expect(tookMs).toBeLessThanOrEqual(longestMs);
    expect(Number(read(kernel, 'contexts/0/schemes/0/stats/nr_tried'))).toBeGreaterThan(0);
  });

  test('waits for the longest apply interval with tried regions', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    startVaddr(kernel, { 'contexts/0/schemes/0/apply_interval_us': '1000000' });
    kernel.advance(SECOND_NS / 10n);
    const before = kernel.clock.monotonicNs();
    await command(kernel, 'update_schemes_tried_regions');
    expect(Number(kernel.clock.monotonicNs() - before)).toBeGreaterThan(0.8e9);
    expect(readTried(kernel).length).toBeGreaterThan(9);
    await command(kernel, 'update_schemes_tried_bytes');
    expect(readTried(kernel)).toEqual([]);
    expect(Number(read(kernel, 'contexts/0/schemes/0/tried_regions/total_bytes'))).toBeGreaterThan(
      0,
    );
    await command(kernel, 'clear_schemes_tried_regions');
    expect(read(kernel, 'contexts/0/schemes/0/tried_regions/total_bytes')).toBe('0');
  });

  test('numbers tried regions per scheme on 7.2 and through all schemes on 6.12', async () => {
    const namesOf = async (version: string): Promise<string[][]> => {
      const kernel = createTestKernel({ version, workloads: WORKLOADS });
      const files: Record<string, string> = { 'contexts/0/schemes/nr_schemes': '2' };
      for (const [path, value] of Object.entries(CATCH_ALL).slice(1)) {
        files[path] = value;
        files[path.replace('schemes/0', 'schemes/1')] = value;
      }
      startVaddr(kernel, files);
      kernel.advance(SECOND_NS);
      await command(kernel, 'update_schemes_tried_regions');
      return ['0', '1'].map((scheme) =>
        kernel.fs
          .list(`${CONTEXT}/schemes/${scheme}/tried_regions`)
          .filter((name) => name !== 'total_bytes')
          .slice(0, 3),
      );
    };
    expect(await namesOf('7.2')).toEqual([
      ['0', '1', '2'],
      ['0', '1', '2'],
    ]);
    expect(await namesOf('6.12')).toEqual([
      ['0', '2', '4'],
      ['1', '3', '5'],
    ]);
  });

  test('commits online and keeps the counters of schemes by their index', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    startVaddr(kernel);
    kernel.advance(SECOND_NS);
    await command(kernel, 'update_schemes_stats');
    const before = Number(read(kernel, 'contexts/0/schemes/0/stats/nr_tried'));
    write(kernel, { ...CATCH_ALL, 'contexts/0/monitoring_attrs/intervals/aggr_us': '200000' });
    expect(read(kernel, 'contexts/0/schemes/0/stats/nr_tried')).toBe('0');
    await command(kernel, 'commit');
    await command(kernel, 'update_schemes_stats');
    expect(Number(read(kernel, 'contexts/0/schemes/0/stats/nr_tried'))).toBeGreaterThanOrEqual(
      before,
    );
  });

  test.each([
    ['6.12', undefined, 'off'],
    ['7.2', 'EINVAL', 'on'],
  ])('of %s answers a bad commit with %s and is %s afterwards', async (version, errno, state) => {
    const kernel = createTestKernel({ version, workloads: WORKLOADS });
    startVaddr(kernel);
    write(kernel, { 'contexts/0/monitoring_attrs/nr_regions/min': '2000' });
    const commit = command(kernel, 'commit');
    if (errno === undefined) await commit;
    else await expect(commit).rejects.toMatchObject({ errno });
    expect(read(kernel, 'state')).toBe(state);
  });

  test('is busy for everybody else while somebody waits for tried regions', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    startVaddr(kernel, { 'contexts/0/schemes/0/apply_interval_us': '1000000' });
    const waiting = command(kernel, 'update_schemes_tried_regions');
    await Promise.resolve();
    expect(() => read(kernel, 'pid')).toThrow(/EBUSY/);
    expect(() => read(kernel, 'state')).toThrow(/EBUSY/);
    expect(() => {
      write(kernel, { 'contexts/0/targets/nr_targets': '1' });
    }).toThrow(/EBUSY/);
    expect(read(kernel, 'contexts/0/operations')).toBe('vaddr');
    await waiting;
    expect(read(kernel, 'state')).toBe('on');
  });
});
