import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const MAIN = '/app/dist/cli/main.js';
const NOBODY = 65534;

export interface CommandOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** As `nobody`, without any capability. */
  readonly isUnprivileged?: boolean;
  /** In a session, and so in a process group, of its own. */
  readonly isDetached?: boolean;
  /** A program that executes its arguments, and its own arguments. */
  readonly wrapper?: readonly string[];
}

/** The built program while it runs. */
export interface RunningProgram {
  readonly child: ChildProcess;
  readonly readStdout: () => string;
  readonly readStderr: () => string;
  /** Resolves when it has ended and all of its output was read. */
  readonly closed: Promise<unknown>;
}

const programs = new Set<ChildProcess>();

export function startProgram(
  args: readonly string[],
  { isUnprivileged, isDetached, wrapper = [] }: CommandOptions = {},
): RunningProgram {
  const nobody = isUnprivileged === true ? { uid: NOBODY, gid: NOBODY } : {};
  const [file = '', ...words] = [...wrapper, process.execPath, MAIN, ...args];
  const child = spawn(file, words, { ...nobody, cwd: '/', detached: isDetached === true });
  programs.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close');
  void closed.then(() => programs.delete(child));
  return { child, closed, readStdout: () => stdout, readStderr: () => stderr };
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Waits for its end. */
export async function finishProgram(program: RunningProgram): Promise<CommandOutcome> {
  const { child, closed, readStdout, readStderr } = program;
  await closed;
  return { status: child.exitCode, stdout: readStdout(), stderr: readStderr() };
}

/** Runs a command to its end. */
export function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  return finishProgram(startProgram(args, options));
}

/** Gives the exit status, null after SIGKILL. */
export async function stopProgram(
  child: ChildProcess,
  signal: NodeJS.Signals,
): Promise<number | null> {
  if (!hasEnded(child)) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}

/** Ends what a failed case has left. */
export async function stopPrograms(): Promise<void> {
  for (const child of programs) await stopProgram(child, 'SIGKILL');
}
