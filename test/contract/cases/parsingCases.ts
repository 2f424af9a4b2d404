import assert from 'node:assert/strict';
import { CAPABILITIES } from '../../../src/damon/capabilities.ts';
import { KDAMONDS } from '../../../src/kernel/kdamonds.ts';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import { CONTEXT, hasCapability, read, SCHEME, tryWrite, write } from '../damonFiles.ts';
import { stageKdamond } from '../stage.ts';

/** What is written and what it reads back as, or the errno. */
type Spelling = readonly [written: string, expected: string];

const UNSIGNED_LONG: readonly Spelling[] = [
  ['5', '5'],
  ['0x10', '16'],
  ['010', '8'],
  ['+5', '5'],
  ['5\n', '5'],
  ['0', '0'],
  ['5000000000', '5000000000'],
  ['18446744073709551615', '18446744073709551615'],
  [' 5', 'EINVAL'],
  ['5 ', 'EINVAL'],
  ['5\n\n', 'EINVAL'],
  ['-1', 'EINVAL'],
  ['5k', 'EINVAL'],
  ['1e3', 'EINVAL'],
  ['five', 'EINVAL'],
];

/** One too many for 64 bits; quotas say EINVAL to everything. */
const TOO_BIG = '18446744073709551616';

const UNSIGNED_INT: readonly Spelling[] = [
  ['1001', '1001'],
  ['4294967295', '4294967295'],
  ['5000000000', 'ERANGE'],
  ['-1', 'EINVAL'],
];

/** A target's pid is an int that nobody looks at before the kdamond starts. */
const PID: readonly Spelling[] = [
  ['1', '1'],
  ['-1', '-1'],
  ['99999999', '99999999'],
  ['4294967297', 'EINVAL'],
  ['abc', 'EINVAL'],
];

const SWITCH: readonly Spelling[] = [
  ['Y', 'Y'],
  ['N', 'N'],
  ['1', 'Y'],
  ['0', 'N'],
  ['yes', 'Y'],
  ['on', 'Y'],
  ['off', 'N'],
  ['10', 'Y'],
  ['2', 'EINVAL'],
  ['x', 'EINVAL'],
];

const NAME: readonly Spelling[] = [
  ['pageout', 'pageout'],
  ['stat\n', 'stat'],
  ['stat ', 'EINVAL'],
  ['sta', 'EINVAL'],
  ['STAT', 'EINVAL'],
  ['bogus', 'EINVAL'],
];

/** How many there are is an int. */
const COUNT: readonly Spelling[] = [
  ['2', '2'],
  ['0x3', '3'],
  ['2147483648', 'ERANGE'],
  ['-1', 'EINVAL'],
  ['2.5', 'EINVAL'],
];

const BY_FILE: readonly (readonly [path: KernelPath, spellings: readonly Spelling[]])[] = [
  [`${CONTEXT}/monitoring_attrs/intervals/sample_us`, [...UNSIGNED_LONG, [TOO_BIG, 'ERANGE']]],
  [`${SCHEME}/quotas/bytes`, [...UNSIGNED_LONG, [TOO_BIG, 'EINVAL']]],
  [`${SCHEME}/quotas/reset_interval_ms`, [[TOO_BIG, 'EINVAL']]],
  [`${SCHEME}/quotas/ms`, [[TOO_BIG, 'EINVAL']]],
  [`${SCHEME}/quotas/weights/sz_permil`, UNSIGNED_INT],
  [`${CONTEXT}/targets/0/pid_target`, PID],
  [`${SCHEME}/filters/0/matching`, SWITCH],
  [`${SCHEME}/action`, NAME],
  [`${KDAMONDS}/nr_kdamonds`, COUNT],
];

function stageWithFilter(kernel: ContractKernel): void {
  stageKdamond(kernel, { pids: [1] });
  write(kernel, `${SCHEME}/filters/nr_filters`, 1);
  if (hasCapability(kernel, 'filter_layers')) {
    write(kernel, `${SCHEME}/core_filters/nr_filters`, 1);
    write(kernel, `${SCHEME}/ops_filters/nr_filters`, 1);
  }
  write(kernel, `${SCHEME}/quotas/goals/nr_goals`, 1);
}

export const PARSING_CASES: readonly ContractCase[] = [
  {
    name: 'numbers, switches and names are taken in the known spellings only',
    run: (kernel) => {
      for (const [path, spellings] of BY_FILE) {
        const found = spellings.map(([written]) => {
          stageWithFilter(kernel);
          const outcome = tryWrite(kernel, path, written);
          return [written, outcome === 'ok' ? read(kernel, path) : outcome];
        });
        assert.deepEqual(found, spellings, path);
      }
    },
  },
  {
    name: 'a refused value leaves the old one',
    run: (kernel) => {
      stageWithFilter(kernel);
      for (const [path, value] of [
        [`${CONTEXT}/operations`, 'bogus'],
        [`${SCHEME}/action`, 'bogus'],
        [`${CONTEXT}/monitoring_attrs/intervals/sample_us`, '5k'],
        [`${SCHEME}/filters/0/matching`, '2'],
        [`${CONTEXT}/schemes/nr_schemes`, '-1'],
      ] as const) {
        const before = read(kernel, path);
        assert.equal(tryWrite(kernel, path, value), 'EINVAL', path);
        assert.equal(read(kernel, path), before, path);
      }
    },
  },
  {
    name: 'an empty write succeeds and changes nothing',
    run: (kernel) => {
      stageWithFilter(kernel);
      for (const path of [
        `${CONTEXT}/operations`,
        `${SCHEME}/action`,
        `${CONTEXT}/monitoring_attrs/intervals/sample_us`,
        `${KDAMONDS}/nr_kdamonds`,
        `${KDAMONDS}/0/state`,
      ] as const) {
        const before = read(kernel, path);
        assert.equal(tryWrite(kernel, path, ''), 'ok', path);
        assert.equal(read(kernel, path), before, path);
      }
    },
  },
  {
    name: 'exactly those values are taken which the capability table names',
    run: (kernel) => {
      for (const { id, evidence } of CAPABILITIES) {
        const pattern = evidence.kind === 'value' ? evidence.patterns[0] : undefined;
        if (evidence.kind !== 'value' || pattern === undefined) continue;
        stageWithFilter(kernel);
        const path: KernelPath = `${KDAMONDS}/0/${pattern.replaceAll('*', '0')}`;
        const expected = hasCapability(kernel, id) ? 'ok' : 'EINVAL';
        assert.equal(tryWrite(kernel, path, evidence.value), expected, id);
        if (expected === 'ok') assert.equal(read(kernel, path), evidence.value);
      }
    },
  },
  {
    name: 'each layer of filters takes the types it handles',
    needs: ['filter_layers'],
    run: (kernel) => {
      stageWithFilter(kernel);
      const types = ['addr', 'target', 'anon', 'active', 'memcg', 'young', 'unmapped'];
      const accepted = (layer: string): string[] =>
        types.filter((type) => tryWrite(kernel, `${SCHEME}/${layer}/0/type`, type) === 'ok');
      assert.deepEqual(accepted('core_filters'), ['addr', 'target']);
      assert.deepEqual(accepted('ops_filters'), ['anon', 'active', 'memcg', 'young', 'unmapped']);
      assert.deepEqual(accepted('filters'), types);
    },
  },
  {
    name: 'a path is kept as written, further newlines included',
    run: (kernel) => {
      stageWithFilter(kernel);
      const path: KernelPath = `${SCHEME}/filters/0/memcg_path`;
      for (const value of ['/a', '/a\n']) {
        write(kernel, path, value);
        assert.equal(kernel.fs.readText(path), `${value}\n`);
      }
    },
  },
];
