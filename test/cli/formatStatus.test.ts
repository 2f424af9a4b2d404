import { expect, test } from 'vitest';
import { encodeReading, formatStatus } from '../../src/cli/formatStatus.ts';
import type { MachineReading } from '../../src/collect/machine.ts';
import { createMachineReader } from '../../src/collect/readMachine.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { createTestKernel, startVaddr, targetFiles, write } from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

const WORKLOADS = [createHotCold('database', 32, 96), createHotCold('web server', 16, 16)];

function readNow({ fs, clock }: SimulatedKernel): Promise<MachineReading> {
  const options = { fs, hostClock: clock, retry: createTestRetry() };
  return createMachineReader({ ...options, listOwnIndexes: () => new Set() })();
}

/** Two processes watched by somebody else for 10 s; then one of them ends. */
async function readWatched(version: string): Promise<MachineReading> {
  const kernel = createTestKernel({ version, workloads: WORKLOADS });
  startVaddr(kernel, {
    ...targetFiles(kernel, 2),
    'contexts/0/monitoring_attrs/nr_regions/min': '100',
  });
  kernel.advance(10_000_000_000n);
  write(kernel, { state: 'update_schemes_stats' });
  kernel.kill([...kernel.processes.keys()][0]!);
  return readNow(kernel);
}

const readings: [string, () => Promise<MachineReading>][] = [
  ['6.12-watched', () => readWatched('6.12')],
  ['7.2-watched', () => readWatched('7.2')],
  ['6.12-idle', () => readNow(createTestKernel({ version: '6.12' }))],
  [
    '6.12-paddr-off',
    () => {
      const kernel = createTestKernel({ version: '6.12' });
      startVaddr(kernel, {
        'contexts/0/operations': 'paddr',
        'contexts/0/targets/nr_targets': '1',
        'contexts/0/targets/0/regions/nr_regions': '2',
        'contexts/0/targets/0/regions/0/end': '4096',
        'contexts/0/targets/0/regions/1/start': '1048576',
        'contexts/0/targets/0/regions/1/end': '3145728',
      });
      write(kernel, { state: 'off' });
      return readNow(kernel);
    },
  ],
  [
    '7.2-damon-stat',
    () => {
      const kernel = createTestKernel({ workloads: WORKLOADS, isDamonStatOn: true });
      kernel.advance(60_000_000_000n);
      return readNow(kernel);
    },
  ],
  ['7.2-damon-stat-new', () => readNow(createTestKernel({ isDamonStatOn: true }))],
];

test.each(readings)('the status of %s reads as before', async (name, read) => {
  const text = formatStatus(await read());
  await expect(text).toMatchFileSnapshot(`../golden/cli/status-${name}.txt`);
});

test('as JSON it is whole: no 64-bit number is rounded, and maps show what is in them', async () => {
  const reading = await readWatched('7.2');
  const parsed = JSON.parse(encodeReading(reading)) as {
    readonly kdamonds: readonly {
      readonly processes: unknown;
      readonly state: { readonly contexts: readonly { readonly maxNrRegions: string }[] };
    }[];
  };
  const [kdamond] = parsed.kdamonds;
  expect(kdamond!.state.contexts[0]!.maxNrRegions).toBe('1000');
  expect(kdamond!.processes).toEqual({
    '0': { pid: expect.any(Number) as number },
    '1': { pid: expect.any(Number) as number, command: 'web server' },
  });
  expect(encodeReading(reading)).toContain('"18446744073709551615"');
});
