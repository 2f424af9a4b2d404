import { describe, expect, test } from 'vitest';
import { readDamonModule, readDamonStat } from '../../src/kernel/modules.ts';
import { readKdamondThreads } from '../../src/kernel/processes.ts';
import { createGradient, createHotCold } from '../../src/simulator/workload.ts';
import { readFixture } from '../support/fixtureTree.ts';
import {
  SECOND_NS,
  command,
  createTestKernel,
  read,
  stage,
  startVaddr,
  targetFiles,
} from '../support/simulation.ts';

const WORKLOADS = [createHotCold('hotcold', 64, 192)];
const STAT = 'sys/module/damon_stat/parameters';

describe('DAMON_STAT of the simulated kernel', () => {
  test('runs from the start on 7.2 and publishes every five seconds', () => {
    const kernel = createTestKernel({
      isDamonStatOn: true,
      workloads: [createGradient('gradient', 6, 64, 8)],
    });
    const first = readDamonStat(kernel.fs);
    expect(first).toMatchObject({ isEnabled: true, aggrIntervalUs: undefined });
    expect(kernel.fs.readText(`${STAT}/aggr_interval_us`)).toBe('0\n');
    expect(readKdamondThreads(kernel.fs).map(({ pid }) => pid)).toEqual([first?.kdamondPid]);
    kernel.advance(60n * SECOND_NS);
    const later = readDamonStat(kernel.fs);
    expect(later?.aggrIntervalUs).toBeGreaterThan(100_000);
    expect(Number(later?.estimatedMemoryBandwidthBytesPerSecond)).toBeGreaterThan(0);
    const idleMs = later!.memoryIdleMsPercentiles!;
    expect(idleMs[0]).toBeLessThan(0);
    expect(idleMs[100]).toBeGreaterThan(30_000);
    expect([...idleMs].sort((left, right) => left - right)).toEqual(idleMs);
  });

  test('keeps its last values when it is switched off', () => {
    const kernel = createTestKernel({ isDamonStatOn: true, workloads: WORKLOADS });
    const { fs } = kernel;
    kernel.advance(6n * SECOND_NS);
    const percentiles = `${STAT}/memory_idle_ms_percentiles` as const;
    const running = fs.readText(percentiles);
    expect(running).not.toMatch(/^0,/);
    fs.writeText(`${STAT}/enabled`, 'N');
    expect(fs.readText(percentiles)).toBe(running);
    expect(readDamonStat(fs)).toMatchObject({ isEnabled: false, kdamondPid: undefined });
    expect(readKdamondThreads(fs)).toEqual([]);
  });

  test('and sysfs kdamonds keep each other out', async () => {
    const kernel = createTestKernel({ isDamonStatOn: true, workloads: WORKLOADS });
    stage(kernel, targetFiles(kernel));
    await expect(command(kernel, 'on')).rejects.toMatchObject({ errno: 'EBUSY' });
    kernel.fs.writeText(`${STAT}/enabled`, 'N');
    await command(kernel, 'on');
    expect(read(kernel, 'state')).toBe('on');
    expect(() => {
      kernel.fs.writeText(`${STAT}/enabled`, 'Y');
    }).toThrow(/EBUSY/);
    expect(kernel.fs.readText(`${STAT}/enabled`)).toBe('N\n');
  });

  test.each([
    ['6.12', undefined],
    ['6.17', ['enabled', 'estimated_memory_bandwidth', 'memory_idle_ms_percentiles']],
  ])('of %s has the parameters %j', (version, parameters) => {
    const { fs } = createTestKernel({ version });
    expect(fs.exists(STAT) ? fs.list(STAT).sort() : undefined).toEqual(parameters);
  });
});

describe.each(['6.12', '7.2'])('the modules of %s', (version) => {
  test('have the parameters and defaults of the real kernel', () => {
    const { fs } = createTestKernel({ version, isDamonStatOn: false });
    const captured = readFixture(`${version}-modules-boot.txt`)
      .filter(({ path }) => !path.endsWith('/') && !path.startsWith('damon_stat/'))
      .map(({ path, value }) => [path, value]);
    const simulated = (['damon_reclaim', 'damon_lru_sort'] as const).flatMap((name) =>
      [...readDamonModule(fs, name)!.parameters].map(([file, value]) => [
        `${name}/parameters/${file}`,
        value,
      ]),
    );
    expect(simulated.sort()).toEqual(captured.sort());
  });

  test('DAMON_RECLAIM pages idle memory out while memory is scarce, and alone', () => {
    const kernel = createTestKernel({
      version,
      workloads: [createHotCold('hotcold', 256, 2300)],
    });
    const { fs } = kernel;
    const parameters = 'sys/module/damon_reclaim/parameters';
    fs.writeText(`${parameters}/min_age`, '5000000');
    fs.writeText(`${parameters}/enabled`, 'Y');
    expect(() => {
      fs.writeText('sys/module/damon_lru_sort/parameters/enabled', 'Y');
    }).toThrow(/EBUSY/);
    kernel.advance(60n * SECOND_NS);
    expect(Number(fs.readText(`${parameters}/bytes_reclaimed_regions`))).toBeGreaterThan(2 ** 26);
    fs.writeText(`${parameters}/enabled`, 'N');
    expect(fs.readText(`${parameters}/bytes_reclaimed_regions`)).toBe('0\n');
    expect(fs.readText(`${parameters}/kdamond_pid`)).toBe('-1\n');
  });
});

describe('threads of DAMON', () => {
  test('are numbered by how many run and use CPU time as they work', () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    startVaddr(kernel);
    const before = readKdamondThreads(kernel.fs)[0]!;
    expect(before).toMatchObject({ comm: 'kdamond.0', isKernelThread: true, cpuSeconds: 0 });
    kernel.advance(60n * SECOND_NS);
    const after = readKdamondThreads(kernel.fs)[0]!;
    expect(after.cpuSeconds).toBeGreaterThan(0.05);
    expect(after.cpuSeconds).toBeLessThan(1.2);
  });
});
