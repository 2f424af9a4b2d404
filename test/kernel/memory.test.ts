import { describe, expect, test } from 'vitest';
import { parseSystemRam, readSystemRam, readTotalMemoryBytes } from '../../src/kernel/memory.ts';
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

  test('a machine without System RAM is refused', () => {
    const { fs } = createFixtureKernel({ 'proc/iomem': '00000000-00000fff : Reserved\n' });
    expect(() => readSystemRam(fs)).toThrow(/found no "System RAM"/);
  });

  test('total memory is in bytes', () => {
    const { fs } = createFixtureKernel({ 'proc/meminfo': 'MemTotal:       16316412 kB\n' });
    expect(readTotalMemoryBytes(fs)).toBe(16_316_412n * 1024n);
    const { fs: empty } = createFixtureKernel({ 'proc/meminfo': '' });
    expect(() => readTotalMemoryBytes(empty)).toThrow(/MemTotal/);
  });
});
