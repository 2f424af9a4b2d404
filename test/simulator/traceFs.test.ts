import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createTraceReader } from '../../src/kernel/trace/traceReader.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import {
  SCHEME,
  SECOND_NS,
  command,
  createTestKernel,
  read,
  readTried,
  stage,
  startVaddr,
  targetFiles,
} from '../support/simulation.ts';

const WORKLOADS = [createHotCold('one', 32, 96), createHotCold('two', 16, 48)];

function openReader(
  kernel: SimulatedKernel,
  bufferSizeKb: number,
): ReturnType<typeof createTraceReader> {
  return createTraceReader({ fs: kernel.fs, clock: kernel.clock, pid: 4242, bufferSizeKb });
}

describe.each(['6.12', '7.2'])('the trace of the simulated %s, read by the product', (version) => {
  test('has one whole snapshot per target and aggregation, equal to the tried regions', async () => {
    const kernel = createTestKernel({ version, workloads: WORKLOADS });
    startVaddr(kernel, targetFiles(kernel, 2));
    const reader = openReader(kernel, 1024);
    kernel.advance(SECOND_NS);
    await command(kernel, 'update_schemes_tried_regions');
    kernel.advance(50_000_000n);
    const poll = reader.poll();
    expect(poll).toMatchObject({ lostEvents: 0, spoiledSnapshots: 0, malformedPages: 0 });
    expect(poll.snapshots.length).toBeGreaterThanOrEqual(20);
    const pid = Number(read(kernel, 'pid'));
    for (const { kdamondPid } of poll.snapshots) expect(kdamondPid).toBe(pid);
    // Tried regions were taken at the same aggregation, after the same merge.
    const last = poll.snapshots.slice(-2).flatMap(({ regions }) =>
      Array.from({ length: regions.count }, (_, index) => ({
        start: Number(regions.startAddr[index]!),
        end: Number(regions.endAddr[index]!),
        nrAccesses: regions.nrAccesses[index]!,
        age: regions.ageIntervals[index]!,
      })),
    );
    expect(last.sort((left, right) => left.start - right.start)).toEqual(readTried(kernel));
    reader.close();
    expect(kernel.fs.list('trace/instances')).toEqual([]);
  });

  test('counts what was overwritten in a buffer that is too small', () => {
    const kernel = createTestKernel({ version, workloads: WORKLOADS });
    startVaddr(kernel, { 'contexts/0/monitoring_attrs/nr_regions/min': '200' });
    const reader = openReader(kernel, 64);
    kernel.advance(10n * SECOND_NS);
    const poll = reader.poll();
    expect(poll.lostEvents).toBeGreaterThan(1000);
    expect(poll.malformedPages).toBe(0);
    kernel.advance(SECOND_NS / 4n);
    expect(reader.poll().snapshots.length).toBeGreaterThan(0);
    reader.close();
  });
});

describe('tracefs', () => {
  test.each([
    ['6.12', ['damon_aggregated', 'damos_before_apply']],
    [
      '7.2',
      [
        'damon_aggregated',
        'damon_region_aggregated',
        'damon_monitor_intervals_tune',
        'damos_before_apply',
        'damos_esz',
        'damos_stat_after_apply_interval',
      ],
    ],
  ])('of %s has its events', (version, events) => {
    const { fs } = createTestKernel({ version });
    expect(fs.readText('trace/available_events')).toBe(
      events.map((name) => `damon:${name}\n`).join(''),
    );
  });

  test('an instance with an open stream cannot be removed', () => {
    const { fs } = createTestKernel();
    fs.makeDir('trace/instances/mine');
    expect(() => {
      fs.makeDir('trace/instances/mine');
    }).toThrow(/EEXIST/);
    const stream = fs.openStream('trace/instances/mine/per_cpu/cpu0/trace_pipe_raw');
    expect(stream.read(new Uint8Array(4096))).toBe(0);
    expect(() => {
      fs.removeDir('trace/instances/mine');
    }).toThrow(/EBUSY/);
    stream.close();
    fs.removeDir('trace/instances/mine');
    expect(() => {
      fs.removeDir('trace/instances/mine');
    }).toThrow(/ENOENT/);
  });

  test.each([
    ['64', '67\n'],
    ['4', '7\n'],
    ['1', '7\n'],
    ['1024', '1027\n'],
  ])('a buffer of %s KiB reads back as %j', (value, expected) => {
    const { fs } = createTestKernel();
    fs.makeDir('trace/instances/mine');
    expect(fs.readText('trace/instances/mine/buffer_size_kb')).toBe('1410\n');
    fs.writeText('trace/instances/mine/buffer_size_kb', value);
    expect(fs.readText('trace/instances/mine/buffer_size_kb')).toBe(expected);
  });

  test('switches show whether none, some or all of their events are on', () => {
    const { fs } = createTestKernel();
    fs.makeDir('trace/instances/mine');
    const events = 'trace/instances/mine/events';
    expect(fs.readText(`${events}/damon/enable`)).toBe('0\n');
    fs.writeText(`${events}/damon/damon_aggregated/enable`, '1');
    expect(fs.readText(`${events}/damon/enable`)).toBe('X\n');
    fs.writeText(`${events}/damon/enable`, '1');
    expect(fs.readText(`${events}/damon/enable`)).toBe('1\n');
    expect(fs.readText(`${events}/enable`)).toBe('X\n');
    expect(fs.readText('trace/events/damon/enable')).toBe('0\n');
  });
});

describe.each(['6.12', '7.2'])('the layouts of %s', (version) => {
  const fixtures = `test/fixtures/trace/${version}/events`;
  const { fs } = createTestKernel({ version });
  // Kernels number their events as they are built.
  const omitId = (text: string): string => text.replace(/^ID: \d+$/m, 'ID:');

  test.each(readdirSync(`${fixtures}/damon`))('of %s are those of the real kernel', (event) => {
    const captured = readFileSync(`${fixtures}/damon/${event}/format`, 'utf8');
    expect(omitId(fs.readText(`trace/events/damon/${event}/format`))).toBe(omitId(captured));
  });

  test('of pages are those of the real kernel', () => {
    const captured = readFileSync(`${fixtures}/header_page`, 'utf8');
    expect(fs.readText('trace/events/header_page')).toBe(captured);
  });
});

describe('data attribute probes', () => {
  test('count hits in tried regions, and have an event of their own', async () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    const probes = 'contexts/0/monitoring_attrs/probes';
    stage(kernel, {
      'contexts/0/operations': 'paddr',
      'contexts/0/targets/nr_targets': '1',
      'contexts/0/targets/0/regions/nr_regions': '1',
      'contexts/0/targets/0/regions/0/start': '0x100000',
      'contexts/0/targets/0/regions/0/end': '0xc0000000',
      [`${probes}/nr_probes`]: '1',
      [`${probes}/0/filters/nr_filters`]: '1',
      [`${probes}/0/filters/0/matching`]: 'Y',
      [`${probes}/0/filters/0/allow`]: 'Y',
      state: 'on',
    });
    kernel.fs.writeText('trace/events/damon/damon_region_aggregated/enable', '1');
    kernel.advance(5n * SECOND_NS);
    await command(kernel, 'update_schemes_tried_regions');
    const dir = `${SCHEME}/tried_regions` as const;
    const hits = kernel.fs
      .list(dir)
      .filter((name) => name !== 'total_bytes')
      .map((name) => Number(kernel.fs.readText(`${dir}/${name}/probes/0/hits`)));
    // Free memory is of no kind; a region that is all anonymous hits at each of 20 samples.
    expect(Math.max(...hits)).toBe(20);
    expect(Math.min(...hits)).toBe(0);
    expect(kernel.fs.readText('trace/per_cpu/cpu0/stats')).not.toMatch(/^entries: 0$/m);
  });
});
