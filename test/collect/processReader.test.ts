import { describe, expect, test } from 'vitest';
import { createProcessReader } from '../../src/collect/processReader.ts';
import type { KdamondState } from '../../src/damon/kdamond.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { makeKdamondState } from '../support/observations.ts';
import { createOverlayFs } from '../support/overlayFs.ts';
import type { Overlay } from '../support/overlayFs.ts';
import { createTestKernel } from '../support/simulation.ts';

function setUp() {
  const kernel = createTestKernel({ workloads: [createHotCold('first', 8, 24)] });
  const [pid] = kernel.processes.keys();
  const overlay: Overlay = new Map();
  const path = `proc/${String(pid)}/stat` as const;
  const reader = createProcessReader(createOverlayFs(kernel.fs, overlay));
  const read = (state: KdamondState = makeState(pid!)) => {
    const targets = reader.readTargets(state);
    reader.finishRound();
    return targets.get('0');
  };
  /** The process's stat line, changed. */
  const change = (edit: (fields: string[]) => void): void => {
    const fields = kernel.fs.readText(path).split(' ');
    edit(fields);
    overlay.set(path, fields.join(' '));
  };
  return { kernel, pid: pid!, path, overlay, reader, read, change };
}

function makeState(pid: number, change: Partial<KdamondState> = {}): KdamondState {
  const state = makeKdamondState([], change);
  const [context] = state.contexts;
  return { ...state, contexts: [{ ...context!, targets: [{ pid, regions: [] }] }] };
}

describe('a target', () => {
  test('is known by its command while it lives', () => {
    const { pid, read } = setUp();
    expect(read()).toEqual({ pid, command: 'first' });
  });

  test.each(['Z', 'X'])('that is in state %s has ended', (letter) => {
    const { pid, read, change } = setUp();
    change((fields) => {
      fields[2] = letter;
    });
    expect(read()).toEqual({ pid, command: undefined });
  });

  test('whose pid another process got since is gone, for ever', () => {
    const { pid, read, change } = setUp();
    expect(read()?.command).toBe('first');
    change((fields) => {
      fields[21] = '987654';
    });
    expect(read()).toEqual({ pid, command: undefined });
    expect(read()).toEqual({ pid, command: undefined });
  });

  test('that was gone when first looked for stays gone when its pid comes back', () => {
    const { pid, path, overlay, read } = setUp();
    overlay.set(path, { errno: 'ENOENT' });
    expect(read()).toEqual({ pid, command: undefined });
    overlay.delete(path);
    expect(read()).toEqual({ pid, command: undefined });
  });

  test('of a kdamond started later is looked at afresh', () => {
    const { pid, read, change } = setUp();
    read();
    change((fields) => {
      fields[21] = '987654';
    });
    expect(read(makeState(pid, { pid: 999 }))).toEqual({ pid, command: 'first' });
  });

  test('that cannot be looked at is left out, reported once, and known again afterwards', () => {
    const { pid, path, overlay, reader, read, change } = setUp();
    read();
    overlay.set(path, { errno: 'EACCES' });
    expect(reader.readTargets(makeState(pid)).get('0')).toBeUndefined();
    expect(reader.readCpuSeconds(pid)).toBeUndefined();
    expect(() => {
      reader.finishRound();
    }).toThrow(/EACCES/);
    reader.finishRound();
    change((fields) => {
      fields[21] = '987654';
    });
    // It was not asked for in the round before: what was known of it is forgotten.
    expect(read()?.command).toBe('first');
  });

  test('keeps its start time over a round in which it could not be looked at', () => {
    const { pid, path, overlay, reader, read, change } = setUp();
    read();
    overlay.set(path, { errno: 'EACCES' });
    expect(() => read()).toThrow(/EACCES/);
    change((fields) => {
      fields[21] = '987654';
    });
    expect(read()).toEqual({ pid, command: undefined });
    expect(reader.readTargets(undefined).size).toBe(0);
  });
});

test('physical memory has no processes', () => {
  const { pid, reader } = setUp();
  const state = makeState(pid);
  const contexts = [{ ...state.contexts[0]!, operations: 'paddr' }];
  expect(reader.readTargets({ ...state, contexts }).size).toBe(0);
});

test('the CPU time of a thread that is gone is unknown', () => {
  const { kernel, pid, reader } = setUp();
  kernel.advance(1_000_000_000n);
  expect(reader.readCpuSeconds(pid)).toBeGreaterThan(0);
  kernel.kill(pid);
  expect(reader.readCpuSeconds(pid)).toBeUndefined();
});
