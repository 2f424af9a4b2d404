import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServe, until } from './program.ts';
import type { RunningProgram } from './program.ts';

/** Each write to a `state` file takes the kernel this long. */
const BLOCK_MS = 5000;

let exporter: RunningProgram;
beforeAll(async () => {
  exporter = await startServe(
    ...['--source', 'simulator', '--simulator.source', 'sysfs', 'paddr'],
    ...['--simulator.block-state-writes', String(BLOCK_MS), '--collect.sysfs-interval', '10ms'],
  );
});
afterAll(async () => {
  await exporter.stop('SIGKILL');
});

async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(new URL(path, exporter.url));
  return { status: answer.status, text: await answer.text() };
}

function readValue(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  expect(line, series).toBeDefined();
  return Number(line!.slice(series.length));
}

/** Snapshots come only from finished writes: as long as their number stays, one and the same blocks. */
function countSnapshots(text: string): number {
  return readValue(text, 'damon_exporter_snapshots_total');
}

test('many scrapes, one after the other, are answered while one state write still blocks', async () => {
  const sourceActive = 'damon_exporter_source_active{source="sysfs"}';
  const before = await until(async () => {
    const { text } = await get('/metrics');
    return text.includes(`${sourceActive} 1`) ? countSnapshots(text) : undefined;
  }, 'the sysfs source is in use');
  const seen: number[] = [];
  for (let nr = 0; nr < 20; nr += 1) {
    const { status, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(readValue(text, 'damon_kdamond_running{kdamond="0"}')).toBe(1);
    seen.push(countSnapshots(text));
  }
  expect(new Set(seen)).toEqual(new Set([before]));
  // And it did block something: the snapshot it was to bring comes afterwards.
  const after = await until(async () => {
    const count = countSnapshots((await get('/metrics')).text);
    return count > before ? count : undefined;
  }, 'a snapshot');
  expect(after).toBe(before + 1);
});

test('so are the other pages, and the metrics then show the regions', async () => {
  const before = countSnapshots((await get('/metrics')).text);
  for (const path of ['/-/healthy', '/-/ready', '/']) expect((await get(path)).status).toBe(200);
  const { text } = await get('/metrics');
  expect(countSnapshots(text)).toBe(before);
  expect(text).toMatch(/^damon_wss_bytes\{kdamond="0",context="0",target="0"\} [1-9]/m);
});

test('it stops in order although a write blocks', async () => {
  expect(await exporter.stop('SIGTERM')).toBe(0);
});
