import { describe, expect, test } from 'vitest';
import type { KernelFs } from '../../src/kernel/kernelFs.ts';
import { readNodeRam } from '../../src/kernel/numa.ts';
import { createFixtureKernel } from '../support/fixtureTree.ts';

const MIB = 1n << 20n;

/** Two nodes of 128 MiB blocks; node 1 also has one beyond what is System RAM. */
function createKernel(change: Readonly<Record<string, string>> = {}): KernelFs {
  const blocks = [
    ['node0', [0, 1]],
    ['node1', [2, 4, 10]],
  ] as const;
  const files: [string, string][] = blocks.flatMap(([node, numbers]) =>
    numbers.map((number): [string, string] => [
      `sys/devices/system/node/${node}/memory${number}/`,
      '',
    ]),
  );
  return createFixtureKernel({
    ...Object.fromEntries(files),
    'sys/devices/system/node/node2/': '',
    'sys/devices/system/memory/block_size_bytes': '8000000\n',
    'proc/iomem': [
      '00000000-00000fff : Reserved',
      '00001000-0fffffff : System RAM',
      '10000000-27ffffff : System RAM',
      '',
    ].join('\n'),
    ...change,
  }).fs;
}

describe('the memory of a NUMA node', () => {
  test('is the System RAM in its blocks, neighbours joined', () => {
    expect(readNodeRam(createKernel(), [0])).toEqual([{ startAddr: 4096n, endAddr: 256n * MIB }]);
    expect(readNodeRam(createKernel(), [1])).toEqual([
      { startAddr: 256n * MIB, endAddr: 384n * MIB },
      { startAddr: 512n * MIB, endAddr: 640n * MIB },
    ]);
  });

  test('of several nodes is in order of address', () => {
    const ranges = readNodeRam(createKernel(), [1, 0]);
    expect(ranges.map(({ startAddr }) => startAddr / MIB)).toEqual([0n, 256n, 512n]);
  });

  test.each<[string, number, Record<string, string>, RegExp]>([
    ['that does not exist', 7, {}, /NUMA node 7: this machine has node0, node1, node2/],
    ['without memory', 2, {}, /NUMA node 2: it has none/],
    [
      'where blocks have no size',
      0,
      { 'sys/devices/system/memory/block_size_bytes': '0\n' },
      /block_size_bytes: found "0"/,
    ],
  ])('is refused for one %s', (_title, node, change, message) => {
    expect(() => readNodeRam(createKernel(change), [node])).toThrow(message);
  });
});
