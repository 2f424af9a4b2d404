import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { KERNEL_FD } from './protocol.ts';
import { serveKernel } from './kernelServer.ts';

export interface ExporterFiles {
  readonly config: string;
  readonly state: string;
  readonly record: string;
}

/** A running exporter on a kernel of this process. */
export interface ExporterProcess {
  readonly pid: number;
  readonly nrChanges: () => number;
  readonly readStderr: () => string;
  /** Resolves when it has ended, however: its exit status, null after SIGKILL. */
  readonly ended: Promise<number | null>;
  /** Resolves when it serves, or has ended. */
  readonly serving: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export interface ExporterOptions {
  readonly program: string;
  readonly files: ExporterFiles;
  /** Killed before this change of the kernel, from 1; Infinity: never. */
  readonly lastChange: number;
}

export function startExporterProcess(
  kernel: SimulatedKernel,
  { program, files, lastChange }: ExporterOptions,
): ExporterProcess {
  const child = spawn(process.execPath, [program, files.config, files.state, files.record], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid!;
  let stderr = '';
  let noteServing = (): void => undefined;
  const isServing = new Promise<void>((resolve) => (noteServing = resolve));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (stderr.includes('msg=serving url')) noteServing();
  });
  const served = serveKernel(kernel, {
    pid,
    socket: child.stdio[KERNEL_FD] as Duplex,
    onChange: (nth) => {
      if (nth < lastChange) return true;
      child.kill('SIGKILL');
      return false;
    },
  });
  const ended = once(child, 'close').then(() => {
    served.end();
    return child.exitCode;
  });
  return {
    pid,
    nrChanges: () => served.nrChanges,
    readStderr: () => stderr,
    ended,
    serving: Promise.race([isServing, ended.then(() => undefined)]),
    kill: (signal) => void child.kill(signal),
  };
}
