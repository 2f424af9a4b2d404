import { describe, expect, test } from 'vitest';
import { SCHEME, createTestKernel, read, stage, write } from '../support/simulation.ts';

describe('a kernel made to misbehave', () => {
  test('fails single operations with the errno asked for', () => {
    const kernel = createTestKernel({
      intercept: (operation, path) =>
        operation === 'read' && path.endsWith('/operations') ? { errno: 'EIO' } : undefined,
    });
    stage(kernel, {});
    expect(() => read(kernel, 'contexts/0/operations')).toThrow(/read simulated:.*operations: EIO/);
    write(kernel, { 'contexts/0/operations': 'paddr' });
  });

  test('refuses everything of root to others', () => {
    const { fs } = createTestKernel({ isUnprivileged: true });
    expect(() => fs.readText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds')).toThrow(/EACCES/);
    expect(() => fs.readText('trace/available_events')).toThrow(/EACCES/);
    expect(fs.readText('proc/sys/kernel/osrelease')).toBe('7.2.0-simulated\n');
    expect(fs.list('sys/kernel/mm/damon/admin')).toEqual(['kdamonds']);
  });

  test('SCHEME paths exist only while there are schemes', () => {
    const kernel = createTestKernel();
    stage(kernel, {});
    expect(kernel.fs.exists(SCHEME)).toBe(true);
    write(kernel, { 'contexts/0/schemes/nr_schemes': '0' });
    expect(kernel.fs.exists(SCHEME)).toBe(false);
    expect(() => kernel.fs.list(SCHEME)).toThrow(/ENOENT/);
  });
});
