import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What one run of a program took. */
export interface ProcessCost {
  readonly seconds: number;
  /** The most memory it had resident. */
  readonly peakBytes: number;
}

const POLL_MS = 20;

/** The kernel keeps the maximum: only what is added after the last look is missed. */
function readPeakBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch (error) {
    // It ended between two looks.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}

/**
 * Runs a program to its end, its output to nowhere.
 *
 * @throws Error when it fails, with what it said.
 */
export async function measureProcess(
  [program = '', ...args]: readonly string[],
  cwd?: string,
): Promise<ProcessCost> {
  const begin = process.hrtime.bigint();
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let peakBytes = 0;
  const poll = setInterval(() => {
    peakBytes = Math.max(peakBytes, readPeakBytes(child.pid ?? 0));
  }, POLL_MS);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const [status] = (await once(child, 'exit')) as [number | null];
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  clearInterval(poll);
  if (status === 0) return { seconds, peakBytes };
  throw new Error(`${[program, ...args].join(' ')}: status ${status}\n${complaint}`);
}

/** Of several runs the fastest, and the most memory. */
export function pickBest(costs: readonly ProcessCost[]): ProcessCost {
  return {
    seconds: Math.min(...costs.map(({ seconds }) => seconds)),
    peakBytes: Math.max(...costs.map(({ peakBytes }) => peakBytes)),
  };
}
