import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { createProcessStats } from '../../src/metrics/processStats.ts';

test('the start time stays what it was however the wall clock jumps; the rest is read anew', () => {
  let wallMs = 1_700_000_000_000;
  let openFds: number | undefined = 7;
  const readProcess = createProcessStats({
    clock: { wallMs: () => wallMs },
    countOpenFds: () => openFds,
  });
  const first = readProcess();
  wallMs += 3_600_000;
  openFds = undefined;
  const second = readProcess();
  expect(first.startTimeSeconds).toBeLessThan(1_700_000_000);
  expect(second.startTimeSeconds).toBe(first.startTimeSeconds);
  expect([first.openFds, second.openFds]).toEqual([7, undefined]);
  expect(second.cpuSeconds).toBeGreaterThanOrEqual(first.cpuSeconds);
  expect(first.residentBytes).toBeGreaterThan(1 << 20);
});

test('without a descriptor to spare the rest is told', () => {
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  });
  const readProcess = createProcessStats({ clock: systemClock, countOpenFds: () => undefined });
  expect(readProcess()).toMatchObject({ residentBytes: undefined, openFds: undefined });
  rss.mockRestore();
});
