import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';

/** The built program, as a user runs it. */
const MAIN = 'dist/cli/main.js';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export function runProgram(...args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

/** Converts, without a word. */
export function convert(...args: readonly string[]): void {
  expect(runProgram('convert', ...args)).toEqual({ status: 0, stderr: '', stdout: '' });
}

export interface RunningProgram {
  readonly url: string;
  readonly child: ChildProcess;
  readonly readStderr: () => string;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Ends what it executes when the test run is cut off, which stops nothing itself. */
const TIED_TO_PARENT = ['setpriv', '--pdeathsig', 'TERM'];

/** Starts `serve` on a free loopback port and waits until it says where it serves. */
export function startServe(...args: readonly string[]): Promise<RunningProgram> {
  return startServeUnder([], ...args);
}

/** The same through a program that executes its arguments in its own place. */
export async function startServeUnder(
  wrapper: readonly string[],
  ...args: readonly string[]
): Promise<RunningProgram> {
  const serve = [process.execPath, MAIN, 'serve', '--web.listen-address', '127.0.0.1:0', ...args];
  const [program = '', ...programArguments] = [...TIED_TO_PARENT, ...wrapper, ...serve];
  const child = spawn(program, programArguments, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  for (let tries = 0; tries < 300; tries += 1) {
    const url = /msg=serving url=(\S+)/.exec(stderr)?.[1];
    if (url !== undefined) return { url, child, readStderr: () => stderr, stop };
    if (child.exitCode !== null) break;
    await wait(50);
  }
  await stop('SIGKILL');
  throw new Error(`serve did not start:\n${stderr}`);
}

/** Looks again until there is something to see. */
export async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(100);
  }
  throw new Error(`it did not happen in time: ${what}`);
}
