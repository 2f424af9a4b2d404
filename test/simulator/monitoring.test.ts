import { describe, expect, test } from 'vitest';
import {
  createGrowingHeap,
  createHotCold,
  createPhaseChange,
  createStaircase,
  createStripes,
  endAfter,
} from '../../src/simulator/workload.ts';
import type { Workload } from '../../src/simulator/workload.ts';
import {
  SECOND_NS,
  command,
  createTestKernel,
  measureWssBytes,
  read,
  readTried,
  stage,
  startVaddr,
} from '../support/simulation.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';

const MANY_REGIONS = { 'contexts/0/monitoring_attrs/nr_regions/min': '100' };

function truth(kernel: SimulatedKernel): number {
  return [...kernel.processes.values()][0]!.touchedBytes(100_000);
}

describe('a kdamond of the simulated kernel', () => {
  const workloads: readonly (readonly [string, Workload])[] = [
    ['hot and cold', createHotCold('hotcold', 64, 192)],
    ['stripes', createStripes('stripes', 8, 32)],
    ['staircase', createStaircase('stairs', 8, 32, 10_000_000)],
    ['phase change', createPhaseChange('phases', [48, 160], 256, 12_000_000)],
    [
      'growing heap',
      createGrowingHeap('grower', { startMib: 64, stepMib: 32, maxMib: 256, stepUs: 10_000_000 }),
    ],
  ];

  test.each(workloads)('measures the working set of %s within 3 %', async (_, workload) => {
    const kernel = createTestKernel({ workloads: [workload] });
    startVaddr(kernel, {
      ...MANY_REGIONS,
      'contexts/0/monitoring_attrs/intervals/update_us': '500000',
    });
    const errors: number[] = [];
    for (let second = 0; second < 5; second++) {
      // In the middle of a phase, when regions have had time to follow.
      kernel.advance((second === 0 ? 7n : 8n) * SECOND_NS);
      const wss = await measureWssBytes(kernel);
      errors.push(Math.abs(wss - truth(kernel)) / truth(kernel));
      kernel.advance(2n * SECOND_NS);
    }
    errors.sort((left, right) => left - right);
    expect(errors[2]).toBeLessThan(0.03);
  });

  test('keeps to the bounds of nr_regions and covers the whole target', async () => {
    const kernel = createTestKernel({ workloads: [createStripes('stripes', 64, 4)] });
    startVaddr(kernel, {
      'contexts/0/monitoring_attrs/nr_regions/min': '20',
      'contexts/0/monitoring_attrs/nr_regions/max': '80',
    });
    for (let i = 0; i < 20; i++) {
      kernel.advance(SECOND_NS / 3n);
      await command(kernel, 'update_schemes_tried_regions');
      const regions = readTried(kernel);
      expect(regions.length).toBeGreaterThanOrEqual(20);
      expect(regions.length).toBeLessThanOrEqual(80);
      const bytes = regions.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(read(kernel, 'contexts/0/schemes/0/tried_regions/total_bytes')).toBe(String(bytes));
    }
  });

  test('ages idle memory by one per aggregation', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 16, 240)] });
    startVaddr(kernel);
    kernel.advance(20n * SECOND_NS);
    await command(kernel, 'update_schemes_tried_regions');
    const oldest = Math.max(...readTried(kernel).map(({ age }) => age));
    expect(oldest).toBeGreaterThan(190);
    expect(oldest).toBeLessThanOrEqual(202);
  });

  test('sees all of RAM as paddr, with as many bytes as the ranges have', async () => {
    const kernel = createTestKernel({
      workloads: [createHotCold('hotcold', 512, 1024)],
      memoryBytes: 2 ** 32,
    });
    const ram = kernel.fs
      .readText('proc/iomem')
      .matchAll(/^([0-9a-f]+)-([0-9a-f]+) : System RAM$/gm);
    const files: Record<string, string> = {
      'contexts/0/operations': 'paddr',
      ...MANY_REGIONS,
      'contexts/0/targets/nr_targets': '1',
      'contexts/0/targets/0/regions/nr_regions': '3',
    };
    let total = 0;
    [...ram].forEach(([, start, end], index) => {
      const first = Number.parseInt(start!, 16);
      const afterLast = Number.parseInt(end!, 16) + 1;
      total += afterLast - first;
      files[`contexts/0/targets/0/regions/${index}/start`] = String(first);
      files[`contexts/0/targets/0/regions/${index}/end`] = String(afterLast);
    });
    stage(kernel, { ...files, state: 'on' });
    kernel.advance(20n * SECOND_NS);
    const wss = await measureWssBytes(kernel);
    expect(Math.abs(wss - 512 * 2 ** 20) / (512 * 2 ** 20)).toBeLessThan(0.05);
    expect(read(kernel, 'contexts/0/schemes/0/tried_regions/total_bytes')).toBe(String(total));
  });

  test('gives the same run for the same seed, and another for another', async () => {
    const run = async (seed: number): Promise<unknown> => {
      const kernel = createTestKernel({ seed, workloads: [createStripes('stripes', 16, 8)] });
      startVaddr(kernel, MANY_REGIONS);
      kernel.advance(3n * SECOND_NS);
      await command(kernel, 'update_schemes_tried_regions');
      return readTried(kernel);
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
  });

  test('ends when its only process does, at the next sampling, and keeps what it showed', async () => {
    const workload = endAfter(createHotCold('hotcold', 16, 16), 1_400_000);
    const kernel = createTestKernel({ workloads: [workload] });
    startVaddr(kernel);
    kernel.advance(SECOND_NS);
    await command(kernel, 'update_schemes_stats');
    const tried = read(kernel, 'contexts/0/schemes/0/stats/nr_tried');
    expect(read(kernel, 'state')).toBe('on');
    kernel.advance(410_000_000n);
    expect(kernel.processes.size).toBe(0);
    expect(read(kernel, 'state')).toBe('off');
    expect(read(kernel, 'pid')).toBe('-1');
    expect(read(kernel, 'contexts/0/schemes/0/stats/nr_tried')).toBe(tried);
    await expect(command(kernel, 'on')).rejects.toMatchObject({ errno: 'EINVAL' });
  });

  test('goes on with the other targets when one of two ends', () => {
    const kernel = createTestKernel({
      workloads: [createHotCold('one', 16, 16), createHotCold('two', 16, 16)],
    });
    const [first, second] = [...kernel.processes.keys()];
    startVaddr(kernel, {
      'contexts/0/targets/nr_targets': '2',
      'contexts/0/targets/0/pid_target': String(first),
      'contexts/0/targets/1/pid_target': String(second),
    });
    kernel.kill(first!);
    kernel.advance(SECOND_NS);
    expect(read(kernel, 'state')).toBe('on');
  });
});
