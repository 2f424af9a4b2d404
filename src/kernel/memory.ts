import { KernelError } from '../base/errors.ts';
import { parseUint64 } from '../base/uint64.ts';
import type { AddrRange } from '../damon/spec.ts';
import type { MachineMemory } from '../damon/watermarks.ts';
import { ifPresent, trimAttribute } from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

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

const FIRMWARE_MAP = 'sys/firmware/memmap';

/**
 * What the firmware told the kernel at boot: the same without the page at 0. Everybody may read it,
 * but only x86 has it. Undefined where it is absent or no range of it is memory.
 *
 * Files: `/sys/firmware/memmap/<N>/{start,end,type}`
 */
function readFirmwareRam(fs: KernelFs): AddrRange[] | undefined {
  const read = (path: KernelPath): string => trimAttribute(fs.readText(path));
  const readAddr = (path: KernelPath): bigint => {
    const text = read(path);
    if (/^0x[0-9a-f]{1,16}$/.test(text)) return BigInt(text);
    throw new KernelError({
      operation: 'read',
      path: fs.describePath(path),
      hint: `found "${text}", expected an address such as 0x100000`,
    });
  };
  const ranges = (ifPresent(() => fs.list(FIRMWARE_MAP)) ?? [])
    .filter((name) => read(`${FIRMWARE_MAP}/${name}/type`) === 'System RAM')
    .map((name) => ({
      startAddr: readAddr(`${FIRMWARE_MAP}/${name}/start`),
      endAddr: readAddr(`${FIRMWARE_MAP}/${name}/end`) + 1n,
    }))
    .sort((a, b) => (a.startAddr < b.startAddr ? -1 : 1));
  return ranges.length === 0 ? undefined : ranges;
}

/**
 * Where memory lies physically: what a `paddr` target is given as initial regions. Where the kernel
 * hides that in `/proc/iomem`, from everybody without CAP_SYS_ADMIN, the firmware's map is asked.
 *
 * Files: `/proc/iomem`, `/sys/firmware/memmap/<N>/{start,end,type}`
 *
 * @throws KernelError when there is none, or when the kernel hides the addresses.
 */
export function readSystemRam(fs: KernelFs): AddrRange[] {
  const ranges = parseSystemRam(fs.readText('proc/iomem'));
  const path = fs.describePath('proc/iomem');
  if (ranges.length === 0) {
    throw new KernelError({ operation: 'read', path, hint: 'found no "System RAM" line' });
  }
  if (ranges.some(({ endAddr }) => endAddr > 1n)) return ranges;
  const firmwareRanges = readFirmwareRam(fs);
  if (firmwareRanges !== undefined) return firmwareRanges;
  throw new KernelError({
    operation: 'read',
    path,
    errno: 'EPERM',
    hint: `the kernel shows addresses as 0, and ${fs.describePath(FIRMWARE_MAP)} tells none; run with CAP_SYS_ADMIN, or name the ranges`,
  });
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
