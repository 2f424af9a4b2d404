import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { isKernelErrno, KernelError } from '../../src/base/errors.ts';
import type { KernelStream } from '../../src/kernel/kernelFs.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import type { KernelAnswer, KernelRequest, KernelValue } from './protocol.ts';

const CHANGES: ReadonlySet<string> = new Set<KernelRequest['call']>([
  ...(['writeText', 'writeTextBlocking', 'makeDir', 'removeDir'] as const),
]);

/** The kernel as one process sees it. */
export interface ServedKernel {
  /** How many changes it has asked for. */
  readonly nrChanges: number;
  /** What the kernel does when a process ends: its files are closed. */
  end(): void;
}

export interface ServedProcess {
  readonly pid: number;
  readonly socket: Duplex;
  /** Called with each change, before it is made; false: it is not made, and never answered. */
  readonly onChange: (nth: number) => boolean;
}

/** A write that may take its time. */
interface PendingWrite {
  isDone: boolean;
  error: Error | undefined;
}

function toAnswer(error: unknown): KernelAnswer {
  if (!(error instanceof KernelError)) throw error;
  const { operation, path, errno } = error;
  return { problem: { operation, path, ...(errno !== undefined && { errno }) } };
}

/** Answers one process. Its own `/proc/PID` is the real one: only so it is seen to be alive. */
export function serveKernel(
  { fs, clock }: SimulatedKernel,
  { pid, socket, onChange }: ServedProcess,
): ServedKernel {
  const streams = new Map<number, KernelStream>();
  const writes = new Map<number, PendingWrite>();
  let [nextId, nrChanges, isOver] = [1, 0, false];
  const buffer = new Uint8Array(1 << 16);

  const answer = (request: KernelRequest): KernelValue => {
    switch (request.call) {
      case 'now':
        return JSON.stringify({ ns: String(clock.monotonicNs()), wallMs: clock.wallMs() });
      case 'readText':
        if (request.path === `proc/${pid}/stat`) return readFileSync(`/${request.path}`, 'utf8');
        return fs.readText(request.path);
      case 'identify':
        return fs.identify(request.path)?.toString() ?? null;
      case 'list':
      case 'exists':
        return fs[request.call](request.path);
      case 'makeDir':
      case 'removeDir':
        fs[request.call](request.path);
        return null;
      case 'writeText':
        fs.writeText(request.path, request.value);
        return null;
      case 'writeTextBlocking': {
        const pending: PendingWrite = { isDone: false, error: undefined };
        const { path, value, overtakes } = request;
        fs.writeTextBlocking(path, value, { overtakes })
          .catch((error: unknown) => {
            if (!(error instanceof Error)) throw error;
            pending.error = error;
          })
          .finally(() => {
            pending.isDone = true;
          });
        writes.set(nextId, pending);
        return nextId++;
      }
      case 'isDone': {
        const pending = writes.get(request.id);
        if (pending?.error !== undefined) throw pending.error;
        return pending?.isDone ?? true;
      }
      case 'openStream':
        streams.set(nextId, fs.openStream(request.path));
        return nextId++;
      case 'readStream': {
        const into = buffer.subarray(0, request.maxBytes);
        const length = streams.get(request.id)?.read(into) ?? 0;
        return Buffer.from(into.subarray(0, length)).toString('base64');
      }
      case 'closeStream':
        streams.get(request.id)?.close();
        streams.delete(request.id);
        return null;
    }
  };
  const serve = (line: string): void => {
    if (isOver) return;
    const request = JSON.parse(line) as KernelRequest;
    if (CHANGES.has(request.call)) {
      nrChanges += 1;
      if (!onChange(nrChanges)) isOver = true;
    }
    if (isOver) return;
    let reply: KernelAnswer;
    try {
      reply = { value: answer(request) };
    } catch (error) {
      reply = toAnswer(error);
    }
    socket.write(`${JSON.stringify(reply)}\n`);
  };
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    const lines = (text + bytes.toString('utf8')).split('\n');
    text = lines.pop() ?? '';
    lines.forEach(serve);
  });
  // It was killed in the middle of something.
  socket.on('error', () => {
    isOver = true;
  });
  return {
    get nrChanges() {
      return nrChanges;
    },
    end: () => {
      isOver = true;
      for (const stream of streams.values()) {
        try {
          stream.close();
        } catch (error) {
          if (!isKernelErrno(error)) throw error;
        }
      }
    },
  };
}
