import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTestDir } from '../support/records.ts';
import { runProgram, until } from './program.ts';
import type { Outcome } from './program.ts';
import { canMountDisks, createSmallDisk } from './smallDisk.ts';

const dir = createTestDir();
const SIMULATOR = ['--source', 'simulator', '--simulator.speed', '5'];

interface RecordInfo {
  readonly format: string;
  readonly targets: readonly unknown[];
}

/** Records on the simulated kernel. A kdamond of this machine is never touched. */
function record(output: string, ...args: readonly string[]): Outcome {
  return runProgram('record', ...SIMULATOR, '-o', output, ...args);
}

function readInfo(path: string): RecordInfo {
  const { status, stdout, stderr } = runProgram('report', 'record-info', '-i', path, '--json');
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as RecordInfo;
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a record of the simulated machine', () => {
  test('of physical memory is readable by its owner only and tells a working set', () => {
    const path = join(dir, 'paddr.data');
    const { status, stdout, stderr } = record(path, 'paddr', '--timeout', '5');
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^recorded \d+ snapshots in .* to .*: the time is over\n$/m);
    expect(modeOf(path)).toBe(0o600);
    expect(readInfo(path).targets).toHaveLength(1);
    const wss = runProgram('report', 'wss', '-i', path, '--exclude_samples', '0', '--raw_number');
    expect(wss.stdout).toMatch(/^ 50\s+[1-9]\d+ /m);
  });

  test('of what runs already has all of it', () => {
    const path = join(dir, 'ongoing.data');
    expect(record(path, 'ongoing', '--timeout', '3').status).toBe(0);
    expect(readInfo(path).targets.length).toBeGreaterThan(2);
  });

  test.each(['json_compressed', 'json', 'perf_script'])('can be of type %s', (type) => {
    const path = join(dir, type);
    const args = ['paddr', '--timeout', '3', '--output_type', type, '--output_permission', '640'];
    expect(record(path, ...args).status).toBe(0);
    expect(readInfo(path).format).not.toBe('damon-exporter');
    expect(modeOf(path)).toBe(0o640);
  });

  test('keeps the one that was there', () => {
    const path = join(dir, 'twice.data');
    writeFileSync(path, 'the earlier one');
    expect(record(path, 'paddr', '--timeout', '3').status).toBe(0);
    expect(readFileSync(`${path}.old`, 'utf8')).toBe('the earlier one');
    expect(readInfo(path).targets).toHaveLength(1);
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with a whole file', async (signal) => {
  const path = join(dir, `${signal}.data`);
  const args = ['dist/cli/main.js', 'record', 'paddr', ...SIMULATOR, '-o', path];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await until(
    () => Promise.resolve(existsSync(path) && statSync(path).size > 500 ? true : undefined),
    'something was written',
  );
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(stderr).toMatch(/recorded \d+ snapshots/);
  expect(readInfo(path).targets).toHaveLength(1);
});

test('its progress is one line of the terminal, that the summary takes the place of', () => {
  const path = join(dir, 'terminal.data');
  const words = ['dist/cli/main.js', 'record', 'paddr', ...SIMULATOR, '--timeout', '12'];
  const line = ['stty cols 60;', process.execPath, ...words, '-o', path].join(' ');
  const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], { encoding: 'utf8' });
  expect(status).toBe(0);
  const [before, ...shown] = stdout.split('\r\u001b[K');
  expect(before).toBe('');
  expect(shown.pop()).toMatch(/^recorded \d+ snapshots in .*: the time is over\r\n$/);
  expect(shown.length).toBeGreaterThan(3);
  for (const text of shown) expect(text).toMatch(/^recording \d+ s, \d+ snapshots, .{10,}$/);
  // A line that wraps could not be taken away again.
  expect(Math.max(...shown.map((text) => text.length))).toBeLessThan(60);
});

test.skipIf(!canMountDisks(dir))(
  'a disk that gets full ends it with a message; what was written before is whole',
  () => {
    const { wrapper, path } = createSmallDisk(dir, 28_672);
    const kept = join(dir, 'kept');
    // The disk is gone with the last of its processes.
    const script = `echo earlier >${path}/damon.data; "$@"; status=$?; cp -r ${path} ${kept}; exit $status`;
    const words = ['dist/cli/main.js', 'record', 'paddr', '-o', join(path, 'damon.data')];
    const [program, ...args] = [...wrapper, 'sh', '-c', script, 'sh', process.execPath];
    const speed = ['--source', 'simulator', '--simulator.speed', '10'];
    const outcome = spawnSync(program, [...args, ...words, ...speed], { encoding: 'utf8' });
    const [summary, message, ...rest] = outcome.stderr.trim().split('\n');
    expect(rest).toEqual([]);
    expect(summary).toMatch(/^recorded \d+ snapshots .*: the record cannot be written any more$/);
    expect(message).toMatch(/^damon-exporter: write .*damon\.data: ENOSPC: the disk is full; /);
    expect({ status: outcome.status, stdout: outcome.stdout }).toEqual({ status: 5, stdout: '' });
    expect(readFileSync(join(kept, 'damon.data.old'), 'utf8')).toBe('earlier\n');
    expect(readInfo(join(kept, 'damon.data')).targets).toHaveLength(1);
  },
  60_000,
);

describe('refused in one sentence', () => {
  mkdirSync(join(dir, 'directory'));
  test.each<[string, readonly string[], number, RegExp]>([
    ['nothing', [], 2, /no target given: expected a command in one quoted string/],
    ['a command there', ['sleep 5'], 2, /a simulated kernel runs no commands/],
    ['words without quotes', ['sleep', '5'], 2, /targets? "sleep/],
    ['a process that is not there', ['99999999'], 4, /there is no such process/],
    ['paddr and a process', ['paddr', '1'], 2, /cannot be monitored together/],
    ['ongoing with intervals', ['ongoing', '-s', '1ms'], 2, /records what runs as it is/],
    ['a wrong interval', ['paddr', '-a', '1ms', '-s', '5ms'], 2, /aggregation interval/],
    ['a wrong permission', ['paddr', '--output_permission', '9'], 2, /--output_permission/],
    ['a wrong type', ['paddr', '--output_type', 'xml'], 2, /output_type/],
    ['a wrong time', ['paddr', '--timeout', 'soon'], 2, /--timeout/],
  ])('%s', (_what, args, expected, message) => {
    const { status, stdout, stderr } = record(join(dir, 'refused.data'), ...args);
    expect(stderr.trim().split('\n').at(-1)).toMatch(message);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(dir)).not.toContain('refused.data');
  });

  test.each(['directory', 'missing/damon.data'])('the output %s', (name) => {
    const { status, stderr } = record(join(dir, name), 'paddr', '--timeout', '1');
    expect(status).toBe(5);
    expect(stderr.trim().split('\n').at(-1)).toContain(name);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
