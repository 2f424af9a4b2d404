import { describe, expect, test } from 'vitest';
import type { KernelFs, KernelPath } from '../../src/kernel/kernelFs.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { readFixture } from '../support/fixtureTree.ts';
import {
  CONTEXT,
  KDAMOND,
  createTestKernel,
  read,
  stage,
  startVaddr,
  write,
} from '../support/simulation.ts';

const VERSIONS = ['6.12', '7.2'] as const;
const WORKLOADS = [createHotCold('hotcold', 32, 96), createHotCold('other', 16, 16)];

/** Writes 1 to every nr_* file, then lists all files with what they hold. */
function readWholeTree(fs: KernelFs, path: KernelPath): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (dir: KernelPath): void => {
    for (const name of fs.list(dir).filter((entry) => entry.startsWith('nr_'))) {
      const isCount = fs.list(dir).every((entry) => entry === name || /^\d+$/.test(entry));
      if (isCount) fs.writeText(`${dir}/${name}`, '1');
    }
    for (const name of fs.list(dir)) {
      const entry: KernelPath = `${dir}/${name}`;
      try {
        found.set(entry, fs.readText(entry));
      } catch {
        found.set(`${entry}/`, '');
        visit(entry);
      }
    }
  };
  visit(path);
  return found;
}

describe.each(VERSIONS)('the sysfs tree of %s', (version) => {
  test('has the files and defaults of the real kernel', () => {
    const { fs } = createTestKernel({ version });
    const root = 'sys/kernel/mm/damon';
    const captured = readFixture(`${version}-defaults.txt`)
      .filter(({ path }) => path !== 'admin/')
      .map(({ path, value }) => [`${root}/${path}`, path.endsWith('/') ? '' : `${value}\n`]);
    const simulated = [...readWholeTree(fs, `${root}/admin`)];
    expect(simulated.sort()).toEqual(captured.sort());
  });
});

describe.each(VERSIONS)('attributes of %s', (version) => {
  test.each([
    ['monitoring_attrs/intervals/sample_us', '0x10', '16'],
    ['monitoring_attrs/intervals/sample_us', '010', '8'],
    ['monitoring_attrs/intervals/sample_us', '+5', '5'],
    ['monitoring_attrs/intervals/sample_us', '5\n', '5'],
    ['monitoring_attrs/intervals/sample_us', '4\u00005', '4'],
    ['monitoring_attrs/intervals/sample_us', '18446744073709551615', '18446744073709551615'],
    ['monitoring_attrs/intervals/sample_us', '', '5000'],
    ['targets/0/pid_target', '-1', '-1'],
    ['schemes/0/target_nid', '-2', '-2'],
    ['operations', 'paddr\n', 'paddr'],
    ['schemes/0/filters/0/matching', '1', 'Y'],
    ['schemes/0/filters/0/memcg_path', '/none\n', '/none\n'],
  ])('%s takes %j and reads back as %j', (path, value, expected) => {
    const kernel = createTestKernel({ version });
    stage(kernel, {
      'contexts/0/targets/nr_targets': '1',
      'contexts/0/schemes/0/filters/nr_filters': '1',
    });
    write(kernel, { [`contexts/0/${path}`]: value });
    expect(read(kernel, `contexts/0/${path}`)).toBe(expected);
  });

  test.each([
    ['monitoring_attrs/intervals/sample_us', ' 5', 'EINVAL'],
    ['monitoring_attrs/intervals/sample_us', '5\n\n', 'EINVAL'],
    ['monitoring_attrs/intervals/sample_us', '-1', 'EINVAL'],
    ['monitoring_attrs/intervals/sample_us', '1e3', 'EINVAL'],
    ['monitoring_attrs/intervals/sample_us', '18446744073709551616', 'ERANGE'],
    ['schemes/0/quotas/weights/sz_permil', '5000000000', 'ERANGE'],
    ['schemes/0/quotas/bytes', '1G', 'EINVAL'],
    ['targets/0/pid_target', '4294967297', 'EINVAL'],
    ['targets/0/pid_target', 'abc', 'EINVAL'],
    ['operations', 'VADDR', 'EINVAL'],
    ['operations', 'vaddr ', 'EINVAL'],
    ['schemes/0/action', 'sta', 'EINVAL'],
    ['schemes/0/filters/0/matching', 'x', 'EINVAL'],
    ['schemes/nr_schemes', '-1', 'EINVAL'],
    ['avail_operations', 'vaddr', 'EACCES'],
    ['schemes/0/stats/nr_tried', '1', 'EACCES'],
    ['no_such_file', '1', 'ENOENT'],
  ])('%s refuses %j with %s', (path, value, errno) => {
    const kernel = createTestKernel({ version });
    stage(kernel, {
      'contexts/0/targets/nr_targets': '1',
      'contexts/0/schemes/0/filters/nr_filters': '1',
    });
    expect(() => {
      write(kernel, { [`contexts/0/${path}`]: value });
    }).toThrow(expect.objectContaining({ errno }) as Error);
  });
});

describe('nr_* files', () => {
  test('make all children anew, also when the number stays', () => {
    const kernel = createTestKernel();
    stage(kernel, { 'contexts/0/schemes/0/action': 'pageout' });
    write(kernel, { 'contexts/0/schemes/nr_schemes': '1' });
    expect(read(kernel, 'contexts/0/schemes/0/action')).toBe('stat');
    write(kernel, { 'contexts/0/schemes/nr_schemes': '0x3' });
    expect(kernel.fs.list(`${CONTEXT}/schemes`).sort()).toEqual(['0', '1', '2', 'nr_schemes']);
  });

  test('nr_contexts is 0 or 1, nr_probes at most 4', () => {
    const kernel = createTestKernel();
    stage(kernel, {});
    expect(() => {
      write(kernel, { 'contexts/nr_contexts': '2' });
    }).toThrow(/EINVAL/);
    expect(() => {
      write(kernel, { 'contexts/0/monitoring_attrs/probes/nr_probes': '5' });
    }).toThrow(/EINVAL/);
  });

  test('nr_kdamonds is busy while any kdamond runs', () => {
    const kernel = createTestKernel({ workloads: WORKLOADS });
    startVaddr(kernel);
    const nr = 'sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds';
    for (const value of ['0', '1', '2']) {
      expect(() => {
        kernel.fs.writeText(nr, value);
      }).toThrow(/EBUSY/);
    }
    write(kernel, { state: 'off' });
    kernel.fs.writeText(nr, '0');
    expect(kernel.fs.exists(KDAMOND)).toBe(false);
  });
});
