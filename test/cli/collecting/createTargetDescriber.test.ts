import { describe, expect, test } from 'vitest';
import { createTargetDescriber } from '../../../src/cli/collecting/createTargetDescriber.ts';
import type { MachineReading, TargetProcess } from '../../../src/collect/machine.ts';
import type { Snapshot } from '../../../src/damon/snapshot.ts';
import { createSnapshotConverter } from '../../../src/record/snapshotConverter.ts';
import { makeRegions } from '../../support/observations.ts';

const SNAPSHOT = {
  kdamond: { label: '0' },
  target: '0',
  contextIndex: 0,
  regions: makeRegions([]),
} as unknown as Snapshot;

function createReading(processes: readonly TargetProcess[]): MachineReading {
  const entries = processes.map((process, index) => [String(index), process] as const);
  const kdamond = { ref: SNAPSHOT.kdamond, isRunning: true, processes: new Map(entries) };
  return { kdamonds: [kdamond] } as unknown as MachineReading;
}

describe('the name of a target', () => {
  test.each<[string, TargetProcess[], string | undefined]>([
    ['is that of its process', [{ pid: 7, command: 'sh' }], 'sh'],
    ['stays when the process is renamed', [{ pid: 7, command: 'postgres' }], 'sh'],
    ['stays when it has ended', [{ pid: 7, command: undefined }], 'sh'],
    ['is another for another process', [{ pid: 8, command: 'postgres' }], 'postgres'],
    ['is none for physical memory', [], undefined],
  ])('%s', (_what, later, expected) => {
    const { noteMachine, describe: tell } = createTargetDescriber();
    noteMachine(createReading([{ pid: 7, command: 'sh' }]));
    noteMachine(createReading(later));
    expect(tell(SNAPSHOT).targetName).toBe(expected);
  });
});

test('DAMON_STAT is one stream, whatever it tells of the intervals it was tuned to', () => {
  const { noteMachine, describe: tell } = createTargetDescriber();
  noteMachine(createReading([]));
  const convert = createSnapshotConverter(tell);
  const kdamond = { label: 'damon_stat', owner: 'damon_stat' };
  const recorded = [
    // At first nothing is known, then an event tells the one and the spacing the other.
    { sampleIntervalUs: undefined, aggrIntervalUs: undefined },
    { sampleIntervalUs: 40_000, aggrIntervalUs: 884_096 },
    { sampleIntervalUs: 79_676, aggrIntervalUs: 1_593_520 },
  ].map((intervals) => convert({ ...SNAPSHOT, ...intervals, kdamond } as Snapshot));
  expect(new Set(recorded.map(({ stream }) => stream)).size).toBe(1);
  expect(recorded[0]?.stream.intervals).toMatchObject({
    sampleIntervalUs: 5000,
    aggrIntervalUs: 100_000,
    goal: { accessBp: 400, aggrs: 3 },
  });
  expect(recorded.map((one) => one.sampleIntervalUs)).toEqual([undefined, 40_000, 79_676]);
});
