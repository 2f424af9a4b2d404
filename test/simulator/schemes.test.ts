import { describe, expect, test } from 'vitest';
import { createHotCold, createStripes } from '../../src/simulator/workload.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import {
  SECOND_NS,
  command,
  createTestKernel,
  read,
  readTried,
  startVaddr,
} from '../support/simulation.ts';

const MIB = 2 ** 20;
const SCHEME = 'contexts/0/schemes/0';
const COLD_PAGEOUT = {
  [`${SCHEME}/action`]: 'pageout',
  [`${SCHEME}/access_pattern/nr_accesses/max`]: '0',
  [`${SCHEME}/access_pattern/age/min`]: '20',
  'contexts/0/monitoring_attrs/nr_regions/min': '100',
};

function readResidentMib(kernel: SimulatedKernel): number {
  const pid = [...kernel.processes.keys()][0]!;
  const match = /VmRSS:\s+(\d+) kB/.exec(kernel.fs.readText(`proc/${pid}/status`));
  return Number(match?.[1]) / 1024;
}

async function readStat(kernel: SimulatedKernel, name: string): Promise<number> {
  await command(kernel, 'update_schemes_stats');
  return Number(read(kernel, `${SCHEME}/stats/${name}`));
}

describe('schemes of the simulated kernel', () => {
  test('pageout takes the cold memory out of the resident set and leaves the hot', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    const before = readResidentMib(kernel);
    startVaddr(kernel, COLD_PAGEOUT);
    kernel.advance(30n * SECOND_NS);
    expect(before - readResidentMib(kernel)).toBeGreaterThan(185);
    expect(readResidentMib(kernel)).toBeGreaterThan(64);
    expect(await readStat(kernel, 'sz_applied')).toBeGreaterThan(185 * MIB);
    expect(kernel.fs.readText('proc/meminfo')).toMatch(/SwapFree: +19\d{5} kB/);
  });

  test('what was paged out comes back when it is used', () => {
    const kernel = createTestKernel({ workloads: [createStripes('stripes', 4, 32)] });
    const process = [...kernel.processes.values()][0]!;
    const before = readResidentMib(kernel);
    expect(process.residentSet.pageOut(process.heap)).toBe(128 * MIB);
    expect(readResidentMib(kernel)).toBeCloseTo(before - 128);
    kernel.advance(10_000_000n);
    expect(readResidentMib(kernel)).toBeCloseTo(before - 64);
  });

  test('stat changes nothing and counts nothing as applied', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    startVaddr(kernel);
    kernel.advance(5n * SECOND_NS);
    expect(await readStat(kernel, 'nr_tried')).toBeGreaterThan(400);
    expect(await readStat(kernel, 'nr_applied')).toBe(0);
    expect(await readStat(kernel, 'sz_applied')).toBe(0);
  });

  test('any other action resets the age of what it was applied to', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    startVaddr(kernel, COLD_PAGEOUT);
    kernel.advance(20n * SECOND_NS);
    await command(kernel, 'update_schemes_tried_regions');
    for (const { age } of readTried(kernel)) expect(age).toBeLessThan(25);
  });

  test('a size quota bounds what is tried per reset interval, and exceeding it is counted', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    startVaddr(kernel, {
      [`${SCHEME}/quotas/bytes`]: String(MIB),
      [`${SCHEME}/quotas/reset_interval_ms`]: '1000',
    });
    kernel.advance(10n * SECOND_NS);
    await command(kernel, 'update_schemes_effective_quotas');
    expect(read(kernel, `${SCHEME}/quotas/effective_bytes`)).toBe(String(MIB));
    const triedBytes = await readStat(kernel, 'sz_tried');
    expect(triedBytes).toBeGreaterThanOrEqual(9 * MIB);
    expect(triedBytes).toBeLessThanOrEqual(11 * MIB);
    expect(await readStat(kernel, 'qt_exceeds')).toBeGreaterThanOrEqual(8);
  });

  test('under a quota pageout takes the coldest first', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    startVaddr(kernel, {
      [`${SCHEME}/action`]: 'pageout',
      [`${SCHEME}/quotas/bytes`]: String(16 * MIB),
      [`${SCHEME}/quotas/reset_interval_ms`]: '1000',
      [`${SCHEME}/quotas/weights/nr_accesses_permil`]: '1000',
      'contexts/0/monitoring_attrs/nr_regions/min': '100',
      [`${SCHEME}/apply_interval_us`]: '1000000',
    });
    kernel.advance(8n * SECOND_NS);
    const lostMib = 256 - readResidentMib(kernel);
    expect(await readStat(kernel, 'sz_tried')).toBeGreaterThan(90 * MIB);
    // Hot memory would have come back at once, so what is out was cold.
    expect(lostMib).toBeGreaterThan(12);
  });

  test('watermarks put a scheme to rest; stats are answered, walks are cancelled', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    startVaddr(kernel, {
      [`${SCHEME}/watermarks/metric`]: 'free_mem_rate',
      [`${SCHEME}/watermarks/interval_us`]: '500000',
      [`${SCHEME}/watermarks/high`]: '100',
      [`${SCHEME}/watermarks/mid`]: '50',
      [`${SCHEME}/watermarks/low`]: '20',
    });
    kernel.advance(5n * SECOND_NS);
    expect(await readStat(kernel, 'nr_tried')).toBe(0);
    await expect(command(kernel, 'update_schemes_tried_regions')).rejects.toMatchObject({
      errno: 'ECANCELED',
    });
  });

  test('regions are told beside a scheme that its watermarks put to rest', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    startVaddr(kernel, {
      'contexts/0/schemes/nr_schemes': '2',
      ...Object.fromEntries(
        ['sz', 'nr_accesses', 'age'].map((name) => [
          `contexts/0/schemes/1/access_pattern/${name}/max`,
          '18446744073709551615',
        ]),
      ),
      'contexts/0/schemes/1/watermarks/metric': 'free_mem_rate',
      'contexts/0/schemes/1/watermarks/high': '100',
      'contexts/0/schemes/1/watermarks/mid': '50',
      'contexts/0/schemes/1/watermarks/low': '20',
    });
    kernel.advance(SECOND_NS);
    await command(kernel, 'update_schemes_tried_regions');
    expect(readTried(kernel).length).toBeGreaterThan(0);
    const resting = 'sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/schemes/1/tried_regions';
    expect(kernel.fs.list(resting)).toEqual(['total_bytes']);
  });

  test.each([
    ['N', 'inside', 128],
    ['Y', 'outside', 128],
  ])('an address filter matching %s keeps regions %s of the range', async (matching, _, mib) => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    const { heap } = [...kernel.processes.values()][0]!;
    const filter = `${SCHEME}/core_filters`;
    startVaddr(kernel, {
      [`${filter}/nr_filters`]: '1',
      [`${filter}/0/type`]: 'addr',
      [`${filter}/0/matching`]: matching,
      [`${filter}/0/addr_start`]: String(heap.start),
      [`${filter}/0/addr_end`]: String(heap.start + 128 * MIB),
    });
    kernel.advance(SECOND_NS);
    await command(kernel, 'update_schemes_tried_regions');
    const isInside = ({ start }: { start: number }): boolean =>
      start >= heap.start && start < heap.start + 128 * MIB;
    const inHeap = readTried(kernel).filter(({ start }) => start >= heap.start && start < heap.end);
    expect(inHeap.every((region) => isInside(region) === (matching === 'N'))).toBe(true);
    const bytes = inHeap.reduce((sum, { start, end }) => sum + end - start, 0);
    expect(bytes / MIB).toBeCloseTo(mib);
  });

  test('max_nr_snapshots ends a scheme', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 64, 192)] });
    startVaddr(kernel, { [`${SCHEME}/stats/max_nr_snapshots`]: '5' });
    kernel.advance(5n * SECOND_NS);
    expect(await readStat(kernel, 'nr_snapshots')).toBe(5);
  });
});

describe('auto-tuned intervals', () => {
  const GOAL = 'contexts/0/monitoring_attrs/intervals/intervals_goal';

  test.each([
    ['longer while too few accesses are seen', 8, 5_001, 10_000_000],
    ['as short as allowed while too many are', 224, 5_000, 5_000],
  ])('become %s', async (_, hotMib, leastUs, mostUs) => {
    const workload = createHotCold('hotcold', hotMib, 256 - hotMib);
    const kernel = createTestKernel({ workloads: [workload] });
    startVaddr(kernel, {
      'contexts/0/monitoring_attrs/intervals/sample_us': '5000',
      [`${GOAL}/access_bp`]: '1000',
      [`${GOAL}/aggrs`]: '3',
      [`${GOAL}/min_sample_us`]: '5000',
      [`${GOAL}/max_sample_us`]: '10000000',
    });
    kernel.advance(30n * SECOND_NS);
    expect(read(kernel, 'contexts/0/monitoring_attrs/intervals/sample_us')).toBe('5000');
    await command(kernel, 'update_tuned_intervals');
    const sampleUs = Number(read(kernel, 'contexts/0/monitoring_attrs/intervals/sample_us'));
    expect(sampleUs).toBeGreaterThanOrEqual(leastUs);
    expect(sampleUs).toBeLessThanOrEqual(mostUs);
    const aggrUs = Number(read(kernel, 'contexts/0/monitoring_attrs/intervals/aggr_us'));
    expect(aggrUs).toBe(sampleUs * 20);
  });

  test('refresh_ms brings stats and tuned intervals up to date, but no regions', () => {
    const kernel = createTestKernel({ workloads: [createHotCold('hotcold', 8, 248)] });
    startVaddr(kernel, { refresh_ms: '200' });
    kernel.advance(2n * SECOND_NS);
    expect(Number(read(kernel, `${SCHEME}/stats/nr_tried`))).toBeGreaterThan(0);
    expect(read(kernel, `${SCHEME}/tried_regions/total_bytes`)).toBe('0');
  });
});
