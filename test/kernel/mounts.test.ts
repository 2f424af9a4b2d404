import { describe, expect, test } from 'vitest';
import { parseMounts, readKernelMounts } from '../../src/kernel/mounts.ts';
import { createFixtureKernel } from '../support/fixtureTree.ts';

function readMountsOf(text: string) {
  return readKernelMounts(createFixtureKernel({ 'proc/mounts': text }).fs);
}

describe('mounts', () => {
  test('lines are taken apart, escapes undone, other lines left out', () => {
    expect(parseMounts('sysfs /a\\040b sysfs ro,nosuid 0 0\n\nnonsense\n')).toEqual([
      { type: 'sysfs', mountPoint: '/a b', isReadOnly: true },
    ]);
  });

  test('usual places are preferred to bind mounts elsewhere', () => {
    const mounts = readMountsOf(
      [
        'sysfs /host/sys sysfs ro 0 0',
        'sysfs /sys sysfs rw 0 0',
        'tracefs /sys/kernel/debug/tracing tracefs rw 0 0',
        'tracefs /sys/kernel/tracing tracefs rw 0 0',
      ].join('\n'),
    );
    expect(mounts.sysfs).toMatchObject({ mountPoint: '/sys', isReadOnly: false });
    expect(mounts.tracefs?.mountPoint).toBe('/sys/kernel/tracing');
    expect(mounts.debugfs).toBeUndefined();
  });

  test('a sysfs found only elsewhere is used there', () => {
    const mounts = readMountsOf('sysfs /host/sys sysfs ro 0 0\n');
    expect(mounts.sysfs).toMatchObject({ mountPoint: '/host/sys', isReadOnly: true });
    expect(mounts.tracefs).toBeUndefined();
  });

  test('with debugfs alone, tracefs is where the kernel mounts it inside', () => {
    const mounts = readMountsOf('debugfs /sys/kernel/debug debugfs rw 0 0\n');
    expect(mounts.tracefs?.mountPoint).toBe('/sys/kernel/debug/tracing');
  });

  test('of two mounts on one place the later is the visible one', () => {
    const mounts = readMountsOf('sysfs /sys sysfs rw 0 0\nsysfs /sys sysfs ro 0 0\n');
    expect(mounts.sysfs?.isReadOnly).toBe(true);
  });
});
