import { describe, expect, test } from 'vitest';
import { computeOwners, type KdamondClaims } from '../../src/kernel/owners.ts';
import type { ProcessStat } from '../../src/kernel/processes.ts';

function createThread(pid: number, comm = 'kdamond.0'): ProcessStat {
  const group = { groupId: 0, foregroundGroupId: undefined };
  return { pid, comm, state: 'I', ...group, isKernelThread: true, cpuSeconds: 0, startTicks: 1 };
}

function createClaims(claims: Partial<KdamondClaims>): KdamondClaims {
  return {
    kdamonds: [],
    damonStat: undefined,
    modules: [],
    threads: [],
    ownIndexes: new Set(),
    ...claims,
  };
}

describe('whose kdamond it is', () => {
  test.each<[string, Partial<KdamondClaims>, unknown]>([
    ['nobody runs', {}, []],
    [
      'sysfs, ours and somebody else’s, one of them off',
      {
        kdamonds: [
          { index: 0, isRunning: true, pid: 10 },
          { index: 1, isRunning: true, pid: 11 },
          { index: 2, isRunning: false, pid: undefined },
        ],
        threads: [createThread(10), createThread(11, 'kdamond.1')],
        ownIndexes: new Set([1]),
      },
      [
        { label: '0', owner: 'sysfs', pid: 10 },
        { label: '1', owner: 'own', pid: 11 },
        { label: '2', owner: 'sysfs', pid: undefined },
      ],
    ],
    [
      'DAMON_STAT that tells its thread (7.2)',
      { damonStat: { isEnabled: true, kdamondPid: 50 }, threads: [createThread(50)] },
      [{ label: 'damon_stat', owner: 'damon_stat', pid: 50 }],
    ],
    [
      'DAMON_STAT that does not (6.17)',
      { damonStat: { isEnabled: true, kdamondPid: undefined }, threads: [createThread(50)] },
      [{ label: 'damon_stat', owner: 'damon_stat', pid: 50 }],
    ],
    [
      'DAMON_STAT off and a thread nobody claims',
      { damonStat: { isEnabled: false, kdamondPid: undefined }, threads: [createThread(50)] },
      [{ label: 'kdamond.0', owner: 'unknown', pid: 50 }],
    ],
    [
      'a module that runs, one that does not',
      {
        modules: [
          { name: 'damon_reclaim', isEnabled: true, kdamondPid: 60 },
          { name: 'damon_lru_sort', isEnabled: false, kdamondPid: undefined },
        ],
        threads: [createThread(60)],
      },
      [{ label: 'damon_reclaim', owner: 'damon_reclaim', pid: 60 }],
    ],
  ])('%s', (_, claims, refs) => {
    expect(computeOwners(createClaims(claims))).toEqual(refs);
  });
});
