import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { toComparable } from './recordBuilders.ts';
import { makeNumberedSnapshot } from './numberedSnapshot.js';
import { readRecord } from './recordFiles.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export interface KillOptions {
  /** How many files are written side by side. */
  readonly nrFiles: number;
  readonly seed: number;
  /** After the first block was written. */
  readonly delayMs: number;
  /** `recordFileWriter` as this Node can load it. */
  readonly writerModule: string;
  readonly nodeArguments?: readonly string[];
}

/** Numbers of snapshots by file that the recorder said are written, until it was killed. */
async function recordUntilKilled(dir: string, options: KillOptions): Promise<Map<string, number>> {
  const { nrFiles, seed, delayMs, writerModule, nodeArguments = [] } = options;
  const script = [here('killedRecorder.js'), dir, String(nrFiles), String(seed)];
  const modules = [writerModule, here('numberedSnapshot.js')];
  const child = spawn(process.execPath, [...nodeArguments, ...script, ...modules], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('latin1').on('data', (part: string) => (text += part));
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed]);
  await wait(delayMs);
  child.kill('SIGKILL');
  expect(await closed).toEqual([null, 'SIGKILL']);
  const lines = text.split('\n').slice(0, -1);
  return new Map(
    lines.map((line) => line.split(' ')).map(([name, count]) => [name!, Number(count)]),
  );
}

/**
 * Lets a recorder be killed, then opens every file it had begun: all that it said was written is
 * there, in order and as it was, and nothing else but one more block.
 *
 * @returns how many files had been cut off.
 */
export async function expectNothingLost(options: KillOptions): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-kill-'));
  try {
    const acknowledged = await recordUntilKilled(dir, options);
    expect(acknowledged.size).toBeGreaterThan(0);
    let nrTorn = 0;
    for (const name of readdirSync(dir)) {
      const { snapshots, damages } = await readRecord(join(dir, name));
      const expected = snapshots.map((_, number) => toComparable(makeNumberedSnapshot(number)));
      expect(snapshots.map(toComparable)).toEqual(expected);
      expect(snapshots.length).toBeGreaterThanOrEqual(acknowledged.get(name) ?? 0);
      expect(damages.length).toBeLessThanOrEqual(1);
      nrTorn += damages.length;
    }
    return nrTorn;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
