import assert from 'node:assert/strict';
import { CAPABILITIES } from '../../../src/damon/capabilities.ts';
import { KDAMONDS } from '../../../src/kernel/kdamonds.ts';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import { CONTEXT, hasCapability, read, SCHEME, tryRead, tryWrite, write } from '../damonFiles.ts';

const NR_KDAMONDS: KernelPath = `${KDAMONDS}/nr_kdamonds`;

/** One of everything that can be counted, as far as this kernel has it. */
function stageOneOfEach(kernel: ContractKernel): void {
  const counters: [path: KernelPath, capability?: string][] = [
    [NR_KDAMONDS],
    [`${KDAMONDS}/0/contexts/nr_contexts`],
    [`${CONTEXT}/targets/nr_targets`],
    [`${CONTEXT}/targets/0/regions/nr_regions`],
    [`${CONTEXT}/monitoring_attrs/probes/nr_probes`, 'probes'],
    [`${CONTEXT}/monitoring_attrs/probes/0/filters/nr_filters`, 'probes'],
    [`${CONTEXT}/schemes/nr_schemes`],
    [`${SCHEME}/quotas/goals/nr_goals`, 'quota_goals'],
    [`${SCHEME}/filters/nr_filters`, 'filters'],
    [`${SCHEME}/core_filters/nr_filters`, 'filter_layers'],
    [`${SCHEME}/ops_filters/nr_filters`, 'filter_layers'],
    [`${SCHEME}/dests/nr_dests`, 'dests'],
  ];
  for (const [path, capability] of counters) {
    if (capability === undefined || hasCapability(kernel, capability)) write(kernel, path, 1);
  }
}

/** What a new context holds on every kernel. */
const DEFAULTS: readonly (readonly [path: string, value: string])[] = [
  ['operations', 'vaddr'],
  ['avail_operations', 'vaddr\nfvaddr\npaddr'],
  ['monitoring_attrs/intervals/sample_us', '5000'],
  ['monitoring_attrs/intervals/aggr_us', '100000'],
  ['monitoring_attrs/intervals/update_us', '60000000'],
  ['monitoring_attrs/nr_regions/min', '10'],
  ['monitoring_attrs/nr_regions/max', '1000'],
  ['targets/0/pid_target', '0'],
  ['targets/0/regions/0/start', '0'],
  ['targets/0/regions/0/end', '0'],
  ['schemes/0/action', 'stat'],
  ['schemes/0/apply_interval_us', '0'],
  ['schemes/0/target_nid', '-1'],
  ['schemes/0/access_pattern/sz/max', '0'],
  ['schemes/0/access_pattern/nr_accesses/max', '0'],
  ['schemes/0/access_pattern/age/max', '0'],
  ['schemes/0/quotas/bytes', '0'],
  ['schemes/0/quotas/ms', '0'],
  ['schemes/0/quotas/reset_interval_ms', '0'],
  ['schemes/0/quotas/weights/sz_permil', '0'],
  ['schemes/0/quotas/goals/0/target_metric', 'user_input'],
  ['schemes/0/watermarks/metric', 'none'],
  ['schemes/0/watermarks/interval_us', '0'],
  ['schemes/0/filters/0/type', 'anon'],
  ['schemes/0/filters/0/matching', 'N'],
  ['schemes/0/filters/0/memcg_path', ''],
  ['schemes/0/stats/nr_tried', '0'],
  ['schemes/0/tried_regions/total_bytes', '0'],
];

/** What shows that writing a count made the children anew: a value of the first child. */
const RECREATED: readonly (readonly [
  counter: string,
  path: string,
  value: string,
  first: string,
])[] = [
  ['targets/nr_targets', 'targets/0/pid_target', '1', '0'],
  ['targets/0/regions/nr_regions', 'targets/0/regions/0/end', '4096', '0'],
  ['schemes/nr_schemes', 'schemes/0/action', 'pageout', 'stat'],
  ['schemes/0/quotas/goals/nr_goals', 'schemes/0/quotas/goals/0/target_value', '7', '0'],
  ['schemes/0/filters/nr_filters', 'schemes/0/filters/0/type', 'memcg', 'anon'],
];

export const TREE_CASES: readonly ContractCase[] = [
  {
    name: 'a kernel comes up without kdamonds in sysfs',
    isAtBoot: true,
    run: (kernel) => {
      assert.deepEqual(kernel.fs.list(KDAMONDS), ['nr_kdamonds']);
      assert.equal(read(kernel, NR_KDAMONDS), '0');
    },
  },
  {
    name: 'nr_kdamonds makes and removes directories',
    run: (kernel) => {
      write(kernel, NR_KDAMONDS, 3);
      assert.equal(read(kernel, NR_KDAMONDS), '3');
      assert.deepEqual(kernel.fs.list(KDAMONDS).sort(), ['0', '1', '2', 'nr_kdamonds']);
      write(kernel, NR_KDAMONDS, 1);
      assert.deepEqual(kernel.fs.list(KDAMONDS).sort(), ['0', 'nr_kdamonds']);
    },
  },
  {
    name: 'a new kdamond is off, has no pid and no context',
    run: (kernel) => {
      write(kernel, NR_KDAMONDS, 1);
      assert.equal(read(kernel, `${KDAMONDS}/0/state`), 'off');
      assert.equal(read(kernel, `${KDAMONDS}/0/pid`), '-1');
      assert.deepEqual(kernel.fs.list(`${KDAMONDS}/0/contexts`), ['nr_contexts']);
      const refreshMs = hasCapability(kernel, 'refresh_ms') ? '0' : 'ENOENT';
      assert.equal(tryRead(kernel, `${KDAMONDS}/0/refresh_ms`), refreshMs);
    },
  },
  {
    name: 'a new context has the known defaults',
    run: (kernel) => {
      stageOneOfEach(kernel);
      const found = DEFAULTS.map(([path]) => [path, tryRead(kernel, `${CONTEXT}/${path}`)]);
      assert.deepEqual(found, DEFAULTS);
    },
  },
  {
    name: 'exactly those files are there which the capability table names',
    run: (kernel) => {
      stageOneOfEach(kernel);
      for (const { id, evidence } of CAPABILITIES) {
        if (evidence.kind !== 'attribute') continue;
        // Regions are only there while there are results.
        for (const pattern of evidence.patterns.filter((p) => !p.includes('tried_regions/*'))) {
          const path: KernelPath = `${KDAMONDS}/0/${pattern.replaceAll('*', '0').replace(/\/$/, '')}`;
          assert.equal(kernel.fs.exists(path), hasCapability(kernel, id), path);
        }
      }
    },
  },
  {
    name: 'writing a count makes all children anew, also with the same count',
    run: (kernel) => {
      for (const [counter, path, value, first] of RECREATED) {
        stageOneOfEach(kernel);
        write(kernel, `${CONTEXT}/${path}`, value);
        assert.equal(read(kernel, `${CONTEXT}/${path}`), value);
        write(kernel, `${CONTEXT}/${counter}`, 1);
        assert.equal(read(kernel, `${CONTEXT}/${path}`), first, counter);
      }
    },
  },
  {
    name: 'a bigger count makes the first children anew, too',
    run: (kernel) => {
      stageOneOfEach(kernel);
      write(kernel, `${SCHEME}/action`, 'pageout');
      write(kernel, `${CONTEXT}/schemes/nr_schemes`, 2);
      assert.equal(read(kernel, `${SCHEME}/action`), 'stat');
      write(kernel, NR_KDAMONDS, 2);
      assert.equal(kernel.fs.exists(CONTEXT), false);
    },
  },
  {
    name: 'a kdamond has one context at most',
    run: (kernel) => {
      write(kernel, NR_KDAMONDS, 1);
      const counter: KernelPath = `${KDAMONDS}/0/contexts/nr_contexts`;
      assert.equal(tryWrite(kernel, counter, '2'), 'EINVAL');
      assert.equal(read(kernel, counter), '0');
      write(kernel, counter, 1);
      assert.equal(kernel.fs.exists(CONTEXT), true);
      write(kernel, counter, 0);
      assert.equal(kernel.fs.exists(CONTEXT), false);
    },
  },
  {
    name: 'a context has four probes at most',
    needs: ['probes'],
    run: (kernel) => {
      stageOneOfEach(kernel);
      const counter: KernelPath = `${CONTEXT}/monitoring_attrs/probes/nr_probes`;
      assert.equal(tryWrite(kernel, counter, '5'), 'EINVAL');
      write(kernel, counter, 4);
    },
  },
  {
    name: 'files for results cannot be written, not even by root',
    run: (kernel) => {
      stageOneOfEach(kernel);
      for (const path of [
        `${KDAMONDS}/0/pid`,
        `${CONTEXT}/avail_operations`,
        `${SCHEME}/stats/nr_tried`,
        `${SCHEME}/tried_regions/total_bytes`,
        `${SCHEME}/quotas/effective_bytes`,
      ] as const) {
        assert.equal(tryWrite(kernel, path, '1'), 'EACCES', path);
      }
    },
  },
];
