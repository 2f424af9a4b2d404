import { describe, expect, test } from 'vitest';
import { readKdamonds } from '../../src/kernel/kdamonds.ts';
import { readKernelConfig, readKernelRelease } from '../../src/kernel/kernelConfig.ts';
import { readMachineMemory, readSystemRam } from '../../src/kernel/memory.ts';
import { readDamonStat } from '../../src/kernel/modules.ts';
import { readKernelMounts } from '../../src/kernel/mounts.ts';
import { readPrivileges } from '../../src/kernel/privileges.ts';
import { readCommandLine, readComm, readProcessStat } from '../../src/kernel/processes.ts';
import { createDemoKernel } from '../../src/simulator/demoScene.ts';
import { createTestRetry } from '../support/testRetry.ts';

const OPTIONS = { seed: 1, speed: 1 };

describe.each(['6.12', '6.18', '7.2'])('the demo on %s, as the product sees it', (version) => {
  test('shows somebody else running two kdamonds', async () => {
    const kernel = createDemoKernel({ ...OPTIONS, version, scene: 'operator' });
    const { fs } = kernel;
    kernel.advance(2_000_000_000n);
    const { kdamonds } = await readKdamonds(fs, {
      retry: createTestRetry(),
      withTriedRegions: false,
      lastRunStates: new Map(),
    });
    expect(kdamonds.map(({ isRunning }) => isRunning)).toEqual([true, true]);
    const [watching, reclaiming] = kdamonds.map(({ contexts }) => contexts[0]!);
    const commands = watching!.targets.map(({ pid }) => readComm(fs, pid!));
    expect(commands).toEqual(['cache-server', 'batch', 'scanner', 'web-frontend', 'leaky']);
    expect(reclaiming!.operations).toBe('paddr');
    expect(reclaiming!.schemes.map(({ action }) => action)).toEqual(['stat', 'pageout']);
    const { quotas, watermarks } = reclaiming!.schemes[1]!;
    expect(quotas.goals).toMatchObject([{ targetValue: 10_000n, currentValue: 5000n }]);
    expect(watermarks.metric).toBe('free_mem_rate');
  });

  test('has the files that describe a machine', () => {
    const { fs } = createDemoKernel({ ...OPTIONS, version, scene: 'idle' });
    expect(readKernelRelease(fs)).toBe(`${version}.0-simulated`);
    expect(readKernelConfig(fs, readKernelRelease(fs))?.get('CONFIG_DAMON_SYSFS')).toBe('y');
    const ram = readSystemRam(fs);
    const ramBytes = ram.reduce((sum, { startAddr, endAddr }) => sum + endAddr - startAddr, 0n);
    expect(Number(ramBytes) / Number(readMachineMemory(fs).totalBytes)).toBeCloseTo(1, 2);
    expect(readKernelMounts(fs).tracefs?.mountPoint).toBe('/sys/kernel/tracing');
    expect(readPrivileges(fs)).toMatchObject({ uid: 0 });
    expect(readProcessStat(fs, 4242)?.comm).toBe('damon-exporter');
    const pid = fs.list('proc/').find((name) => {
      return /^\d+$/.test(name) && readComm(fs, Number(name)) === 'batch';
    });
    expect(readCommandLine(fs, Number(pid))).toEqual(['/usr/bin/batch']);
  });
});

test('the demo of a freshly booted 7.2 has DAMON_STAT tuning itself', () => {
  const kernel = createDemoKernel({ ...OPTIONS, version: '7.2', scene: 'damon_stat' });
  kernel.advance(60_000_000_000n);
  const stat = readDamonStat(kernel.fs)!;
  expect(stat.isEnabled).toBe(true);
  expect(stat.aggrIntervalUs).toBeGreaterThan(100_000);
});
