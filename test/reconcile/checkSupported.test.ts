import { expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { KdamondSpec, Operations, SchemeSpec } from '../../src/damon/spec.ts';
import {
  createOwnershipDeps,
  createOwnershipKernel,
  makeOwnSpec,
  startOwn,
} from '../support/ownership.ts';
import { readDamonTree } from '../support/sysfsTree.ts';

const ANON = { type: 'anon', isMatching: false, isAllowing: false };

test.each<[string, string, Operations, Partial<SchemeSpec>, RegExp]>([
  [
    'an action of processes for physical memory',
    '7.2',
    'paddr',
    { action: 'cold' },
    /scheme mine.*the kernel does nothing for cold with physical memory/,
  ],
  [
    'counting what a filter leaves, before Linux 6.14',
    '6.12',
    'paddr',
    { filters: [ANON] },
    /scheme mine: this kernel does not count what a filter by anon leaves \(Linux 6\.14\)/,
  ],
  [
    'counting what a filter leaves of the memory of processes, before Linux 6.19',
    '6.18',
    'vaddr',
    { filters: [ANON] },
    /scheme mine: before Linux 6\.19 kernels do not judge a filter by anon in the memory of processes/,
  ],
  [
    'migrating the memory of processes, before Linux 6.17',
    '6.12',
    'vaddr',
    { action: 'migrate_hot', targetNid: 0 },
    /does not do migrate_hot .*Linux 6\.17/,
  ],
])('%s is refused, and nothing stays', async (_title, version, operations, scheme, message) => {
  const kernel = createOwnershipKernel({ version });
  const before = readDamonTree(kernel.fs);
  const [context] = makeOwnSpec(kernel).contexts;
  const regions = [{ startAddr: 4096n, endAddr: 1n << 30n }];
  const spec: KdamondSpec = {
    contexts: [
      {
        ...context!,
        operations,
        ...(operations === 'paddr' && { targets: [{ regions }] }),
        schemes: [{ ...CATCH_ALL_STAT, name: 'mine', ...scheme }],
      },
    ],
  };
  const started = startOwn(kernel, createOwnershipDeps(kernel), { spec });
  await expect(started).rejects.toThrow(message);
  expect(readDamonTree(kernel.fs)).toEqual(before);
});
