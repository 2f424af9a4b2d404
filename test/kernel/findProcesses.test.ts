import { describe, expect, test } from 'vitest';
import type { ProcessSelector } from '../../src/damon/targetSelector.ts';
import { findProcesses } from '../../src/kernel/findProcesses.ts';
import { createFixtureKernel } from '../support/fixtureTree.ts';

interface TestProcess {
  readonly pid: number;
  readonly comm: string;
  readonly arguments?: readonly string[];
  readonly uid?: number;
  readonly cgroup?: string;
  readonly startTicks?: number;
  readonly state?: string;
  readonly flags?: number;
}

function createFiles(process: TestProcess): [string, string][] {
  const { pid, comm, state = 'S', flags = 0x400000, startTicks = 100 + pid } = process;
  const stat = `${pid} (${comm}) ${state} 1 1 1 0 -1 ${flags} 1 2 3 4 1 1 7 8 20 0 1 0 ${startTicks} 1 1\n`;
  return [
    [`proc/${pid}/stat`, stat],
    [`proc/${pid}/cmdline`, (process.arguments ?? [comm]).map((word) => `${word}\0`).join('')],
    [`proc/${pid}/status`, `Name:\t${comm}\nUid:\t${process.uid ?? 0}\t1\t2\t3\n`],
    [`proc/${pid}/cgroup`, process.cgroup ?? '0::/\n'],
  ];
}

const PROCESSES: readonly TestProcess[] = [
  { pid: 2, comm: 'kthreadd', flags: 0x208040, arguments: [] },
  { pid: 10, comm: 'nginx', startTicks: 900, cgroup: '0::/system.slice/nginx.service\n' },
  { pid: 11, comm: 'nginx', uid: 33, cgroup: '0::/system.slice/nginx.service/worker\n' },
  {
    pid: 12,
    comm: 'java',
    arguments: ['java', '-jar', 'shop.jar'],
    uid: 1000,
    cgroup: '12:memory:/shop\n4:cpu,cpuacct:/cpu/shop\n0::/user.slice\n',
  },
  { pid: 13, comm: 'java', arguments: ['java', '-jar', 'shop.jar'], state: 'Z' },
  { pid: 14, comm: 'a-very-long-nam', cgroup: '0::/system.slice/nginx.service-old\n' },
  { pid: 15, comm: 'exporter', arguments: ['exporter', 'shop.jar'] },
];

const OPTIONS = {
  ownPid: 15,
  lookUpUser: (name: string) => ({ www: 33, shop: 1000 })[name],
  commandPids: new Map([['sleep 5', 14]]),
};

function find(selector: ProcessSelector): readonly number[] {
  const { fs } = createFixtureKernel(Object.fromEntries(PROCESSES.flatMap(createFiles)));
  return findProcesses(fs, [selector], OPTIONS)[0] ?? [];
}

describe('processes are found, oldest first,', () => {
  test.each<[string, ProcessSelector, number[]]>([
    ['by pid', { kind: 'pid', pid: 12 }, [12]],
    ['by name', { kind: 'process', name: 'nginx' }, [11, 10]],
    ['by a name longer than the kernel keeps', { kind: 'process', name: 'a-very-long-name' }, [14]],
    ['by arguments', { kind: 'process', commandLine: /-jar shop/ }, [12]],
    ['by user', { kind: 'process', user: 'www' }, [11]],
    ['by all of it', { kind: 'process', name: 'java', user: 'shop', commandLine: /shop/ }, [12]],
    [
      'by control group and below',
      { kind: 'cgroup', path: '/system.slice/nginx.service' },
      [11, 10],
    ],
    ['by control group of version 1', { kind: 'cgroup', path: 'shop/' }, [12]],
    ['by systemd unit', { kind: 'systemd_unit', unit: 'nginx.service' }, [11, 10]],
    ['by the command that was run', { kind: 'command', command: 'sleep 5' }, [14]],
  ])('%s', (_title, selector, pids) => {
    expect(find(selector)).toEqual(pids);
  });

  test.each<[string, ProcessSelector]>([
    ['a pid that is not there', { kind: 'pid', pid: 99 }],
    ['a thread of the kernel', { kind: 'pid', pid: 2 }],
    ['a zombie', { kind: 'pid', pid: 13 }],
    ['this program by its own arguments', { kind: 'process', commandLine: /exporter/ }],
    ['a user this machine does not have', { kind: 'process', user: 'nobody-at-all' }],
    ['part of a name', { kind: 'process', name: 'ngin' }],
    ['a group whose name only begins so', { kind: 'cgroup', path: '/system.slice/nginx.servic' }],
    ['a command that was not run', { kind: 'command', command: 'sleep 6' }],
  ])('but not %s', (_title, selector) => {
    expect(find(selector)).toEqual([]);
  });
});
