import { readSync, writeSync } from 'node:fs';
import { sleep } from '../../src/base/clock.ts';
import { KernelError } from '../../src/base/errors.ts';
import type { KernelAccess } from '../../src/cli/kernelAccess.ts';
import type { KernelFs } from '../../src/kernel/kernelFs.ts';
import { KERNEL_FD } from './protocol.ts';
import type { KernelAnswer, KernelRequest } from './protocol.ts';

const POLL_MS = 2;

/** Asks and waits, as a system call does. */
function createAsk(): (request: KernelRequest) => unknown {
  const buffer = Buffer.alloc(1 << 18);
  return (request) => {
    writeSync(KERNEL_FD, `${JSON.stringify(request)}\n`);
    let text = '';
    while (!text.endsWith('\n')) {
      text += buffer.toString('latin1', 0, readSync(KERNEL_FD, buffer));
    }
    const answer = JSON.parse(text) as KernelAnswer;
    if ('problem' in answer) throw new KernelError(answer.problem);
    return answer.value;
  };
}

/** A kernel that lives in the parent process, and so outlives this one. */
export function openRemoteKernel(): KernelAccess {
  const ask = createAsk();
  const now = (): { ns: string; wallMs: number } =>
    JSON.parse(String(ask({ call: 'now' }))) as { ns: string; wallMs: number };
  const fs: KernelFs = {
    readText: (path) => ask({ call: 'readText', path }) as string,
    list: (path) => ask({ call: 'list', path }) as string[],
    exists: (path) => ask({ call: 'exists', path }) as boolean,
    identify: (path) => {
      const id = ask({ call: 'identify', path }) as string | null;
      return id === null ? undefined : BigInt(id);
    },
    writeText: (path, value) => void ask({ call: 'writeText', path, value }),
    writeTextBlocking: async (path, value, { overtakes } = { overtakes: false }) => {
      const id = ask({ call: 'writeTextBlocking', path, value, overtakes }) as number;
      while (ask({ call: 'isDone', id }) !== true) await sleep(POLL_MS);
    },
    makeDir: (path) => void ask({ call: 'makeDir', path }),
    removeDir: (path) => void ask({ call: 'removeDir', path }),
    openStream: (path) => {
      const id = ask({ call: 'openStream', path }) as number;
      return {
        read: (into) => {
          const text = ask({ call: 'readStream', id, maxBytes: into.length }) as string;
          return Buffer.from(text, 'base64').copy(into);
        },
        close: () => void ask({ call: 'closeStream', id }),
      };
    },
    describePath: (path) => `simulated:/${path}`,
  };
  const clock = { monotonicNs: () => BigInt(now().ns), wallMs: () => now().wallMs };
  return { fs, clock };
}
