import { KernelError } from '../base/errors.ts';
import { parseUint64 } from '../base/uint64.ts';
import type { AddrRange } from '../damon/spec.ts';
import type { MachineMemory } from '../damon/watermarks.ts';
import type { KernelFs } from './kernelFs.ts';

/**
 * The top-level `System RAM` ranges of `/proc/iomem`, ends exclusive. Unprivileged readers get
 * zeros for all addresses, which come out here as ranges of one byte.
 */
export function parseSystemRam(iomem: string): AddrRange[] {
  return Array.from(
    iomem.matchAll(/^([0-9a-f]+)-([0-9a-f]+) : System RAM$/gm),
    ([, start, end]) => ({
      startAddr: BigInt(`0x${start ?? ''}`),
      endAddr: BigInt(`0x${end ?? ''}`) + 1n,
    }),
  );
}

/**
 * Where memory lies physically: what a `paddr` target is given as initial regions.
 *
 * Files: `/proc/iomem`
 *
 * @throws KernelError when there is none, or when the kernel hides the addresses.
 */
export function readSystemRam(fs: KernelFs): AddrRange[] {
  const ranges = parseSystemRam(fs.readText('proc/iomem'));
  const path = fs.describePath('proc/iomem');
  if (ranges.length === 0) {
    throw new KernelError({ operation: 'read', path, hint: 'found no "System RAM" line' });
  }
  if (ranges.every(({ endAddr }) => endAddr <= 1n)) {
    throw new KernelError({
      operation: 'read',
      path,
      errno: 'EPERM',
      hint: 'the kernel shows addresses as 0; run as root or with CAP_SYS_ADMIN',
    });
  }
  return ranges;
}

function parseMeminfoBytes(meminfo: string, name: string, path: string): bigint {
  const match = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo);
  if (match?.[1] === undefined) {
    throw new KernelError({ operation: 'read', path, hint: `found no "${name}" line` });
  }
  return parseUint64(match[1], name) * 1024n;
}

/**
 * How much memory there is, and how much of it nobody uses, not even as a cache.
 *
 * Files: `/proc/meminfo`
 */
export function readMachineMemory(fs: KernelFs): MachineMemory {
  const meminfo = fs.readText('proc/meminfo');
  const path = fs.describePath('proc/meminfo');
  return {
    totalBytes: parseMeminfoBytes(meminfo, 'MemTotal', path),
    freeBytes: parseMeminfoBytes(meminfo, 'MemFree', path),
  };
}
