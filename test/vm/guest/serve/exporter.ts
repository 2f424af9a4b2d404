import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, startProgram, stopProgram, type CommandOptions } from '../program.ts';
import { parseSamples, type Samples } from './metricsText.ts';

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

/** Starts `serve` on a port of its own and waits until it serves. */
export async function startExporter(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Exporter> {
  const listen = ['--web.listen-address', '127.0.0.1:0'];
  const { child, readStderr } = startProgram(['serve', ...listen, ...args], options);
  let url: string | undefined;
  for (let left = 1200; left > 0 && url === undefined && !hasEnded(child); left -= 1) {
    await sleep(50);
    url = /msg=serving url=(\S+)/.exec(readStderr())?.[1];
  }
  assert.ok(url !== undefined, `serve ${args.join(' ')} did not start:\n${readStderr()}`);
  const base = url.replace(/\/$/, '');
  return {
    pid: child.pid ?? NaN,
    readStderr,
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
    stop: (signal) => stopProgram(child, signal),
  };
}
