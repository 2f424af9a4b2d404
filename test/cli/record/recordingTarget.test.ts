import { describe, expect, test } from 'vitest';
import type { MonitoringArguments } from '../../../src/cli/monitoringOptions.ts';
import { parseRecordingTarget } from '../../../src/cli/record/recordingTarget.ts';

describe('what is recorded', () => {
  test.each<[MonitoringArguments, object]>([
    [{ target: ['sleep 5'] }, { kind: 'command', line: 'sleep 5' }],
    [{ target: ['ls'] }, { kind: 'command', line: 'ls' }],
    [
      { target: ['ls'], ops: 'fvaddr', regions: '0-1G' },
      { kind: 'command', line: 'ls' },
    ],
    [{ target: ['12'] }, { kind: 'memory' }],
    [{ target: ['12', '13,14'] }, { kind: 'memory' }],
    [{ target: ['paddr'] }, { kind: 'memory' }],
    [{ target: ['vaddr', '12', '13,14'] }, { kind: 'memory' }],
    [{ target: ['fvaddr'], target_pid: ['12'], regions: '0-1G' }, { kind: 'memory' }],
    [{ target_pid: ['12'] }, { kind: 'memory' }],
    [{ ops: 'paddr' }, { kind: 'memory' }],
    [{ target: ['ongoing'] }, { kind: 'ongoing' }],
  ])('%j', (args, expected) => {
    expect(parseRecordingTarget(args)).toEqual(expected);
  });
});

describe('refused with a sentence', () => {
  test.each<[MonitoringArguments, RegExp]>([
    [{}, /no target given: expected a command in one quoted string, process ids/],
    [{ target: [] }, /no target given/],
    [{ target: ['sleep', '5'] }, /targets "sleep", "5": .* one quoted string/],
    [{ target: ['12', 'ls'] }, /targets "12", "ls"/],
    [{ target: ['vaddr', 'ls'] }, /targets "vaddr", "ls": expected a command in one quoted string/],
    [{ target: [' '] }, /target " ": expected/],
    [{ target: ['ongoing', '12'] }, /targets "ongoing", "12"/],
    [{ target: ['ongoing'], aggr: '1s' }, /--aggr: "ongoing" records what runs as it is/],
    [{ target: ['ongoing'], target_pid: ['7'] }, /--target_pid/],
    [{ target: ['ls'], target_pid: ['7'] }, /a command is recorded alone/],
    [{ target: ['ls'], ops: 'paddr' }, /a command is recorded alone, by its addresses/],
  ])('%j', (args, message) => {
    expect(() => parseRecordingTarget(args)).toThrow(message);
    expect(() => parseRecordingTarget(args)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
