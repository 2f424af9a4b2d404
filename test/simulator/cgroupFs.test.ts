import { expect, test } from 'vitest';
import { createDemoKernel } from '../../src/simulator/demoScene.ts';
import { identifyCgroups } from '../../src/kernel/cgroups.ts';

const { fs } = createDemoKernel({ seed: 1, speed: 1, version: '7.2', scene: 'idle' });

test('control groups hold the processes that run, and one without any is not there', () => {
  expect(fs.readText('sys/fs/cgroup/cgroup.controllers')).toContain('memory');
  expect(fs.readText('sys/fs/cgroup/system.slice/batch.service/cgroup.procs')).toBe('818\n');
  expect(fs.list('sys/fs/cgroup').sort()).toEqual([
    'cgroup.controllers',
    'cgroup.procs',
    'system.slice',
  ]);
  expect(fs.exists('sys/fs/cgroup/system.slice/ssh.service')).toBe(false);
});

test('the product can tell which of them are there', () => {
  const paths = ['/', '/system.slice', '/system.slice/batch.service', '/system.slice/batch'];
  const found = identifyCgroups(fs, paths);
  expect([...(found?.values() ?? [])].map((id) => id !== undefined)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
