import assert from 'node:assert/strict';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { command, CONTEXT, eventually, write } from '../../../contract/damonFiles.ts';
import { readKernelState } from '../kernelState.ts';
import { describeMapping, makeConfig, startConfigured } from './configured.ts';

const MIB = 2 ** 20;

/** Neither frees nor moves anything. */
const FED = {
  name: 'fed',
  action: 'lru_prio',
  access_pattern: { nr_accesses: { min: '0 %', max: '100 %' } },
  quotas: {
    reset_interval_ms: '200 ms',
    sz_bytes: '16 MiB',
    goals: [{ metric: 'user_input', target_value: 1000, current_value: 100 }],
  },
};
const PRESSED = {
  name: 'pressed',
  action: 'lru_deprio',
  access_pattern: { nr_accesses: { min: '0 %', max: '0 %' } },
  quotas: {
    reset_interval_ms: '200 ms',
    sz_bytes: '16 MiB',
    goals: [{ metric: 'some_mem_psi_us', target_value: 1000 }],
  },
};

async function assertQuotaGoals(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  await kernel.startProcess(16, 64);
  const exporter = await startConfigured(
    kernel,
    makeConfig({ ops: 'paddr', targets: [], schemes: [FED, PRESSED] }),
  );
  const readQuota = async (scheme: string): Promise<number> =>
    (await exporter.read('damon_scheme_effective_quota_bytes', { scheme })) ?? 0;
  // What is far from its goal is given more and more, up to the limit of size.
  for (const scheme of ['fed', 'pressed']) {
    await eventually(kernel, `the quota of ${scheme} grows to its limit`, async () => {
      const quota = await readQuota(scheme);
      assert.ok(quota <= 16 * MIB, `${scheme}: ${quota} is more than its limit`);
      return quota === 16 * MIB;
    });
  }
  write(kernel, `${CONTEXT}/schemes/0/quotas/goals/0/current_value`, 100_000);
  await command(kernel, 'commit_schemes_quota_goals');
  const told = { scheme: 'fed', metric: 'user_input' };
  await eventually(kernel, 'what is fed is told, and the quota shrinks', async () => {
    const current = await exporter.read('damon_scheme_quota_goal_current', told);
    return current === 100_000 && (await readQuota('fed')) < 8 * MIB;
  });
  // Longer than between two looks for changes by others.
  await kernel.sleep(6000);
  assert.equal(await exporter.read('damon_scheme_quota_goal_current', told), 100_000);
  assert.equal(
    await exporter.read('damon_exporter_config_drift_settings'),
    0,
    'feeding is no drift',
  );
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

/** Next to nothing is accessed, and a lot should be seen: the kernel looks longer and longer. */
async function assertIntervalsGoal(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  const process = await kernel.startProcess(1, 64);
  const goal = { access_bp: '50 %', aggrs: 3, min_sample_us: '5 ms', max_sample_us: '40 ms' };
  const exporter = await startConfigured(
    kernel,
    makeConfig({
      ...describeMapping(process),
      intervals: {
        sample_us: '5 ms',
        aggr_us: '100 ms',
        ops_update_us: '1 s',
        intervals_goal: goal,
      },
      schemes: [{ name: 'observe' }],
    }),
  );
  await eventually(kernel, 'the longest intervals there may be', async () => {
    const sample = await exporter.read('damon_sampling_interval_seconds');
    assert.ok(sample === undefined || sample <= 0.0401, `sampling interval ${sample ?? ''}`);
    return sample === 0.04;
  });
  const shown = await exporter.read('damon_aggregation_interval_seconds');
  assert.ok(shown !== undefined && shown >= 0.79, `aggregation interval ${shown ?? ''}`);
  await kernel.sleep(5000);
  assert.equal(
    await exporter.read('damon_exporter_config_drift_settings'),
    0,
    'tuning is no drift',
  );
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

export const GOAL_CASES: readonly ContractCase[] = [
  {
    name: 'quotas are tuned towards what is fed and towards memory pressure',
    needs: ['effective_quota'],
    run: assertQuotaGoals,
  },
  {
    name: 'intervals are tuned by the kernel, told as tuned, and not taken for a change by others',
    needs: ['intervals_goal'],
    run: assertIntervalsGoal,
  },
];
