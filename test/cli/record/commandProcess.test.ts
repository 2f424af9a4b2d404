import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  describeFailure,
  parseCommandLine,
  startStopped,
} from '../../../src/cli/record/commandProcess.ts';

/** One letter, as in field 3 of /proc/PID/stat. */
function readState(pid: number): string | undefined {
  return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}

describe('a command', () => {
  test('stands still until it is let run', async () => {
    const command = await startStopped('sleep 600');
    await expect.poll(() => readState(command.pid)).toBe('T');
    command.resume();
    await expect.poll(() => readState(command.pid)).toBe('S');
    command.signal('SIGKILL');
    await command.ended;
  });

  test('tells how it ended', async () => {
    const command = await startStopped('sh -c "exit 3"');
    command.resume();
    expect(await command.ended).toEqual({ status: 3, signal: undefined });
  });

  test('gets the signals meant for it', async () => {
    const command = await startStopped('sleep 600');
    command.resume();
    command.signal('SIGTERM');
    expect(await command.ended).toEqual({ status: undefined, signal: 'SIGTERM' });
  });

  test('that was never let run does not stay', async () => {
    const command = await startStopped('sleep 600');
    command.abandon();
    expect(await command.ended).toMatchObject({ signal: 'SIGKILL' });
  });

  // Signals to a child that does not exist would go to this process and all of its group.
  test('that does not exist is told, and nobody else is stopped', async () => {
    await expect(startStopped('no-such-command')).rejects.toThrow(
      'target "no-such-command": found no such command',
    );
  });

  test('that may not be run is told', async () => {
    await expect(startStopped('/etc/passwd')).rejects.toThrow(
      'run "/etc/passwd": EACCES; no permission, or not executable',
    );
  });
});

test.each([
  ['sleep 5', ['sleep', '5']],
  ['  /bin/x --a=1,2  b ', ['/bin/x', '--a=1,2', 'b']],
  ['a; b', ['/bin/sh', '-c', 'a; b']],
  ['VAR=1 a', ['/bin/sh', '-c', 'VAR=1 a']],
  ['echo "a  b"', ['/bin/sh', '-c', 'echo "a  b"']],
])('%s is run as %j', (line, expected) => {
  expect(parseCommandLine(line)).toEqual(expected);
});

test.each([
  [{ status: 0, signal: undefined }, ''],
  [{ status: 3, signal: undefined }, 'with status 3'],
  [{ status: undefined, signal: 'SIGSEGV' as const }, 'killed by SIGSEGV'],
])('%j is said as "%s"', (end, text) => {
  expect(describeFailure(end)).toBe(text);
});
