import { describe, expect, test } from 'vitest';
import { readInstanceName, removeStaleInstances } from '../../../src/kernel/trace/instanceNames.ts';
import { createFakeTracefs } from '../../support/fakeTracefs.ts';
import type { FakeTracefs } from '../../support/fakeTracefs.ts';

/** `/proc/<pid>/stat` of a process whose name does its best to confuse. */
function formatStat(pid: number, startTicks: string): string {
  const before = Array.from({ length: 18 }, (_, at) => String(at)).join(' ');
  return `${pid} (node) R 1 (x) S ${before} ${startTicks} 4096 100\n`;
}

function createFs(instances: readonly string[], processes: Record<number, string>): FakeTracefs {
  const fs = createFakeTracefs();
  for (const name of instances) fs.makeDir(`trace/instances/${name}`);
  for (const [pid, startTicks] of Object.entries(processes)) {
    fs.entries.set(`proc/${pid}/stat`, formatStat(Number(pid), startTicks));
  }
  return fs;
}

describe('the name of an instance', () => {
  test('holds pid and start of the process', () => {
    expect(readInstanceName(createFs([], { 7: '123456' }), 7)).toBe('damon-exporter-7-123456');
  });

  test('holds only the pid where /proc does not show the process', () => {
    expect(readInstanceName(createFs([], {}), 7)).toBe('damon-exporter-7');
  });
});

describe('stale instances', () => {
  test.each([
    ['of a process that is gone', 'damon-exporter-7-123', {}],
    ['of a process whose pid another one has now', 'damon-exporter-7-123', { 7: '999' }],
    ['of a process that is gone, without a start', 'damon-exporter-7', {}],
  ])('%s are removed', (_, name, processes) => {
    const fs = createFs([name], processes);
    expect(removeStaleInstances(fs)).toEqual({ removed: [name], kept: [] });
    expect(fs.list('trace/instances')).toEqual([]);
  });

  test.each([
    ['of a living exporter', 'damon-exporter-7-123', { 7: '123' }],
    ['of a living process, without a start', 'damon-exporter-7', { 7: '123' }],
    ['of somebody else', 'damon-exporter', {}],
    ['of somebody else with a similar name', 'my-damon-exporter-7-123', {}],
  ])('%s stay', (_, name, processes) => {
    const fs = createFs([name], processes);
    expect(removeStaleInstances(fs)).toEqual({ removed: [], kept: [] });
    expect(fs.list('trace/instances')).toEqual([name]);
  });

  test('that somebody has open are told of and stay', () => {
    const fs = createFs(['damon-exporter-7-1', 'damon-exporter-8-1'], {});
    fs.faults.set('remove directory trace/instances/damon-exporter-7-1', 'EBUSY');
    expect(removeStaleInstances(fs)).toEqual({
      removed: ['damon-exporter-8-1'],
      kept: ['damon-exporter-7-1'],
    });
  });

  test('that another exporter removed meanwhile are no failure', () => {
    const fs = createFs(['damon-exporter-7-1'], {});
    fs.faults.set('remove directory trace/instances/damon-exporter-7-1', 'ENOENT');
    expect(removeStaleInstances(fs)).toEqual({ removed: [], kept: [] });
  });

  test('whose process cannot be looked up stay, and that is said', () => {
    const fs = createFs(['damon-exporter-7-1'], {});
    fs.faults.set('read proc/7/stat', 'EACCES');
    expect(() => removeStaleInstances(fs)).toThrow(/proc\/7\/stat: EACCES/);
    expect(fs.list('trace/instances')).toEqual(['damon-exporter-7-1']);
  });
});
