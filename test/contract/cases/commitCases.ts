import assert from 'node:assert/strict';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import {
  command,
  CONTEXT,
  eventually,
  hasCapability,
  readState,
  SCHEME,
  tryCommand,
  write,
} from '../damonFiles.ts';
import { readStats, updateCounter, updateTriedRegions } from '../schemeResults.ts';
import { monitorProcess, stageScheme } from '../stage.ts';

const ATTRS: KernelPath = `${CONTEXT}/monitoring_attrs`;

/** What makes a staged context impossible, and what kernels that check answer to its commit. */
const BAD_COMMITS: readonly (readonly [
  what: string,
  refusal: string,
  writes: readonly (readonly [path: KernelPath, value: number | string])[],
])[] = [
  ['min above max', 'EINVAL', [[`${ATTRS}/nr_regions/min`, 2000]]],
  ['min below 3', 'EINVAL', [[`${ATTRS}/nr_regions/min`, 2]]],
  ['sampling longer than aggregation', 'EINVAL', [[`${ATTRS}/intervals/sample_us`, 200_000]]],
  ['pid of nobody', 'EINVAL', [[`${CONTEXT}/targets/0/pid_target`, 99_999_999]]],
  [
    'memory cgroup that is not there',
    'ENOMEM',
    [
      [`${SCHEME}/filters/nr_filters`, 1],
      [`${SCHEME}/filters/0/type`, 'memcg'],
    ],
  ],
];

async function countRegions(kernel: ContractKernel): Promise<number> {
  return (await updateTriedRegions(kernel)).length;
}

export const COMMIT_CASES: readonly ContractCase[] = [
  {
    name: 'what is written below a running kdamond takes effect at the commit',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await eventually(kernel, 'regions', async () => (await countRegions(kernel)) > 1);
      // No region is that often accessed: 20 samples fit into an aggregation.
      write(kernel, `${SCHEME}/access_pattern/nr_accesses/min`, 1000);
      assert.ok((await countRegions(kernel)) > 1, 'before the commit');
      await command(kernel, 'commit');
      await eventually(kernel, 'no region', async () => (await countRegions(kernel)) === 0);
      assert.equal(readState(kernel).state, 'on');
    },
  },
  {
    name: 'intervals can be committed',
    run: async (kernel) => {
      await monitorProcess(kernel);
      write(kernel, `${ATTRS}/intervals/sample_us`, 1000);
      write(kernel, `${ATTRS}/intervals/aggr_us`, 200_000);
      await command(kernel, 'commit');
      await eventually(kernel, 'more than 20 accesses per aggregation', async () =>
        (await updateTriedRegions(kernel)).some(({ nrAccesses }) => nrAccesses > 20),
      );
    },
  },
  {
    name: 'a commit that cannot work is refused, or before 7.2 ends the kdamond',
    run: async (kernel) => {
      for (const [what, refusal, writes] of BAD_COMMITS) {
        await monitorProcess(kernel);
        for (const [path, value] of writes) write(kernel, path, value);
        const isChecked = hasCapability(kernel, 'checked_commit');
        assert.equal(await tryCommand(kernel, 'commit'), isChecked ? refusal : 'ok', what);
        await kernel.sleep(100);
        assert.equal(readState(kernel).state, isChecked ? 'on' : 'off', what);
        if (isChecked) {
          const before = await updateCounter(kernel, 'nr_tried');
          await eventually(
            kernel,
            'going on',
            async () => (await updateCounter(kernel, 'nr_tried')) > before,
          );
          await command(kernel, 'off');
        }
      }
    },
  },
  {
    name: 'a commit without targets ends a vaddr kdamond',
    run: async (kernel) => {
      await monitorProcess(kernel);
      write(kernel, `${CONTEXT}/targets/nr_targets`, 0);
      await command(kernel, 'commit');
      await eventually(kernel, 'state off', () => readState(kernel).state === 'off');
    },
  },
  {
    name: 'counters survive a commit and go with their scheme',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await eventually(
        kernel,
        'counting',
        async () => (await updateCounter(kernel, 'nr_tried')) > 20n,
      );
      const before = await updateCounter(kernel, 'nr_tried');
      write(kernel, `${SCHEME}/access_pattern/age/max`, 1000);
      await command(kernel, 'commit');
      assert.ok((await updateCounter(kernel, 'nr_tried')) >= before, 'after a commit');

      write(kernel, `${CONTEXT}/schemes/nr_schemes`, 1);
      stageScheme(kernel, 0, {});
      assert.equal(readStats(kernel)['nr_tried'], 0n, 'files made anew');
      assert.ok((await updateCounter(kernel, 'nr_tried')) >= before, 'the scheme is still there');

      write(kernel, `${CONTEXT}/schemes/nr_schemes`, 0);
      await command(kernel, 'commit');
      write(kernel, `${CONTEXT}/schemes/nr_schemes`, 1);
      stageScheme(kernel, 0, { minNrAccesses: 1000 });
      await command(kernel, 'commit');
      assert.equal(await updateCounter(kernel, 'nr_tried'), 0n, 'another scheme');
    },
  },
];
