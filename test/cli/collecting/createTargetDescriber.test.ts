import { describe, expect, test } from 'vitest';
import { createTargetDescriber } from '../../../src/cli/collecting/createTargetDescriber.ts';
import type { MachineReading, TargetProcess } from '../../../src/collect/machine.ts';
import type { Snapshot } from '../../../src/damon/snapshot.ts';

const SNAPSHOT = { kdamond: { label: '0' }, target: '0', contextIndex: 0 } as Snapshot;

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
