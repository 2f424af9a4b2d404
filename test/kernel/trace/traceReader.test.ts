import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { createTraceReader } from '../../../src/kernel/trace/traceReader.ts';
import type { TraceReader } from '../../../src/kernel/trace/traceReader.ts';
import { createFakeTracefs } from '../../support/fakeTracefs.ts';
import type { FakeTracefs } from '../../support/fakeTracefs.ts';
import { describeEvents, describeSnapshot, planSnapshot } from '../../support/traceEvents.ts';
import { encodePages } from '../../support/tracePages.ts';
import type { EncodeOptions, PageItem, RegionEvent } from '../../support/tracePages.ts';

interface Bench {
  readonly fs: FakeTracefs;
  readonly reader: TraceReader;
  readonly clock: { nowNs: bigint };
}

function open(fs: FakeTracefs = createFakeTracefs()): Bench {
  const clock = { nowNs: 1n << 62n };
  const monotonic: Clock = { monotonicNs: () => clock.nowNs, wallMs: () => 0 };
  const reader = createTraceReader({ fs, clock: monotonic, pid: 7, bufferSizeKb: 1024 });
  return { fs, reader, clock };
}

function put(
  fs: FakeTracefs,
  cpu: number,
  events: readonly RegionEvent[],
  options?: EncodeOptions,
): void {
  const items: PageItem[] = events.map((event) => ({ kind: 'region', ...event }));
  fs.pages.set(cpu, [...(fs.pages.get(cpu) ?? []), ...encodePages(items, options)]);
}

describe('polling', () => {
  test('gives nothing on an idle machine', () => {
    expect(open().reader.poll()).toEqual({
      snapshots: [],
      tunedSampleIntervals: [],
      lostEvents: 0,
      spoiledSnapshots: 0,
      malformedPages: 0,
    });
  });

  test('gives each snapshot once', () => {
    const { fs, reader } = open();
    const plan = planSnapshot({ beginNs: 5n, nrRegions: 200 });
    put(fs, 1, plan);
    expect(reader.poll().snapshots.map(describeSnapshot)).toEqual([describeEvents(plan)]);
    expect(reader.poll().snapshots).toEqual([]);
  });

  test('joins the events of a kernel thread that moves from CPU to CPU, whenever they are read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(1)), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.array(fc.nat(300), { maxLength: 5 }),
        (parts, polls) => {
          const { fs, reader, clock } = open();
          const plans = Array.from({ length: 3 }, (_, at) =>
            planSnapshot({ beginNs: BigInt(at + 1) * 1_000_000n, nrRegions: 40 }),
          );
          const events = plans.flat();
          // Which CPU each event is on.
          const cpus = parts.flatMap(([length, cpu]) => Array.from({ length }, () => cpu));
          const found: string[] = [];
          let from = 0;
          for (const until of [...polls.toSorted((a, b) => a - b), events.length]) {
            const upTo = Math.min(until, events.length);
            const fresh = events.slice(from, upTo);
            for (const cpu of [0, 1]) {
              put(
                fs,
                cpu,
                fresh.filter((_, at) => (cpus[from + at] ?? 0) === cpu),
              );
            }
            from = upTo;
            // The poll begins while the last of these events are being written.
            clock.nowNs = (events[upTo - 3] ?? events[0]!).timeNs;
            found.push(...reader.poll().snapshots.map(describeSnapshot));
          }
          clock.nowNs = 1n << 62n;
          found.push(...reader.poll().snapshots.map(describeSnapshot));
          expect(found).toEqual(plans.map(describeEvents));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('leaves what is too much for one poll to the next', () => {
    const { fs, reader } = open();
    const plans = Array.from({ length: 3000 }, (_, at) =>
      planSnapshot({ beginNs: BigInt(at) * 1_000_000n, nrRegions: 40 }),
    );
    put(fs, 0, plans.flat());
    const first = reader.poll().snapshots.length;
    const second = reader.poll().snapshots.length;
    expect(first).toBeGreaterThan(1000);
    expect(first).toBeLessThan(3000);
    expect(first + second).toBe(3000);
  });

  test('hands tuned intervals on once', () => {
    const { fs, reader } = open(
      createFakeTracefs({ events: ['damon_aggregated', 'damon_monitor_intervals_tune'] }),
    );
    fs.pages.set(0, encodePages([{ kind: 'tune', timeNs: 9n, pid: 4, sampleUs: 85_000n }]));
    expect(reader.poll().tunedSampleIntervals).toEqual([
      { kdamondPid: 4, timeNs: 9n, sampleIntervalUs: 85_000 },
    ]);
    expect(reader.poll().tunedSampleIntervals).toEqual([]);
  });

  test("fails with the kernel's reason when a CPU cannot be read", () => {
    const { fs, reader } = open();
    fs.faults.set('read trace/instances/damon-exporter-7/per_cpu/cpu1/trace_pipe_raw', 'EIO');
    expect(() => reader.poll()).toThrow(/cpu1\/trace_pipe_raw: EIO/);
  });
});

describe('losses', () => {
  const plans = Array.from({ length: 4 }, (_, at) =>
    planSnapshot({ beginNs: BigInt(at + 1) * 1_000_000n, nrRegions: 40 }),
  );

  test('are counted as the pages number them, and cost one snapshot', () => {
    const { fs, reader } = open();
    put(fs, 0, plans.flat().slice(0, 50));
    put(fs, 0, plans.flat().slice(57), { lost: 7 });
    const poll = reader.poll();
    expect(poll).toMatchObject({ lostEvents: 7, spoiledSnapshots: 1, malformedPages: 0 });
    expect(poll.snapshots.map(describeSnapshot)).toEqual(
      [plans[0]!, plans[2]!, plans[3]!].map(describeEvents),
    );
  });

  test('are taken from the statistics where the page has no number', () => {
    const { fs, reader } = open();
    fs.entries.set(
      'trace/instances/damon-exporter-7/per_cpu/cpu0/stats',
      'entries: 0\noverrun: 30\ncommit overrun: 2\nbytes: 0\ndropped events: 1\nread events: 9\n',
    );
    put(fs, 0, plans.flat(), { lost: 'unknown' });
    expect(reader.poll().lostEvents).toBe(33);
    expect(reader.poll().lostEvents).toBe(33);
  });

  test('of CPUs add up', () => {
    const { fs, reader } = open();
    put(fs, 0, plans[0]!, { lost: 3 });
    put(fs, 1, plans[1]!, { lost: 4 });
    expect(reader.poll().lostEvents).toBe(7);
  });

  test('by pages that make no sense are counted', () => {
    const { fs, reader } = open();
    fs.pages.set(0, [new Uint8Array(4096).fill(0xff)]);
    expect(reader.poll()).toMatchObject({ malformedPages: 1, snapshots: [] });
  });
});

describe('CPUs', () => {
  test('that are not online are not asked until they come', () => {
    const { fs, reader } = open(createFakeTracefs({ nrCpus: 8, onlineCpus: '0-1,4\n' }));
    expect(fs.nrOpenStreams()).toBe(3);
    const plan = planSnapshot({ beginNs: 5n, nrRegions: 3 });
    put(fs, 5, plan);
    expect(reader.poll().snapshots).toEqual([]);
    fs.entries.set('sys/devices/system/cpu/online', '0-1,4-5\n');
    expect(reader.poll().snapshots.map(describeSnapshot)).toEqual([describeEvents(plan)]);
  });

  test('that went keep what they had to say', () => {
    const { fs, reader } = open(createFakeTracefs({ onlineCpus: '0-1\n' }));
    const plan = planSnapshot({ beginNs: 5n, nrRegions: 3 });
    put(fs, 1, plan);
    fs.entries.set('sys/devices/system/cpu/online', '0\n');
    expect(reader.poll().snapshots.map(describeSnapshot)).toEqual([describeEvents(plan)]);
  });

  test('are all asked where it is not told which are online', () => {
    expect(open(createFakeTracefs({ nrCpus: 5 })).fs.nrOpenStreams()).toBe(5);
  });
});

test('closing removes the instance', () => {
  const { fs, reader } = open();
  expect(fs.list('trace/instances')).toEqual([reader.instanceName]);
  reader.close();
  expect(fs.list('trace/instances')).toEqual([]);
});
