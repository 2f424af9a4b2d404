import { KernelError } from '../base/errors.ts';
import type { AddrRange } from '../damon/spec.ts';
import { ifPresent, trimAttribute } from './attribute.ts';
import type { KernelFs } from './kernelFs.ts';
import { readSystemRam } from './memory.ts';

const MEMORY = 'sys/devices/system/memory';
const NODES = 'sys/devices/system/node';

function readBlockBytes(fs: KernelFs): bigint {
  const path = `${MEMORY}/block_size_bytes` as const;
  const text = trimAttribute(fs.readText(path));
  if (/^[0-9a-f]{1,16}$/.test(text) && BigInt(`0x${text}`) > 0n) return BigInt(`0x${text}`);
  throw new KernelError({
    operation: 'read',
    path: fs.describePath(path),
    hint: `found "${text}", expected a number of bytes in hexadecimal digits`,
  });
}

function readBlockNumbers(fs: KernelFs, node: number): bigint[] {
  const names = ifPresent(() => fs.list(`${NODES}/node${node}`));
  const blocks = (names ?? []).flatMap((name) => /^memory(\d+)$/.exec(name)?.[1] ?? []);
  if (blocks.length > 0) return blocks.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
  const nodes = (ifPresent(() => fs.list(NODES)) ?? []).filter((name) => /^node\d+$/.test(name));
  throw new KernelError({
    operation: 'find the memory of NUMA node',
    path: String(node),
    hint:
      names === undefined
        ? `this machine has ${nodes.length === 0 ? 'no nodes' : nodes.sort().join(', ')}`
        : 'it has none',
  });
}

function intersect(range: AddrRange, others: readonly AddrRange[]): AddrRange[] {
  return others
    .map(({ startAddr, endAddr }) => ({
      startAddr: startAddr > range.startAddr ? startAddr : range.startAddr,
      endAddr: endAddr < range.endAddr ? endAddr : range.endAddr,
    }))
    .filter(({ startAddr, endAddr }) => startAddr < endAddr);
}

function joinAdjacent(ranges: readonly AddrRange[]): AddrRange[] {
  const joined: AddrRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last?.endAddr === range.startAddr) {
      joined[joined.length - 1] = { startAddr: last.startAddr, endAddr: range.endAddr };
    } else {
      joined.push(range);
    }
  }
  return joined;
}

/**
 * System RAM that belongs to any of the NUMA nodes, in order of address. The kernel tells it by
 * memory blocks, of 128 MiB and more: one that two nodes share counts for both.
 *
 * Files: `/sys/devices/system/node/node<N>/memory<M>`,
 * `/sys/devices/system/memory/block_size_bytes`, `/proc/iomem`
 *
 * @throws KernelError for a node that does not exist or has no memory.
 */
export function readNodeRam(fs: KernelFs, nodes: readonly number[]): readonly AddrRange[] {
  const blockBytes = readBlockBytes(fs);
  const numbers = new Set(nodes.flatMap((node) => readBlockNumbers(fs, node)));
  const blocks = [...numbers]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((number) => ({
      startAddr: number * blockBytes,
      endAddr: (number + 1n) * blockBytes,
    }));
  const ram = readSystemRam(fs);
  return joinAdjacent(blocks).flatMap((block) => intersect(block, ram));
}
