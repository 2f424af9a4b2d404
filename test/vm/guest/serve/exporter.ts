import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSamples, type Samples } from './metricsText.ts';

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
}

/** A running `serve`. */
export interface Exporter {
  readonly pid: number;
  readonly readStderr: () => string;
  scrape(): Promise<Samples>;
  /** Status code of any page. */
  fetchStatus(path: string): Promise<number>;
  /** Sends the signal and waits for the end; gives the exit status, null after SIGKILL. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

interface Running {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
}

const exporters = new Set<ChildProcess>();

function run(args: readonly string[], options: CommandOptions): Running {
  const nobody = options.isUnprivileged === true ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(process.execPath, [MAIN, ...args], { ...nobody, cwd: '/' });
  const running: Running = { child, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (running.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (running.stderr += text));
  return running;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  const running = run(args, options);
  await once(running.child, 'close');
  return { status: running.child.exitCode, stdout: running.stdout, stderr: running.stderr };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (!hasEnded(child)) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  exporters.delete(child);
  return child.exitCode;
}

/** Starts `serve` on a port of its own and waits until it serves. */
export async function startExporter(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Exporter> {
  const listen = ['--web.listen-address', '127.0.0.1:0'];
  const running = run(['serve', ...listen, ...args], options);
  const { child } = running;
  exporters.add(child);
  let url: string | undefined;
  for (let left = 1200; left > 0 && url === undefined && !hasEnded(child); left -= 1) {
    await sleep(50);
    url = /msg=serving url=(\S+)/.exec(running.stderr)?.[1];
  }
  assert.ok(url !== undefined, `serve ${args.join(' ')} did not start:\n${running.stderr}`);
  const base = url.replace(/\/$/, '');
  return {
    pid: child.pid ?? NaN,
    readStderr: () => running.stderr,
    scrape: async () => {
      const response = await fetch(`${base}/metrics`);
      assert.equal(response.status, 200);
      return parseSamples(await response.text());
    },
    fetchStatus: async (path) => {
      const response = await fetch(`${base}${path}`);
      await response.arrayBuffer();
      return response.status;
    },
    stop: (signal) => stop(child, signal),
  };
}

/** Ends what a failed case has left. */
export async function stopExporters(): Promise<void> {
  for (const child of exporters) await stop(child, 'SIGKILL');
}
