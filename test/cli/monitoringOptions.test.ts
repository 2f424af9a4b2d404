import { describe, expect, test } from 'vitest';
import { parseMonitoring } from '../../src/cli/monitoringOptions.ts';
import type { MonitoringArguments } from '../../src/cli/monitoringOptions.ts';

const systemRam = [{ startAddr: 0x1000n, endAddr: 0x9f000n }];
const parse = (args: MonitoringArguments) => parseMonitoring(args, () => systemRam);

describe('what to monitor', () => {
  test('nothing is started unless something is asked for', () => {
    expect(parse({})).toBeUndefined();
    expect(parse({ sample: '10ms', target: [] })).toBeUndefined();
  });

  test('processes become targets of one vaddr context', () => {
    expect(parse({ target: ['1234', '5678'] })).toMatchObject({
      operations: 'vaddr',
      targets: [
        { pid: 1234, regions: [] },
        { pid: 5678, regions: [] },
      ],
      intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
      minNrRegions: 100n,
      maxNrRegions: 1000n,
    });
  });

  test("a goal of intervals is told in damo's words", () => {
    const goal = ['4%', '3', '5ms', '10s'];
    expect(parse({ target: ['paddr'], monitoring_intervals_goal: goal })?.intervals).toEqual({
      ...{ sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
      goal: {
        ...{ accessBp: 400, aggrs: 3 },
        ...{ minSampleIntervalUs: 5000, maxSampleIntervalUs: 10_000_000 },
      },
    });
  });

  test('paddr without ranges is all System RAM', () => {
    expect(parse({ target: ['paddr'] })?.targets).toEqual([{ regions: systemRam }]);
  });

  test('ranges of a process mean fixed addresses', () => {
    expect(parse({ target_pid: ['7'], regions: '4K-2M 4M-8M' })).toMatchObject({
      operations: 'fvaddr',
      targets: [
        {
          regions: [
            { startAddr: 4096n, endAddr: 2n << 20n },
            { startAddr: 4n << 20n, endAddr: 8n << 20n },
          ],
        },
      ],
    });
  });

  test.each<[MonitoringArguments, object]>([
    [{ target: ['vaddr', '7,8'] }, { operations: 'vaddr', targets: [{ pid: 7 }, { pid: 8 }] }],
    [{ target: ['vaddr', '7'], regions: '0-4K' }, { operations: 'vaddr' }],
    [{ target: ['vaddr', '7'], ops: 'vaddr' }, { operations: 'vaddr' }],
    [
      { target: ['vaddr'], target_pid: ['7'] },
      { operations: 'vaddr', targets: [{ pid: 7 }] },
    ],
    [
      { target: ['fvaddr', '7'], regions: '0-4K' },
      { operations: 'fvaddr', targets: [{ pid: 7 }] },
    ],
  ])('operations stand in front of process ids: %j', (args, expected) => {
    expect(parse(args)).toMatchObject(expected);
  });

  test('single options win over the triple', () => {
    const context = parse({
      target: ['1'],
      monitoring_intervals: ['10ms', '1s', '2s'],
      sample: '20000',
    });
    expect(context?.intervals).toEqual({
      sampleIntervalUs: 20_000,
      aggrIntervalUs: 1_000_000,
      updateIntervalUs: 2_000_000,
    });
  });
});

describe('wrong command lines', () => {
  test.each([
    [{ target: ['foo'] }, /target "foo": expected a process id or "paddr"/],
    [{ target: ['0'] }, /target "0"/],
    [{ target: ['1,paddr'] }, /expected a process id/],
    [{ target: ['1'], target_pid: ['paddr'] }, /cannot be monitored together/],
    [{ ops: 'vaddr' }, /vaddr needs a process to monitor: expected its id, as in "vaddr 1234"/],
    [{ target: ['fvaddr'] }, /fvaddr needs a process/],
    [{ target: ['fvaddr', '7'] }, /fvaddr monitors the addresses it is given: expected --regions/],
    [{ target: ['7', 'vaddr'] }, /target "vaddr": expected a process id or "paddr"/],
    [{ target: ['vaddr', 'paddr'] }, /cannot be monitored together/],
    [{ target: ['vaddr', '7'], ops: 'fvaddr' }, /target "vaddr" and --ops fvaddr: expected one/],
    [{ target: ['1'], sample: '5 min' }, /-s: found "5 min", expected a time/],
    [{ target: ['1'], sample: '200ms' }, /aggregation interval/],
    ...[
      [['0%', '3', '5ms', '10s'], /expected 0.01% to 100%/],
      [
        ['101%', '3', '5ms', '10s'],
        /found 101% of accesses in 3 aggregations, expected at most 100%/,
      ],
      [['0.001%', '3', '5ms', '10s'], /expected 0.01% to 100%/],
      [['4%', '0', '5ms', '10s'], /found 4% of accesses in 0 aggregations/],
      [['4%', '3', '6ms', '10s'], /sampling interval \(5000 us\) must lie between/],
      [['4%', '3', '1ms', '4ms'], /must lie between the shortest \(1000 us\) and the longest/],
      [['lots', '3', '1ms', '4ms'], /--monitoring_intervals_goal: found "lots"/],
    ].map(
      ([monitoring_intervals_goal, message]) =>
        [{ target: ['1'], monitoring_intervals_goal }, message] as [object, RegExp],
    ),
    [{ target: ['1'], minr: '2' }, /number of regions/],
    [{ target: ['1'], minr: '50', maxr: '20' }, /number of regions/],
    [{ target: ['1'], regions: '5-4' }, /ends before it begins/],
    [{ target: ['1'], regions: '0-8K 4K-1M' }, /not sorted, or overlapping/],
    [{ target: ['1'], regions: '0x1000-0x2000' }, /--regions: found "0x1000"/],
  ] as [MonitoringArguments, RegExp][])('%j', (args, message) => {
    expect(() => parse(args)).toThrow(message);
    expect(() => parse(args)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
