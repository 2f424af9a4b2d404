import { describe, expect, test } from 'vitest';
import { parseSystemRam, readMachineMemory, readSystemRam } from '../../src/kernel/memory.ts';
import { createFixtureKernel } from '../support/fixtureTree.ts';

const IOMEM = `00000000-00000fff : Reserved
00001000-0009fbff : System RAM
00100000-bfffffff : System RAM
  01000000-0220bb07 : Kernel code
c0001000-eebfffff : PCI Bus 0000:00
  c0002000-c0003000 : System RAM
100000000-ff00000000000 : System RAM
`;

describe('physical memory', () => {
  test('only top-level System RAM counts, ends are exclusive', () => {
    expect(parseSystemRam(IOMEM)).toEqual([
      { startAddr: 0x1000n, endAddr: 0x9fc00n },
      { startAddr: 0x10_0000n, endAddr: 0xc000_0000n },
      { startAddr: 0x1_0000_0000n, endAddr: 0xff00_0000_0000_1n },
    ]);
  });

  test('hidden addresses are a matter of permission', () => {
    const { fs } = createFixtureKernel({
      'proc/iomem': '00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n',
    });
    expect(() => readSystemRam(fs)).toThrow(/iomem: EPERM; .*CAP_SYS_ADMIN/);
  });

  test('where addresses are hidden the map of the firmware tells them', () => {
    const { fs } = createFixtureKernel({
      'proc/iomem': '00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n',
      'sys/firmware/memmap/0/start': '0x100000000\n',
      'sys/firmware/memmap/0/end': '0x63fffffff\n',
      'sys/firmware/memmap/0/type': 'System RAM\n',
      'sys/firmware/memmap/1/start': '0x9fc00\n',
      'sys/firmware/memmap/1/end': '0xfffff\n',
      'sys/firmware/memmap/1/type': 'Reserved\n',
      'sys/firmware/memmap/2/start': '0x100000\n',
      'sys/firmware/memmap/2/end': '0xbfffffff\n',
      'sys/firmware/memmap/2/type': 'System RAM\n',
    });
    expect(readSystemRam(fs)).toEqual([
      { startAddr: 0x10_0000n, endAddr: 0xc000_0000n },
      { startAddr: 0x1_0000_0000n, endAddr: 0x6_4000_0000n },
    ]);
  });

  test('a machine without System RAM is refused', () => {
    const { fs } = createFixtureKernel({ 'proc/iomem': '00000000-00000fff : Reserved\n' });
    expect(() => readSystemRam(fs)).toThrow(/found no "System RAM"/);
  });

  test('total and free memory are in bytes', () => {
    const meminfo = 'MemTotal:       16316412 kB\nMemFree:          204800 kB\nBuffers: 1 kB\n';
    const { fs } = createFixtureKernel({ 'proc/meminfo': meminfo });
    expect(readMachineMemory(fs)).toEqual({
      totalBytes: 16_316_412n * 1024n,
      freeBytes: 204_800n * 1024n,
    });
  });

  test.each([
    ['', /meminfo.*MemTotal/],
    ['MemTotal: 1 kB\n', /meminfo.*MemFree/],
    ['MemTotal: 1 pages\nMemFree: 1 kB\n', /meminfo.*MemTotal/],
  ])('what /proc/meminfo should tell and does not is named: %j', (meminfo, message) => {
    const { fs } = createFixtureKernel({ 'proc/meminfo': meminfo });
    expect(() => readMachineMemory(fs)).toThrow(message);
  });
});
