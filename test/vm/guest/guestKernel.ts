import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/base/clock.ts';
import { createNodeKernelFs } from '../../../src/kernel/nodeFs.ts';
import type { ContractKernel, ContractProcess } from '../../contract/contractKernel.ts';

const MIB = 2n ** 20n;

/** Resolves with the process's first line, which it prints when its memory is there. */
async function readReadyLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new TypeError('stdout of the workload: not a pipe');
  for await (const chunk of child.stdout.setEncoding('utf8')) return String(chunk);
  throw new Error('workload: ended before it was ready');
}

/** The kernel this program runs on. For guests only: the cases change anything. */
export function createGuestKernel(): ContractKernel {
  const children = new Set<ChildProcess>();
  const fs = createNodeKernelFs({
    sys: '/sys',
    proc: '/proc',
    trace: '/sys/kernel/tracing',
    boot: undefined,
  });
  const kill = async (child: ChildProcess): Promise<void> => {
    children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    // Reaped then: the kernel keeps monitoring a zombie.
    await once(child, 'exit');
  };
  return {
    fs,
    clock: systemClock,
    release: fs.readText('proc/sys/kernel/osrelease').trim(),
    sleep: async (durationMs) => {
      await sleep(durationMs);
    },
    settle: (pending) => pending,
    startProcess: async (hotMib, totalMib): Promise<ContractProcess> => {
      const child = spawn('/workloads/hot', [String(hotMib), String(totalMib)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.add(child);
      const line = await readReadyLine(child);
      const [, start, end] = /^ready ([0-9a-f]+) ([0-9a-f]+)\n$/.exec(line) ?? [];
      if (child.pid === undefined || start === undefined || end === undefined) {
        throw new Error(`workload: found "${line}", expected its address range`);
      }
      return {
        pid: child.pid,
        startAddr: BigInt(`0x${start}`),
        endAddr: BigInt(`0x${end}`),
        hotBytes: BigInt(hotMib) * MIB,
        kill: () => kill(child),
      };
    },
    killAll: async () => {
      await Promise.all(Array.from(children, kill));
    },
  };
}
