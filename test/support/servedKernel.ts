import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { vi } from 'vitest';
import { mergeFileSettings } from '../../src/cli/serve/fileSettings.ts';
import type { ServeArguments } from '../../src/cli/serve/serveArguments.ts';
import { serveKernel } from '../../src/cli/serve/serveKernel.ts';
import { parseDamonConfig } from '../../src/config/parseDamonConfig.ts';
import { createSimulatedClock } from '../../src/simulator/simulatedClock.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { askServer } from './askServer.ts';
import { createFaultyKernelFs } from './faultyKernelFs.ts';
import type { FindFault } from './faultyKernelFs.ts';
import { createMemoryLogger } from './memoryLogger.ts';
import { parseExposition } from './seriesValues.ts';
import type { SeriesValues } from './seriesValues.ts';
import { SERVE_ARGUMENTS } from './serveArguments.ts';
import { createTestKernel } from './simulation.ts';

export interface ServedKernelOptions {
  readonly version: string;
  readonly config?: string;
  readonly args?: Partial<ServeArguments>;
  /** Further ones, for files in a directory of its own. */
  readonly createArgs?: (directory: string) => Partial<ServeArguments>;
  /** Done to the kernel before the start. */
  readonly prepare?: (kernel: SimulatedKernel) => void;
  readonly isDamonStatOn?: boolean;
  /** What fails from the start. */
  readonly findFault?: FindFault;
}

/** The whole of `serve` in this process, over a simulated kernel; time passes as the test says. */
export interface ServedKernel {
  readonly kernel: SimulatedKernel;
  readonly logger: ReturnType<typeof createMemoryLogger>;
  /** A directory of its own, for files. */
  readonly directory: string;
  /** What fails from now on; undefined = nothing. */
  findFault: FindFault | undefined;
  /** Lets time pass for the kernel and for this program. */
  pass(durationMs: number): Promise<void>;
  /** The monotonic clock jumps, as over a time in which the machine was stopped: no timer fires. */
  jump(durationMs: number): void;
  scrape(): Promise<{ readonly status: number | undefined; readonly series: SeriesValues }>;
  stop(): Promise<void>;
}

const STEP_MS = 500;
/** Enough for what really reads or writes files. */
const TURNS_PER_STEP = 3;
/** Further ones are a millisecond of real time each, for files on a busy machine. */
const QUICK_TURNS = 500;
const LONGEST_TURNS = 15_000;

let jumpedNs = 0n;

/** To be called before `serveSimulated`: time of this process stands still from then on. */
export function stopTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'hrtime'],
    now: 1_800_000_000_000,
  });
  const bigint = process.hrtime.bigint.bind(process.hrtime);
  jumpedNs = 0n;
  process.hrtime.bigint = () => bigint() + jumpedNs;
}

export function letTimePass(): void {
  vi.useRealTimers();
}

/** Resolves when it serves, or rejects as `serve` does. */
export async function serveSimulated(options: ServedKernelOptions): Promise<ServedKernel> {
  const { version, config: text, prepare, isDamonStatOn = false } = options;
  const directory = mkdtempSync(join(tmpdir(), 'damon-served-'));
  const kernel = createTestKernel({
    version,
    isDamonStatOn,
    // That of this process: what blocks in the kernel waits for a timer.
    clock: createSimulatedClock({ speed: 1 }),
    workloads: [createHotCold('database', 8, 24), createHotCold('web', 4, 4)],
  });
  prepare?.(kernel);
  const logger = createMemoryLogger();
  const config = text === undefined ? undefined : parseDamonConfig(text, 'served.yaml');
  const { args, settings } = mergeFileSettings(
    {
      ...SERVE_ARGUMENTS,
      'web.listen-address': ['127.0.0.1:0'],
      'state.file': join(directory, 'state.json'),
      ...options.args,
      ...options.createArgs?.(directory),
    },
    config,
    {},
  );
  let end: (() => void) | undefined;
  const stopped = new Promise<void>((resolve) => {
    end = resolve;
  });
  const served: ServedKernel = {
    kernel,
    logger,
    directory,
    findFault: options.findFault,
    pass: async (durationMs) => {
      for (let passedMs = 0; passedMs < durationMs; passedMs += STEP_MS) {
        await vi.advanceTimersByTimeAsync(STEP_MS);
        for (let turn = 0; turn < TURNS_PER_STEP; turn += 1) await nextTurn();
      }
    },
    jump: (durationMs) => {
      jumpedNs += BigInt(durationMs) * 1_000_000n;
    },
    scrape: async () => {
      const { status, body } = await until(askServer(url(), '/metrics'));
      return { status, series: parseExposition(body) };
    },
    stop: async () => {
      end?.();
      try {
        await until(running);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
  const running = serveKernel({
    args,
    settings,
    kernel: {
      fs: createFaultyKernelFs(kernel.fs, (...what) => served.findFault?.(...what)),
      clock: kernel.clock,
    },
    logger,
    config,
    readConfig: config && (() => Promise.resolve(config)),
    waitForStop: () => stopped,
  });
  const url = (): string =>
    String(logger.fields.find((_, index) => logger.messages[index] === 'info serving')?.['url']);
  /** Passes time until that is done, as far as it takes any. */
  const until = async <T>(task: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = task.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    for (let turn = 1; turn <= LONGEST_TURNS; turn += 1) {
      if (isDone as boolean) return done;
      await (turn < QUICK_TURNS ? nextTurn() : wait(1));
      if (turn % 50 === 0) await served.pass(STEP_MS);
    }
    throw new Error('it goes on for ever');
  };
  let hasEnded = false;
  running.catch(() => (hasEnded = true));
  const serving = async (): Promise<void> => {
    while (!hasEnded && !logger.messages.includes('info serving')) await served.pass(STEP_MS);
  };
  await Promise.race([running, serving()]);
  return served;
}
