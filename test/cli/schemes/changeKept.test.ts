import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOwnKernel } from '../../../src/cli/collecting/ownMonitoring.ts';
import type { OwnKernel } from '../../../src/cli/collecting/ownMonitoring.ts';
import { changeKept } from '../../../src/cli/schemes/runChange.ts';
import type { ChangeCommand } from '../../../src/cli/schemes/runChange.ts';
import { stopKept } from '../../../src/cli/schemes/runStop.ts';
import type { WantedKdamond } from '../../../src/cli/schemes/wantedKdamonds.ts';
import { CATCH_ALL_STAT } from '../../../src/damon/spec.ts';
import type { SimulatedKernel } from '../../../src/simulator/simulatedKernel.ts';
import { createMemoryLogger } from '../../support/memoryLogger.ts';
import { createOwnershipKernel, makeOwnSpec } from '../../support/ownership.ts';
import { read, startVaddr } from '../../support/simulation.ts';
import { readDamonTree } from '../../support/sysfsTree.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'damon-exporter-kept-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** As each command makes it for itself: nothing but the state file is shared. */
function createOwn({ fs }: SimulatedKernel): OwnKernel {
  const args = { source: 'auto', 'state.file': join(dir, 'state.json'), takeover: [] } as const;
  return createOwnKernel(args, fs, createMemoryLogger());
}

function want(kernel: SimulatedKernel, nrSchemes: number): readonly WantedKdamond[] {
  const schemes = Array.from({ length: nrSchemes }, () => CATCH_ALL_STAT);
  const contexts = makeOwnSpec(kernel).contexts.map((context) => ({ ...context, schemes }));
  return [{ name: 'web', spec: { contexts }, missing: [] }];
}

function change(kernel: SimulatedKernel, command: ChangeCommand, nrSchemes = 1): Promise<string> {
  return changeKept({ command, own: createOwn(kernel), wanted: want(kernel, nrSchemes) });
}

describe.each(['6.12', '7.2'])('kdamonds that run by themselves on %s', (version) => {
  test('are started, tuned and stopped by one command after another', async () => {
    const kernel = createOwnershipKernel({ version });
    const before = readDamonTree(kernel.fs);
    expect(await change(kernel, 'start')).toMatch(
      /^kdamond 0 "web": started, pid \d+, vaddr, 1 target, 1 scheme\n$/,
    );
    const pid = read(kernel, 'pid');
    expect(await change(kernel, 'tune', 2)).toBe(
      `kdamond 0 "web": committed, pid ${pid}, vaddr, 1 target, 2 schemes\n`,
    );
    expect(read(kernel, 'contexts/0/schemes/nr_schemes')).toBe('2');
    expect(await stopKept(createOwn(kernel), true)).toMatch(/^would stop kdamond 0 \(pid \d+\)/);
    expect(read(kernel, 'state')).toBe('on');
    expect(await stopKept(createOwn(kernel), false)).toBe(
      `stopped kdamond 0 (pid ${pid}); the kernel is as it was found\n`,
    );
    expect(readDamonTree(kernel.fs)).toEqual(before);
    expect(await stopKept(createOwn(kernel), false)).toBe('nothing to stop\n');
  });

  test('are applied as often as one likes', async () => {
    const kernel = createOwnershipKernel({ version });
    expect(await change(kernel, 'apply')).toContain('started');
    expect(await change(kernel, 'apply')).toContain('unchanged');
    expect(await change(kernel, 'apply', 3)).toContain('committed');
  });
});

describe('it is refused, and nothing changes,', () => {
  async function expectRefusal(kernel: SimulatedKernel, done: Promise<unknown>, message: RegExp) {
    const before = readDamonTree(kernel.fs);
    await expect(done).rejects.toThrow(message);
    expect(readDamonTree(kernel.fs)).toEqual(before);
  }

  test('to start where something was started before', async () => {
    const kernel = createOwnershipKernel();
    await change(kernel, 'start');
    await expectRefusal(kernel, change(kernel, 'start'), /end it with the stop command, or change/);
  });

  test('to tune where nothing was started', async () => {
    const kernel = createOwnershipKernel();
    await expectRefusal(kernel, change(kernel, 'tune'), /start it first/);
  });

  test('to stop or tune what is somebody else’s', async () => {
    const kernel = createOwnershipKernel();
    startVaddr(kernel);
    await expectRefusal(kernel, stopKept(createOwn(kernel), false), /\(1\) is somebody else's/);
    await expectRefusal(kernel, change(kernel, 'tune'), /start it first/);
    await expectRefusal(kernel, change(kernel, 'apply'), /somebody else keeps 1 there/);
  });

  test('to stop what somebody else has taken the place of', async () => {
    const kernel = createOwnershipKernel();
    await change(kernel, 'start');
    kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/0/state', 'off');
    kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '0');
    startVaddr(kernel);
    await expectRefusal(kernel, stopKept(createOwn(kernel), false), /they are left alone/);
  });

  test('to start for what is not there', async () => {
    const kernel = createOwnershipKernel();
    const wanted = [{ name: 'web', spec: undefined, missing: ['processes named nginx'] }];
    await expectRefusal(
      kernel,
      changeKept({ command: 'apply', own: createOwn(kernel), wanted }),
      /nothing there to monitor \(processes named nginx\); "serve --config\.file" waits for it/,
    );
  });
});
