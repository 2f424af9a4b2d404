import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './program.ts';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'damon-exporter-check-'));
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, 0o644);
  return path;
}

const IDLE = `kdamonds:
  - name: idle
    contexts:
      - ops: paddr
        intervals: { sample_us: 5 ms, aggr_us: 100 ms, ops_update_us: 1 s }
        nr_regions: { min: 10, max: 1000 }
        targets: []
        schemes:
          - name: all
            action: stat
          - name: idle
            action: stat
            access_pattern: { nr_accesses: { min: 0 %, max: 0 % } }
`;

test('says what the shipped files do', async () => {
  const files = ['proactive-reclaim', 'tiering', 'services'].map((name) => `config/${name}.yaml`);
  const { status, stdout } = runProgram('check', 'config', ...files);
  expect(status).toBe(0);
  await expect(stdout).toMatchFileSnapshot('../golden/check/config.txt');
});

test('tells how much memory of a record, and of now, each scheme fits', () => {
  const file = write('idle.yaml', IDLE);
  const record = join(dir, 'damon.data');
  const simulated = ['--source', 'simulator', '--simulator.speed', '10'];
  expect(
    runProgram('record', 'paddr', '-q', ...simulated, '--timeout', '5', '-o', record).status,
  ).toBe(0);
  const parse = (stdout: string): readonly (readonly string[])[] =>
    Array.from(
      stdout.matchAll(
        /fits (\S+ \S+) of (\S+ \S+) now \(([\d,]+) regions\), (\S+ \S+) on average/g,
      ),
      (match) => match.slice(1),
    );
  const [all, idle] = parse(runProgram('check', 'config', file, '-i', record).stdout);
  // The whole of what is monitored, at every moment.
  expect(new Set([all?.[0], all?.[1], all?.[3]]).size).toBe(1);
  const access = runProgram('report', 'access', '-i', record, '--json').stdout;
  const { regions } = (JSON.parse(access) as { regions: { nr_accesses: number }[] }[])[0] ?? {
    regions: [],
  };
  expect(regions.length).toBeGreaterThan(9);
  expect(idle?.[2]).toBe(String(regions.filter((one) => one.nr_accesses === 0).length));
  expect(parse(runProgram('check', 'config', file, ...simulated).stdout)).toHaveLength(2);
});

test('finds what is wrong with each of several files', () => {
  const [good, bad] = [write('good.yaml', IDLE), write('bad.yaml', IDLE.replace('paddr', 'padr'))];
  const worse = write('worse.yaml', readFileSync(good, 'utf8').replace('contexts', 'context'));
  const { status, stdout, stderr } = runProgram('check', 'config', bad, good, worse);
  expect(status).toBe(3);
  expect(stdout).toMatch(/^\S+good\.yaml is good\n/);
  expect(stderr).toMatch(/bad\.yaml:4:14: .*"padr".*paddr/);
  expect(stderr).toMatch(/worse\.yaml:3:5: .*"context".*contexts/);
  expect(stderr).toMatch(/check 3 files: 2 of them are wrong\n$/);
});

test('warns of a file that would not be applied', () => {
  const file = write('open.yaml', IDLE);
  chmodSync(file, 0o666);
  const { status, stderr } = runProgram('check', 'config', file);
  expect(status).toBe(0);
  expect(stderr).toMatch(/warning: \S+open\.yaml will not be applied: the file can be written by/);
});

test.each([
  ['no file', [], 2, /Not enough non-option arguments/],
  ['a file that is not there', ['/nowhere.yaml'], 3, /read the configuration \/nowhere\.yaml/],
  ['two things to look at', ['config/observe.yaml', '--live', '-i', 'x'], 2, /exclude each other/],
  ['a record that is not there', ['config/observe.yaml', '-i', '/nowhere'], 5, /\/nowhere/],
])('refuses %s', (_what, args, status, message) => {
  const outcome = runProgram('check', 'config', ...args);
  expect(outcome).toMatchObject({ status, stdout: '' });
  expect(outcome.stderr).toMatch(message);
});
