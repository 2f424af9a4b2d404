import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';

/** Runs to the end; the peak of resident memory in MiB on the way. */
export async function runWatched(
  ...args: readonly string[]
): Promise<{ status: number | null; stderr: string; peakMib: number }> {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  let peakMib = 0;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const watch = setInterval(() => {
    const path = `/proc/${child.pid!}/status`;
    const peak = /VmHWM:\s+(\d+)/.exec(existsSync(path) ? readFileSync(path, 'utf8') : '');
    if (peak !== null) peakMib = Math.max(peakMib, Number(peak[1]) / 1024);
  }, 20);
  const [status] = (await once(child, 'close')) as [number | null];
  clearInterval(watch);
  return { status, stderr, peakMib };
}
