import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../program.ts';

interface Served {
  readonly url: string;
  readonly metrics: string;
  /** After SIGTERM. */
  readonly status: number | null;
}

/** Runs an installed program's `serve` on the simulated kernel, scrapes it, and ends it. */
export async function serveProgram(
  [program = '', ...args]: readonly string[],
  {
    env = {},
    whileServing,
  }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly whileServing?: (url: string) => void;
  } = {},
): Promise<Served> {
  const serve = ['serve', '--source', 'simulator', '--web.listen-address', '127.0.0.1:0'];
  const child = spawn(program, [...args, ...serve], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Nothing of this machine but the way to Node.
    env: { PATH: process.env['PATH'], ...env },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'exit');
  let url = '';
  let metrics = '';
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`it ended:\n${log}`);
      url = /msg=serving url=(\S+)/.exec(log)?.[1] ?? '';
      if (url === '') return undefined;
      metrics = await (await fetch(`${url}metrics`)).text();
      return metrics.includes('damon_wss_bytes{') ? true : undefined;
    }, 'it serves working sets');
    whileServing?.(url);
  } finally {
    child.kill('SIGTERM');
  }
  const [status] = (await ended) as [number | null];
  return { url, metrics, status };
}
