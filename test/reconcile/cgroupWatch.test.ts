import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseDamonConfig } from '../../src/config/parseDamonConfig.ts';
import { createNodeKernelFs } from '../../src/kernel/nodeFs.ts';
import { createCgroupWatch } from '../../src/reconcile/cgroupWatch.ts';
import { resolveKdamond } from '../../src/reconcile/resolveTargets.ts';

const CONFIG = parseDamonConfig(
  `
kdamonds:
  - contexts:
      - ops: paddr
        targets: [{ regions: [{ start: 0, end: 1 GiB }] }]
        probes:
          - { name: web, filters: [{ filter_type: memcg, path: /web, matching: true, allow: true }] }
          - { name: anon, filters: [{ filter_type: anon, matching: true, allow: true }] }
        schemes:
          - name: web
            filters: [{ filter_type: memcg, memcg_path: /web, matching: false }]
          - name: db
            quotas:
              sz_bytes: 1 GiB
              reset_interval_ms: 1 s
              goals:
                - { metric: node_memcg_used_bp, nid: 0, memcg_path: /db, target_value: 50 % }
          - name: observe
`,
  'f',
);

let sys: string;

beforeEach(() => {
  sys = mkdtempSync(join(tmpdir(), 'cgroups-'));
});

afterEach(() => {
  rmSync(sys, { recursive: true });
});

function createFs() {
  return createNodeKernelFs({ sys, proc: '/proc', trace: undefined, boot: undefined });
}

function makeGroups(hierarchy: string, mark: string, ...names: readonly string[]): void {
  for (const name of names) mkdirSync(join(sys, 'fs/cgroup', hierarchy, name), { recursive: true });
  writeFileSync(join(sys, 'fs/cgroup', hierarchy, mark), '');
}

describe.each([
  ['v2', '', 'cgroup.controllers'],
  ['v1', 'memory', 'cgroup.procs'],
])('memory cgroups of %s', (_version, hierarchy, mark) => {
  test('that are not there are told', () => {
    makeGroups(hierarchy, mark, 'web');
    expect([...createCgroupWatch(createFs()).findAbsent(CONFIG)]).toEqual(['/db']);
  });

  test('that are made anew are told once', () => {
    makeGroups(hierarchy, mark, 'web', 'db');
    const watch = createCgroupWatch(createFs());
    expect(watch.findAbsent(CONFIG).size).toBe(0);
    // Both exist at once, so that the new one cannot get the number of the old one.
    makeGroups(hierarchy, mark, 'new');
    rmSync(join(sys, 'fs/cgroup', hierarchy, 'web'), { recursive: true });
    renameSync(join(sys, 'fs/cgroup', hierarchy, 'new'), join(sys, 'fs/cgroup', hierarchy, 'web'));
    expect([...watch.findAbsent(CONFIG)]).toEqual(['/web']);
    expect(watch.findAbsent(CONFIG).size).toBe(0);
  });
});

test('where no control group can be seen nothing is taken for absent', () => {
  expect(createCgroupWatch(createFs()).findAbsent(CONFIG).size).toBe(0);
});

test('schemes and probes about absent control groups are left out, and the rest goes on', () => {
  const [kdamond] = CONFIG.kdamonds;
  const find = { ownPid: 1, lookUpUser: () => undefined, commandPids: new Map<string, number>() };
  const absentCgroups = new Set(['/web', '/db']);
  const { spec, missing } = resolveKdamond(createFs(), kdamond!, {
    find,
    before: [],
    absentCgroups,
  });
  expect(spec?.contexts[0]?.schemes.map(({ name }) => name)).toEqual(['observe']);
  expect(spec?.contexts[0]?.probes?.map(({ name }) => name)).toEqual(['anon']);
  expect(missing).toEqual(['control group /web', 'control group /db']);
});
