import { describe, expect, test } from 'vitest';
import type { MachineReading } from '../../src/collect/machine.ts';
import { createMachineReader } from '../../src/collect/readMachine.ts';
import type { KernelFs } from '../../src/kernel/kernelFs.ts';
import type { ScalarPoint } from '../../src/metrics/metricFamily.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { createFixtureKernel, getFixtureFiles } from '../support/fixtureTree.ts';
import { makeMetrics } from '../support/metricsFixture.ts';
import { makeObservation } from '../support/observations.ts';
import { command, createTestKernel, SECOND_NS, startVaddr, write } from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

function createReader(fs: KernelFs): () => Promise<MachineReading> {
  const retry = createTestRetry();
  return createMachineReader({
    fs,
    hostClock: systemClock,
    retry,
    listOwnIndexes: () => new Set(),
  });
}

/** Of scheme families, by name without `damon_scheme_`. */
function collectSchemes(
  metrics: ReturnType<typeof makeMetrics>,
  machine: MachineReading,
): Record<string, readonly ScalarPoint[]> {
  const { memory } = machine;
  const kdamonds = machine.kdamonds.map(
    ({ configuredIntervals: _, processes: __, ...kdamond }) => ({
      ...kdamond,
      intervals: { sampleIntervalUs: undefined, aggrIntervalUs: undefined },
      targets: [],
    }),
  );
  const families = metrics.collectFamilies(makeObservation(kdamonds, { memory }));
  const found = families.flatMap((family): [string, readonly ScalarPoint[]][] =>
    family.kind === 'histogram' ? [] : [[family.name.replace(/^damon_scheme_/, ''), family.points]],
  );
  return Object.fromEntries(found);
}

const FIRST = { kdamond: '0', context: '0', scheme: '0' };
const SECOND = { ...FIRST, scheme: '1' };

describe.each(['6.12', '7.2'])('a captured tree of %s', (version) => {
  test('tells the one quota it has, and that both schemes work', async () => {
    const { fs } = createFixtureKernel({
      ...getFixtureFiles(`${version}-running.txt`, 'sys/kernel/mm/damon'),
      'proc/meminfo': 'MemTotal: 1000 kB\nMemFree: 123 kB\n',
    });
    const schemes = collectSchemes(makeMetrics(), await createReader(fs)());
    expect(schemes).toMatchObject({
      quota_size_bytes: [{ labels: FIRST, value: 67_108_864n }],
      quota_reset_interval_seconds: [{ labels: FIRST, value: 1 }],
      effective_quota_bytes: [
        { labels: FIRST, value: 67_108_864n },
        { labels: SECOND, value: 0n },
      ],
      watermark_active: [
        { labels: FIRST, value: 1 },
        { labels: SECOND, value: 1 },
      ],
      damon_memory_free_ratio: [{ labels: {}, value: 0.123 }],
    });
    const absent = ['quota_time_seconds', 'quota_goal_target', 'watermark_info'];
    expect(absent.filter((name) => name in schemes)).toEqual([]);
  });
});

describe('over the simulated kernel', () => {
  const SCHEME = 'contexts/0/schemes/0';

  test('goals have their target, and a current value where it is the user who tells it', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('a', 8, 24)] });
    startVaddr(kernel, {
      [`${SCHEME}/quotas/goals/nr_goals`]: '3',
      [`${SCHEME}/quotas/goals/0/target_metric`]: 'user_input',
      [`${SCHEME}/quotas/goals/0/target_value`]: '10000',
      [`${SCHEME}/quotas/goals/0/current_value`]: '8000',
      [`${SCHEME}/quotas/goals/1/target_metric`]: 'node_mem_free_bp',
      [`${SCHEME}/quotas/goals/1/nid`]: '0',
      [`${SCHEME}/quotas/goals/1/target_value`]: '50',
      [`${SCHEME}/quotas/goals/2/target_metric`]: 'some_mem_psi_us',
      [`${SCHEME}/quotas/goals/2/target_value`]: '1000',
    });
    const schemes = collectSchemes(makeMetrics(), await createReader(kernel.fs)());
    const goal = (index: number, metric: string) => ({ ...FIRST, goal: String(index), metric });
    expect(schemes['quota_goal_target']).toEqual([
      { labels: goal(0, 'user_input'), value: 10_000n },
      { labels: { ...goal(1, 'node_mem_free_bp'), nid: '0' }, value: 50n },
      { labels: goal(2, 'some_mem_psi_us'), value: 1000n },
    ]);
    expect(schemes['quota_goal_current']).toEqual([
      { labels: goal(0, 'user_input'), value: 8000n },
    ]);
  });

  test('a scheme is active when, and only when, the kernel lets it work', async () => {
    const kernel = createTestKernel({ workloads: [createHotCold('a', 8, 24)] });
    const read = createReader(kernel.fs);
    const metrics = makeMetrics();
    // Nearly all memory is free there: above high, then between low and mid.
    startVaddr(kernel, {
      [`${SCHEME}/watermarks/metric`]: 'free_mem_rate',
      [`${SCHEME}/watermarks/interval_us`]: '100000',
      [`${SCHEME}/watermarks/high`]: '500',
      [`${SCHEME}/watermarks/mid`]: '400',
      [`${SCHEME}/watermarks/low`]: '100',
    });
    const observe = async () => {
      kernel.advance(SECOND_NS);
      await command(kernel, 'update_schemes_stats');
      const schemes = collectSchemes(metrics, await read());
      const valueOf = (name: string): number => Number(schemes[name]?.[0]?.value);
      return {
        isActive: valueOf('watermark_active'),
        tried: valueOf('tried_regions_total'),
        high: valueOf('watermark_high_ratio'),
        free: valueOf('damon_memory_free_ratio'),
      };
    };
    await observe();
    const resting = await observe();
    expect(resting.free).toBeGreaterThan(resting.high);
    expect(resting).toMatchObject({ isActive: 0, tried: 0, high: 0.5 });
    write(kernel, {
      [`${SCHEME}/watermarks/high`]: '1000',
      [`${SCHEME}/watermarks/mid`]: '1000',
    });
    await command(kernel, 'commit');
    const working = await observe();
    expect(working).toMatchObject({ isActive: 1, high: 1 });
    expect(working.tried).toBeGreaterThan(0);
  });
});
