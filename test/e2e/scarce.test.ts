import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { startServeUnder, until } from './program.ts';
import type { RunningProgram } from './program.ts';

const programs: RunningProgram[] = [];
afterAll(async () => {
  for (const program of programs) await program.stop('SIGKILL');
});

async function startScarce(...wrapper: string[]): Promise<RunningProgram> {
  const program = await startServeUnder(wrapper, '--source', 'simulator');
  programs.push(program);
  return program;
}

/** Undefined when the connection is refused or dropped. */
function scrape(url: string, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(`${url}metrics`, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve(response.statusCode === 200 ? text : undefined);
      });
    });
    request.on('error', () => {
      resolve(undefined);
    });
  });
}

test('clients that hold all connections they get leave the descriptors that the rest needs', async () => {
  const program = await startScarce('prlimit', '--nofile=100');
  const { url } = program;
  const kept = new Agent({ keepAlive: true });
  expect(await scrape(url, kept)).toContain('damon_kdamond_running');

  const idle = Array.from({ length: 200 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
  for (const socket of idle) socket.on('error', () => undefined);
  await until(
    () => Promise.resolve(idle.filter(({ destroyed }) => destroyed).length > 100 || undefined),
    'connections are dropped',
  );
  const during = await scrape(url, kept);
  expect(during).toContain('process_resident_memory_bytes ');
  expect(during).not.toMatch(/^damon_exporter_part_success\{.*\} 0$/m);

  for (const socket of idle) socket.destroy();
  const other = new Agent({ keepAlive: false });
  await until(() => scrape(url, other), 'others are answered again');
  expect(program.readStderr()).not.toMatch(/level=(warn|error)|EMFILE/);
  kept.destroy();
  expect(await program.stop()).toBe(0);
});

test('a heap of 32 MiB is enough for scrapes one after the other', async () => {
  const program = await startScarce('env', 'NODE_OPTIONS=--max-old-space-size=32');
  const agent = new Agent({ keepAlive: true });
  for (let left = 50; left > 0; left -= 1) {
    expect(await scrape(program.url, agent)).toContain('damon_exporter_build_info');
  }
  agent.destroy();
  expect(await program.stop()).toBe(0);
});
