import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from './program.ts';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'damon-exporter-schemes-'));
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

const SIMULATED = ['--source', 'simulator', '--simulator.speed', '20'];
const PAGEOUT = ['--damos_action', 'pageout', '--damos_age', '2s', 'max'];
const LIMITED = [...PAGEOUT, '--damos_quota_space', '64M', '--damos_quota_interval', '1s'];

function write(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

describe('schemes', () => {
  test('runs until its time is over, and says what was done', () => {
    const args = ['--damos_action', 'stat', '--timeout', '2', 'paddr'];
    const { status, stdout, stderr } = runProgram('schemes', ...SIMULATED, ...args);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^schemes ran for [\d.]+ s: the time is over\nKDAMOND +SCHEME +ACTION/);
    expect(stderr).toMatch(/\n +0 +0 +stat +[\d.]+ [KMGT]iB +0 B +0\n$/);
  });

  test("takes what fmt_json has printed, and damo's JSON of one scheme", () => {
    const { stdout } = runProgram('fmt_json', ...LIMITED, '815');
    const [{ contexts }] = (JSON.parse(stdout) as { kdamonds: [{ contexts: [{ schemes: [] }] }] })
      .kdamonds;
    const path = write('schemes.json', JSON.stringify(contexts[0].schemes));
    const args = ['--schemes', path, '--timeout', '1', 'paddr'];
    const { status, stderr } = runProgram('schemes', ...SIMULATED, ...args);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringContaining('pageout') as string,
    });
  });

  test.each([
    ['no scheme', ['paddr'], 2, /found no scheme: expected --damos_action/],
    [
      'nothing to limit what hurts',
      [...PAGEOUT, 'paddr'],
      2,
      /pageout without a quota .* --unsafe/,
    ],
    [
      'a time that is none',
      ['--timeout', 'soon', ...LIMITED, 'paddr'],
      2,
      /--timeout: found "soon"/,
    ],
    ['no such process', [...LIMITED, '99'], 4, /monitor process 99: there is no such process/],
    ['a command', [...LIMITED, 'ls'], 2, /a simulated kernel runs no commands/],
    ['two commands', [...LIMITED, '1', 'ls'], 2, /targets "1", "ls": expected a command in one/],
    [
      'schemes from nowhere',
      ['--schemes', '/nowhere', 'paddr'],
      2,
      /--schemes: read "\/nowhere": ENOENT/,
    ],
  ])('refuses %s', (_what, args, status, message) => {
    const outcome = runProgram('schemes', ...SIMULATED, ...args);
    expect(outcome).toMatchObject({ status, stdout: '' });
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('plan', () => {
  const PLANNED = ['--kernel', '7.2', '--regions', '4096-1073741824', '--ops', 'paddr'];

  test.each(['6.12', '7.2'])('prints what Linux %s would be told, and why', async (kernel) => {
    const args = ['--kernel', kernel, '--regions', '4096-1073741824', '--ops', 'paddr'];
    const { status, stdout, stderr } = runProgram('plan', ...LIMITED, ...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`../golden/plan/pageout-${kernel}.txt`);
  });

  test('of a file is the same as of the options that say the same', () => {
    const json = runProgram('fmt_json', ...LIMITED, ...PLANNED.slice(2)).stdout;
    const trusted = ['--config.trusted', '--config.file', write('kdamonds.json', json)];
    const ofFile = runProgram('plan', '--kernel', '7.2', ...trusted);
    expect(ofFile).toEqual(runProgram('plan', ...LIMITED, ...PLANNED));
  });

  test.each([
    [
      'what a kernel lacks',
      ['--monitoring_intervals_goal', '4%', '3', '5ms', '10s'],
      4,
      /lacks .*6\.15/,
    ],
    [
      'a kernel without DAMON',
      ['--kernel', '4.4'],
      4,
      /plan for Linux 4\.4: .*5\.18 was the first/,
    ],
    ['a kernel that is none', ['--kernel', 'newest'], 2, /--kernel: found "newest"/],
    ['nothing to plan', ['--config.file', '/nowhere.yaml'], 2, /--config\.file says everything/],
  ])('refuses %s', (_what, args, status, message) => {
    const kernel = args.includes('--kernel') ? [] : ['--kernel', '6.12'];
    const outcome = runProgram('plan', ...kernel, ...PLANNED.slice(2), ...args);
    expect(outcome).toMatchObject({ status, stdout: '' });
    expect(outcome.stderr).toMatch(message);
  });
});

test.each([
  ['serve', ['paddr'], /kdamond 0 is started\n/],
  ['serve', ['--config.file', 'config/observe.yaml', '--config.trusted'], /kdamond 0 "machine" is/],
  ['serve', [], /^Nothing would be written to DAMON/],
  ['record', ['paddr', '-o', '/nowhere/damon.data'], /kdamond 0 is started\n/],
  ['record', ['ongoing'], /^Nothing would be written to DAMON/],
])('%s --dry-run says what it would write, and does nothing', (command, args, text) => {
  const { status, stdout } = runProgram(command, ...args, ...SIMULATED, '--dry-run');
  expect(status).toBe(0);
  expect(stdout).toMatch(text);
});

test.each([
  ['start', [], /found neither a target .* nor --config\.file/],
  ['tune', [], /found neither a target .* nor --config\.file/],
  ['apply', [], /Missing required argument: config\.file/],
  ['stop', ['now'], /Unknown argument: now/],
])('%s says what is missing or too much', (command, args, message) => {
  const outcome = runProgram(command, ...args, '--state.file', join(dir, 'state.json'));
  expect(outcome).toMatchObject({ status: 2, stdout: '' });
  expect(outcome.stderr).toMatch(message);
});
