import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { ExporterError, UsageError } from '../../base/errors.ts';

/** How a command ended: exactly one is set. */
export interface CommandEnd {
  readonly status: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

/** The command that is recorded: our child, with our privileges, input, output and environment. */
export interface CommandProcess {
  readonly pid: number;
  /** Resolves when it has ended and was reaped. */
  readonly ended: Promise<CommandEnd>;
  /** Lets it run: until then it is stopped at its very beginning. */
  resume(): void;
  /** Does nothing once it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Kills it unless it was let run; tells whether it did. */
  readonly abandon: () => boolean;
}

/** Words of a command line that mean the same with and without a shell. */
const PLAIN_LINE = /^\s*[\w./:@%+,-]+(?:\s+[\w./:@%+,=-]+)*\s*$/;

/**
 * The program and its arguments. A line with anything special in it is a shell's: then the shell is
 * what runs, and what is monitored.
 */
export function parseCommandLine(line: string): readonly [string, ...string[]] {
  const [program, ...args] = line.trim().split(/\s+/);
  return PLAIN_LINE.test(line) && program !== undefined
    ? [program, ...args]
    : ['/bin/sh', '-c', line];
}

function createStartError(line: string, error: NodeJS.ErrnoException): ExporterError {
  if (error.code === 'ENOENT') {
    return new UsageError(
      `target "${line}": found no such command; expected a command in one quoted string, process ids, "paddr", or "ongoing"`,
      { cause: error },
    );
  }
  const hint = error.code === 'EACCES' ? 'no permission, or not executable' : error.message;
  return new ExporterError('failure', `run "${line}": ${error.code ?? ''}; ${hint}`, {
    cause: error,
  });
}

function waitForEnd(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => {
      resolve({ status: status ?? undefined, signal: signal ?? undefined });
    });
  });
}

/**
 * Starts a command and stops it at once: spawning returns when the program is loaded, so that what
 * runs before the signal comes is little more than the dynamic linker; on a busy machine a command
 * that does next to nothing may have ended before.
 *
 * @throws UsageError when there is no such command, ExporterError when it cannot be run.
 */
export async function startStopped(line: string): Promise<CommandProcess> {
  const [program, ...args] = parseCommandLine(line);
  const child = spawn(program, args, { stdio: 'inherit' });
  // Where nothing was started, the signal would go to this process and all of its group.
  if (child.pid !== undefined) child.kill('SIGSTOP');
  const ended = waitForEnd(child);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve).once('error', (error: NodeJS.ErrnoException) => {
      reject(createStartError(line, error));
    });
  });
  let hasRun = false;
  return {
    pid: child.pid ?? NaN,
    ended,
    resume: () => {
      hasRun = true;
      child.kill('SIGCONT');
    },
    signal: (name) => {
      child.kill(name);
    },
    abandon: () => !hasRun && child.kill('SIGKILL'),
  };
}

/** "with status 1", "killed by SIGTERM"; empty when all is well. */
export function describeFailure({ status, signal }: CommandEnd): string {
  if (signal !== undefined) return `killed by ${signal}`;
  return status === 0 ? '' : `with status ${status ?? NaN}`;
}
