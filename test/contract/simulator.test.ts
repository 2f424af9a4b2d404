import { describe, test } from 'vitest';
import { findCapability, isSince } from '../../src/damon/capabilities.ts';
import { createManualClock } from '../../src/simulator/simulatedClock.ts';
import { createSimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { CONTRACT_CASES } from './contractCases.ts';
import type { ContractKernel } from './contractKernel.ts';
import { resetDamon } from './damonFiles.ts';

const STEP_NS = 1_000_000n;

/** The simulated kernel as the contract's cases want it: time passes only where they wait. */
function createContractKernel(version: string): ContractKernel {
  const kernel = createSimulatedKernel({ version, seed: 1, clock: createManualClock() });
  const started = new Set<number>();
  return {
    fs: kernel.fs,
    clock: kernel.clock,
    release: kernel.fs.readText('proc/sys/kernel/osrelease').trim(),
    sleep: (durationMs) => {
      kernel.advance(BigInt(durationMs) * STEP_NS);
      return Promise.resolve();
    },
    settle: (pending) => pending,
    startProcess: (hotMib, totalMib) => {
      const process = kernel.spawn(createHotCold('hot', hotMib, totalMib - hotMib));
      started.add(process.pid);
      return Promise.resolve({
        pid: process.pid,
        startAddr: BigInt(process.heap.start),
        endAddr: BigInt(process.heap.end),
        hotBytes: BigInt(hotMib) << 20n,
        kill: () => {
          kernel.kill(process.pid);
          return Promise.resolve();
        },
      });
    },
    killAll: () => {
      for (const pid of started) kernel.kill(pid);
      return Promise.resolve();
    },
  };
}

describe.each(['6.12', '7.2'])('DAMON of the simulated Linux %s', (version) => {
  const cases = CONTRACT_CASES.filter(
    ({ needs }) => needs?.every((id) => isSince(version, findCapability(id).since)) ?? true,
  );
  test.each(cases)('$name', async ({ isAtBoot, run }) => {
    const kernel = createContractKernel(version);
    if (isAtBoot !== true) await resetDamon(kernel);
    await run(kernel);
  });
});
