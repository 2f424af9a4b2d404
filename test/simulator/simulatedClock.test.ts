import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { createSimulatedClock } from '../../src/simulator/simulatedClock.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import {
  KDAMOND,
  SECOND_NS,
  command,
  createTestKernel,
  read,
  startVaddr,
} from '../support/simulation.ts';

function createScriptedClock(): Clock & { nowNs: bigint } {
  return {
    nowNs: 5_000_000_000n,
    monotonicNs() {
      return this.nowNs;
    },
    wallMs() {
      return 1_800_000_000_000 + Number(this.nowNs / 1_000_000n);
    },
  };
}

describe('the simulated clock', () => {
  test('starts with real time and runs faster by its speed', () => {
    const realClock = createScriptedClock();
    const clock = createSimulatedClock({ realClock, speed: 20 });
    const startMs = clock.wallMs();
    expect(clock.monotonicNs()).toBe(5_000_000_000n);
    realClock.nowNs += SECOND_NS;
    expect(clock.monotonicNs()).toBe(25_000_000_000n);
    expect(clock.wallMs() - startMs).toBe(20_000);
    clock.advance(SECOND_NS);
    expect(clock.monotonicNs()).toBe(26_000_000_000n);
  });

  test('lets the kernel run only when somebody looks, and not for longer than it can catch up', () => {
    const realClock = createScriptedClock();
    const clock = createSimulatedClock({ realClock, speed: 1 });
    const kernel = createTestKernel({ clock, workloads: [createHotCold('hotcold', 16, 16)] });
    startVaddr(kernel, { refresh_ms: '100' });
    const triedAfter = (seconds: bigint): number => {
      const before = Number(read(kernel, 'contexts/0/schemes/0/stats/nr_snapshots'));
      realClock.nowNs += seconds * SECOND_NS;
      read(kernel, 'state');
      return Number(read(kernel, 'contexts/0/schemes/0/stats/nr_snapshots')) - before;
    };
    expect(triedAfter(2n)).toBeGreaterThanOrEqual(18);
    expect(triedAfter(3600n)).toBeLessThanOrEqual(201);
  });
});

describe('a state write that blocks', () => {
  test('leaves everybody else the time to go on, and comes back in real time', async () => {
    const realClock = createScriptedClock();
    const clock = createSimulatedClock({ realClock, speed: 1000 });
    const kernel = createTestKernel({ clock, workloads: [createHotCold('hotcold', 16, 16)] });
    startVaddr(kernel, { 'contexts/0/schemes/0/apply_interval_us': '1000000' });
    let isDone = false;
    const waiting = command(kernel, 'update_schemes_tried_regions').then(() => {
      isDone = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    expect(() => read(kernel, 'pid')).toThrow(/EBUSY/);
    realClock.nowNs += SECOND_NS / 500n;
    await waiting;
    expect(Number(read(kernel, 'pid'))).toBeGreaterThan(0);
  });

  test('can be made longer, and keeps its lock so long', async () => {
    const kernel = createTestKernel({
      workloads: [createHotCold('hotcold', 16, 16)],
      intercept: (operation, path) =>
        operation === 'write' && path.endsWith('/state') ? { blockMs: 30 } : undefined,
    });
    startVaddr(kernel);
    const waiting = command(kernel, 'update_schemes_stats');
    await new Promise((resolve) => setImmediate(resolve));
    kernel.advance(SECOND_NS);
    expect(() => read(kernel, 'state')).toThrow(/EBUSY/);
    await waiting;
    expect(read(kernel, 'state')).toBe('on');
  });

  test('waits its turn behind others, but for one that may overtake', async () => {
    // Before 7.2 a commit waits for as long as watermarks keep the kdamond at rest.
    const kernel = createTestKernel({
      version: '6.12',
      workloads: [createHotCold('hotcold', 16, 16)],
    });
    const watermarks = 'contexts/0/schemes/0/watermarks';
    startVaddr(kernel, {
      [`${watermarks}/metric`]: 'free_mem_rate',
      [`${watermarks}/interval_us`]: '1000000',
      [`${watermarks}/high`]: '10',
    });
    const order: string[] = [];
    const commit = command(kernel, 'commit').then(() => order.push('commit'));
    await Promise.resolve();
    const off = kernel.fs
      .writeTextBlocking(`${KDAMOND}/state`, 'off', { overtakes: true })
      .then(() => order.push('off'));
    await Promise.all([commit, off]);
    expect(order).toEqual(['off', 'commit']);
    expect(read(kernel, 'state')).toBe('off');
  });
});
