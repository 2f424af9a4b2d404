import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCommandTargets } from '../../../src/cli/serve/commandTargets.ts';
import type { CommandTargets } from '../../../src/cli/serve/commandTargets.ts';
import type { DamonConfig } from '../../../src/config/config.ts';
import { parseDamonConfig } from '../../../src/config/parseDamonConfig.ts';
import { createMemoryLogger } from '../../support/memoryLogger.ts';

function makeConfig(...commands: readonly string[]): DamonConfig {
  const targets = commands.map((command) => ({ command }));
  const context = {
    ops: 'vaddr',
    intervals: { sample_us: '5 ms', aggr_us: '100 ms', ops_update_us: '1 s' },
    nr_regions: { min: 10, max: 1000 },
    targets,
    schemes: [],
  };
  return parseDamonConfig(JSON.stringify({ kdamonds: [{ contexts: [context] }] }), 'test');
}

/** One letter, as in field 3 of /proc/PID/stat; undefined when it is gone. */
function readState(pid: number | undefined): string | undefined {
  try {
    return /\) (\w) /.exec(readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

let commands: CommandTargets;

beforeEach(() => {
  commands = createCommandTargets(createMemoryLogger(), true);
});

afterEach(async () => {
  commands.abandon();
  await commands.endOthers(undefined);
});

test('a command stands still until what monitors it is there', async () => {
  await commands.prepare(makeConfig('sleep 600'));
  const pid = commands.listPids().get('sleep 600');
  await expect.poll(() => readState(pid)).toBe('T');
  commands.resume();
  await expect.poll(() => readState(pid)).toBe('S');
});

test('nothing is left of a command that nothing came to monitor', async () => {
  await commands.prepare(makeConfig('sleep 600'));
  const pid = commands.listPids().get('sleep 600');
  commands.abandon();
  expect(commands.listPids().size).toBe(0);
  await expect.poll(() => readState(pid)).toBeUndefined();
});

test('one that is not there leaves none of the others', async () => {
  await expect(commands.prepare(makeConfig('sleep 600', 'no-such-command'))).rejects.toThrow(
    /"no-such-command": found no such command/,
  );
  expect(commands.listPids().size).toBe(0);
});

test('of another configuration, what it has too goes on and what it has not is ended', async () => {
  await commands.prepare(makeConfig('sleep 600', 'sleep 601'));
  commands.resume();
  const before = commands.listPids();
  const next = makeConfig('sleep 601', 'sleep 602');
  await commands.prepare(next);
  commands.resume();
  await commands.endOthers(next);
  expect([...commands.listPids().keys()]).toEqual(['sleep 601', 'sleep 602']);
  expect(commands.listPids().get('sleep 601')).toBe(before.get('sleep 601'));
  expect(readState(before.get('sleep 600'))).toBeUndefined();
});

test('one that has ended is no target any more, and not started again', async () => {
  const config = makeConfig('true');
  await commands.prepare(config);
  commands.resume();
  await expect.poll(() => commands.listPids().size).toBe(0);
  await commands.prepare(config);
  expect(commands.listPids().size).toBe(0);
});

test('a simulated kernel runs none', async () => {
  const simulated = createCommandTargets(createMemoryLogger(), false);
  await expect(simulated.prepare(makeConfig('sleep 600'))).rejects.toThrow(/runs no commands/);
});
