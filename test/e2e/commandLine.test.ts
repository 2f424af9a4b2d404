import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runProgram } from './program.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** One sentence on stderr that names the program, nothing on stdout, no stack. */
function expectRefusal(args: readonly string[], status: number, message: RegExp): void {
  const outcome = runProgram(...args);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.stderr).toMatch(/^damon-exporter: /m);
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
  expect(outcome.stdout).toBe('');
  expect(outcome.status).toBe(status);
}

describe('a wrong command line is refused with exit status 2', () => {
  test.each([
    [[], /no command given/],
    [['bogus'], /bogus/],
    [['serv'], /Did you mean serve\?/],
    [['serve', '--bogus'], /bogus/],
    [['serve', '--source', 'perf'], /source/],
    [['serve', '--source'], /Not enough arguments following: source/],
    [['serve', '--web.listen-address'], /Not enough arguments following: web.listen-address/],
    [['serve', '--collect.interval', '1s', '--collect.interval', '2s'], /more than once/],
    [['serve', '--monitoring_intervals', '1ms', '2ms'], /Not enough arguments/],
    [['serve', '--web.listen-address', 'nonsense'], /listen address: found "nonsense"/],
    [['serve', '--web.telemetry-path', 'metrics'], /telemetry path/],
    [['serve', '--collect.interval', '5 parsecs'], /--collect.interval: found "5 parsecs"/],
    [['serve', '--trace.buffer-size', '1'], /--trace.buffer-size/],
    [['serve', 'foo'], /target "foo": expected a process id or "paddr"/],
    [['serve', '--web.listen-address', '127.0.0.1:0', 'foo'], /target "foo": expected/],
    [['serve', '12', '--takeover', 'damon_stat', 'foo'], /target "foo": expected/],
    [['serve', '--path.procfs', '/does/not/exist'], /--path.procfs \/does\/not\/exist/],
  ] as const)('%j', (args, message) => {
    expectRefusal(args, 2, message);
  });
});

describe('help and version', () => {
  test('help goes to stdout and names every command', () => {
    const { status, stdout, stderr } = runProgram('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const command of ['serve', 'status', 'doctor']) expect(stdout).toContain(command);
  });

  test.each(['', 'serve ', 'report ', 'report heats ', 'report wss ', 'convert '])(
    'of "%s--help" every line has up to 80 characters that take one column each',
    (command) => {
      const lines = runProgram(...`${command}--help`.split(' ')).stdout.split('\n');
      // The build puts a count of characters in the place of string-width.
      for (const line of lines) expect(line).toMatch(/^[\x20-\x7e…]{0,80}$/);
    },
  );

  test('the version is that of the package', () => {
    expect(runProgram('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

test('a port in use is one sentence and exit status 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const args = ['serve', '--source', 'simulator', '--web.listen-address', `127.0.0.1:${port!}`];
  expectRefusal(args, 1, new RegExp(`listen on 127.0.0.1:${port!}: another program listens`));
  server.close();
});

describe('a machine without DAMON', () => {
  const nothing = ['--path.sysfs', dir, '--path.tracefs', dir];

  test('doctor says so, says what to do, and exits with 4', () => {
    const { status, stdout, stderr } = runProgram('doctor', ...nothing);
    expect(status).toBe(4);
    expect(stdout).toMatch(/DAMON/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('status says what is missing and exits with 4', () => {
    const { status, stderr } = runProgram('status', ...nothing);
    expect(status).toBe(4);
    expect(stderr).toMatch(/ENOENT/);
  });

  test('starting a kdamond is refused with exit status 4', () => {
    const state = join(dir, 'state.json');
    const args = ['serve', String(process.pid), ...nothing, '--state.file', state];
    const { status, stderr } = runProgram(...args, '--web.listen-address', '127.0.0.1:0');
    expect(status).toBe(4);
    expect(stderr).toMatch(/nr_kdamonds: ENOENT/);
  });
});
