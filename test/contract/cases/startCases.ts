import assert from 'node:assert/strict';
import { KDAMONDS } from '../../../src/kernel/kdamonds.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import {
  command,
  CONTEXT,
  eventually,
  read,
  readState,
  SCHEME,
  tryCommand,
  write,
} from '../damonFiles.ts';
import { readTotalBytes, updateTriedRegions } from '../schemeResults.ts';
import { monitorProcess, stageKdamond, type Stage } from '../stage.ts';

const MIB = 2n ** 20n;
/** Above any limit of the kernels under test. */
const NOBODY = 99_999_999;

async function tryStart(kernel: ContractKernel, stage: Stage): Promise<string> {
  stageKdamond(kernel, stage);
  const outcome = await tryCommand(kernel, 'on');
  assert.equal(readState(kernel).state, outcome === 'ok' ? 'on' : 'off');
  if (outcome === 'ok') await command(kernel, 'off');
  return outcome;
}

export const START_CASES: readonly ContractCase[] = [
  {
    name: 'on starts a thread and off ends it',
    run: async (kernel) => {
      await monitorProcess(kernel);
      const { state, pid } = readState(kernel);
      assert.equal(state, 'on');
      assert.match(pid, /^[1-9]\d*$/);
      assert.equal(read(kernel, `proc/${Number(pid)}/comm`), 'kdamond.0');
      await command(kernel, 'off');
      assert.deepEqual(readState(kernel), { state: 'off', pid: '-1' });
      await eventually(kernel, 'thread gone', () => !kernel.fs.exists(`proc/${Number(pid)}/comm`));
    },
  },
  {
    name: 'on refuses what cannot be monitored',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 2);
      const region = (start: bigint, end: bigint) => [start * MIB, end * MIB] as const;
      const paddr = (...ranges: (readonly [bigint, bigint])[]): Stage => ({
        operations: 'paddr',
        ranges,
      });
      const refused: [what: string, stage: Stage][] = [
        ['pid of nobody', { pids: [NOBODY] }],
        ['pid never written', { pids: [0] }],
        ['one of two pids of nobody', { pids: [pid, NOBODY] }],
        ['min below 3', { pids: [pid], minNrRegions: 2 }],
        ['min above max', { pids: [pid], minNrRegions: 20, maxNrRegions: 10 }],
        ['sampling longer than aggregation', { pids: [pid], sampleIntervalUs: 200_000 }],
        ['empty region', paddr(region(1n, 1n))],
        ['region that ends before it starts', paddr(region(2n, 1n))],
        ['overlapping regions', paddr(region(1n, 3n), region(2n, 4n))],
        ['unsorted regions', paddr(region(3n, 4n), region(1n, 2n))],
      ];
      for (const [what, stage] of refused) {
        assert.equal(await tryStart(kernel, stage), 'EINVAL', what);
      }
    },
  },
  {
    name: 'on takes what merely looks odd',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 2);
      const region = (start: bigint, end: bigint) => [start, end] as const;
      const taken: [what: string, stage: Stage][] = [
        ['no scheme', { pids: [pid], schemes: [] }],
        ['3 regions', { pids: [pid], minNrRegions: 3, maxNrRegions: 3 }],
        ['sampling as long as aggregation', { pids: [pid], sampleIntervalUs: 100_000 }],
        [
          'touching regions',
          { operations: 'paddr', ranges: [region(MIB, 2n * MIB), region(2n * MIB, 3n * MIB)] },
        ],
        ['unaligned region', { operations: 'paddr', ranges: [region(MIB + 1n, 2n * MIB + 7n)] }],
        [
          'an action that these operations lack',
          { pids: [pid], schemes: [{ action: 'lru_prio' }] },
        ],
        [
          'applying more often than sampling',
          { pids: [pid], schemes: [{ applyIntervalUs: 1000 }] },
        ],
      ];
      for (const [what, stage] of taken) assert.equal(await tryStart(kernel, stage), 'ok', what);
    },
  },
  {
    name: 'on answers ENOMEM to filters it cannot build',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 2);
      const filters: [what: string, files: Record<string, string>][] = [
        ['memory cgroup never written', { type: 'memcg' }],
        ['memory cgroup of nobody', { type: 'memcg', memcg_path: '/nobody' }],
        [
          'range that ends before it starts',
          { type: 'addr', addr_start: '8192', addr_end: '4096' },
        ],
      ];
      for (const [what, files] of filters) {
        stageKdamond(kernel, { pids: [pid] });
        write(kernel, `${SCHEME}/filters/nr_filters`, 1);
        for (const [name, value] of Object.entries(files)) {
          write(kernel, `${SCHEME}/filters/0/${name}`, value);
        }
        assert.equal(await tryCommand(kernel, 'on'), 'ENOMEM', what);
        assert.equal(readState(kernel).state, 'off', what);
      }
    },
  },
  {
    name: 'on finds a memory cgroup by its path, with or without a newline behind it',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 2);
      for (const path of ['/', '/\n']) {
        stageKdamond(kernel, { pids: [pid] });
        write(kernel, `${SCHEME}/filters/nr_filters`, 1);
        write(kernel, `${SCHEME}/filters/0/type`, 'memcg');
        write(kernel, `${SCHEME}/filters/0/memcg_path`, path);
        await command(kernel, 'on');
        await command(kernel, 'off');
      }
    },
  },
  {
    name: 'a vaddr kdamond without targets ends at once',
    run: async (kernel) => {
      stageKdamond(kernel);
      await command(kernel, 'on');
      await eventually(kernel, 'state off', () => readState(kernel).state === 'off');
      assert.equal(readState(kernel).pid, '-1');
    },
  },
  {
    name: 'a paddr kdamond without regions goes on and finds nothing',
    run: async (kernel) => {
      stageKdamond(kernel, { operations: 'paddr', ranges: [] });
      await command(kernel, 'on');
      await kernel.sleep(300);
      assert.equal(readState(kernel).state, 'on');
      assert.deepEqual(await updateTriedRegions(kernel), []);
      assert.equal(readTotalBytes(kernel), 0n);
    },
  },
  {
    name: 'two kdamonds run side by side and end one by one',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 2);
      write(kernel, `${KDAMONDS}/nr_kdamonds`, 2);
      for (const index of [0, 1]) {
        write(kernel, `${KDAMONDS}/${index}/contexts/nr_contexts`, 1);
        write(kernel, `${KDAMONDS}/${index}/contexts/0/targets/nr_targets`, 1);
        write(kernel, `${KDAMONDS}/${index}/contexts/0/targets/0/pid_target`, pid);
        await command(kernel, 'on', index);
      }
      assert.notEqual(readState(kernel, 0).pid, readState(kernel, 1).pid);
      await command(kernel, 'off', 0);
      assert.equal(readState(kernel, 0).state, 'off');
      assert.equal(readState(kernel, 1).state, 'on');
    },
  },
  {
    name: 'a context that was never configured monitors by virtual addresses',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 2);
      write(kernel, `${KDAMONDS}/nr_kdamonds`, 1);
      assert.equal(await tryCommand(kernel, 'on'), 'EINVAL', 'without context');
      write(kernel, `${KDAMONDS}/0/contexts/nr_contexts`, 1);
      write(kernel, `${CONTEXT}/targets/nr_targets`, 1);
      write(kernel, `${CONTEXT}/targets/0/pid_target`, pid);
      await command(kernel, 'on');
      assert.equal(readState(kernel).state, 'on');
    },
  },
];
