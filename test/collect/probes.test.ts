import { expect, test } from 'vitest';
import { openSysfsSource } from '../../src/collect/sysfsSource.ts';
import { estimateProbeBytes } from '../../src/damon/probes.ts';
import type { RegionColumns } from '../../src/damon/snapshot.ts';
import { createTraceReader } from '../../src/kernel/trace/traceReader.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { command, createTestKernel, SECOND_NS, stage, write } from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

const WORKLOADS = [
  createHotCold('one', 64, 192),
  { ...createHotCold('two', 64, 64), isFileBacked: true },
];
const MIB = 2 ** 20;
const PROBES = 'contexts/0/monitoring_attrs/probes';

/** Anonymous memory, that of the first process' control group, and all of it. */
const THREE_PROBES: Readonly<Record<string, string>> = {
  [`${PROBES}/nr_probes`]: '3',
  [`${PROBES}/0/filters/nr_filters`]: '1',
  [`${PROBES}/0/filters/0/type`]: 'anon',
  [`${PROBES}/0/filters/0/matching`]: 'Y',
  [`${PROBES}/0/filters/0/allow`]: 'Y',
  [`${PROBES}/1/filters/nr_filters`]: '1',
  [`${PROBES}/1/filters/0/type`]: 'memcg',
  [`${PROBES}/1/filters/0/path`]: '/system.slice/one.service',
  [`${PROBES}/1/filters/0/matching`]: 'Y',
  [`${PROBES}/1/filters/0/allow`]: 'Y',
};

function startPaddr(values: Readonly<Record<string, string>>): SimulatedKernel {
  const kernel = createTestKernel({ workloads: WORKLOADS, memoryBytes: 1024 * MIB });
  const region = 'contexts/0/targets/0/regions/0';
  stage(kernel, {
    'contexts/0/operations': 'paddr',
    'contexts/0/monitoring_attrs/nr_regions/min': '200',
    'contexts/0/targets/nr_targets': '1',
    'contexts/0/targets/0/regions/nr_regions': '1',
    [`${region}/start`]: '0',
    [`${region}/end`]: String(1024 * MIB),
    ...values,
    state: 'on',
  });
  kernel.advance(3n * SECOND_NS);
  return kernel;
}

function estimateMib(regions: RegionColumns): (number | undefined)[] {
  return [0, 1, 2, 3].map((probe) => {
    const bytes = estimateProbeBytes(regions, probe, { maxNrAccesses: 20 });
    return bytes === undefined ? undefined : bytes / MIB;
  });
}

function expectThree(regions: RegionColumns | undefined): void {
  const [anon = NaN, group = NaN, all = NaN, none] = estimateMib(regions!);
  expect(anon).toBeGreaterThan(200);
  expect(anon).toBeLessThan(320);
  expect(group).toBe(anon);
  expect(all).toBeGreaterThan(anon);
  expect(none).toBeUndefined();
}

test('the trace tells what the probes of a kdamond hit', () => {
  const kernel = startPaddr(THREE_PROBES);
  const { fs, clock } = kernel;
  const reader = createTraceReader({ fs, clock, pid: 4242, bufferSizeKb: 4096 });
  for (let round = 0; round < 3; round += 1) {
    kernel.advance(SECOND_NS);
    const { snapshots, spoiledSnapshots, lostEvents } = reader.poll();
    expect([spoiledSnapshots, lostEvents]).toEqual([0, 0]);
    expect(snapshots.length).toBeGreaterThanOrEqual(9);
    for (const { regions } of snapshots) expectThree(regions);
  }
  reader.close();
});

test('the trace tells of no probes that are taken away, and of others that come', async () => {
  const kernel = startPaddr(THREE_PROBES);
  const { fs, clock } = kernel;
  const reader = createTraceReader({ fs, clock, pid: 4242, bufferSizeKb: 4096 });
  const countProbes = async (nrProbes: string): Promise<(number | undefined)[]> => {
    write(kernel, { [`${PROBES}/nr_probes`]: nrProbes });
    await command(kernel, 'commit');
    kernel.advance(SECOND_NS / 2n);
    reader.poll();
    kernel.advance(SECOND_NS);
    return reader.poll().snapshots.map(({ regions }) => regions.probeHits?.length);
  };
  expect(new Set(await countProbes('0'))).toEqual(new Set([undefined]));
  expect(new Set(await countProbes('2'))).toEqual(new Set([2]));
  reader.close();
});

test('tried regions tell it too', async () => {
  const { fs, clock } = startPaddr(THREE_PROBES);
  const source = openSysfsSource({
    fs,
    clock,
    retry: createTestRetry(),
    intervalMs: 1000,
    listOwnIndexes: () => new Set([0]),
  });
  const { aggregations } = await source.poll();
  expectThree(aggregations[0]?.regions);
});

test('without probes there are no hits, from either source', async () => {
  const kernel = startPaddr({});
  const { fs, clock } = kernel;
  const reader = createTraceReader({ fs, clock, pid: 4242, bufferSizeKb: 4096 });
  kernel.advance(SECOND_NS);
  for (const { regions } of reader.poll().snapshots) expect(regions.probeHits).toBeUndefined();
  const retry = createTestRetry();
  const listOwnIndexes = (): ReadonlySet<number> => new Set([0]);
  const source = openSysfsSource({ fs, clock, retry, intervalMs: 1000, listOwnIndexes });
  const { aggregations } = await source.poll();
  expect(aggregations[0]?.regions.probeHits).toBeUndefined();
});
