import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createNodeKernelFs } from '../src/kernel/nodeFs.ts';
import { readProcessStat } from '../src/kernel/processes.ts';
import { openTraceInstance } from '../src/kernel/trace/traceInstance.ts';
import { createDemoKernel } from '../src/simulator/demoScene.ts';
import { stageKdamond } from '../test/contract/stage.ts';
import { findFreePort } from '../test/support/freePort.ts';
import type { BenchRow } from './support/benchRow.ts';
import { PROGRAM } from './support/program.ts';

const NR_REGIONS = 1000;
/** What `serve` reads its source at by default. */
const COLLECT_MS = 250;
const WARM_UP_MS = 5000;
const MEASURED_MS = 30_000;
/** In turn, so that all meet the same noise. */
const NR_ROUNDS = 2;
/** A hundredth of a core, for ten thousand regions each second. */
const GOAL_PERCENT = 1;

/** Percent of a core that is used while `readCpuSeconds` is looked at twice. */
async function measurePercent(readCpuSeconds: () => number): Promise<number> {
  await sleep(WARM_UP_MS);
  const before = readCpuSeconds();
  await sleep(MEASURED_MS);
  return ((readCpuSeconds() - before) * 100_000) / MEASURED_MS;
}

/** The simulated kernel with the same kdamond, whose trace somebody takes and throws away. */
async function measureKernelAlone(): Promise<number> {
  const kernel = createDemoKernel({ version: '7.2', seed: 1, speed: 1, scene: 'idle' });
  const contractKernel = {
    ...kernel,
    release: '7.2.0',
    sleep,
    settle: <T>(pending: Promise<T>) => pending,
    startProcess: () => Promise.reject(new Error('not used')),
    killAll: () => Promise.resolve(),
  };
  stageKdamond(contractKernel, {
    pids: [...kernel.processes.keys()].slice(0, 1),
    minNrRegions: NR_REGIONS,
    maxNrRegions: NR_REGIONS + 1,
  });
  kernel.fs.writeText('sys/kernel/mm/damon/admin/kdamonds/0/state', 'on');
  const trace = openTraceInstance({ fs: kernel.fs, pid: 4242, bufferSizeKb: 4096 });
  const page = new Uint8Array(trace.pageSizeBytes);
  let nrBytes = 0;
  const timer = setInterval(() => {
    for (const stream of trace.streams.byCpu.values()) {
      for (let length = stream.read(page); length > 0; length = stream.read(page)) {
        nrBytes += length;
      }
    }
  }, COLLECT_MS);
  try {
    const percent = await measurePercent(() => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    if (nrBytes === 0) throw new Error('the simulated kernel traced nothing');
    return percent;
  } finally {
    clearInterval(timer);
    trace.close();
  }
}

async function measureServe(args: readonly string[]): Promise<number> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}/metrics`;
  const [program = '', ...words] = [
    ...PROGRAM,
    ...['serve', '--source', 'simulator', '--simulator.source', 'trace', '815'],
    ...['--minr', String(NR_REGIONS), '--maxr', String(NR_REGIONS + 1)],
    ...['--collect.idle-after', 'max', '--web.listen-address', `127.0.0.1:${port}`],
    ...args,
  ];
  const child = spawn(program, words, { stdio: 'ignore' });
  const fs = createNodeKernelFs({ sys: '/sys', proc: '/proc', trace: undefined, boot: '/boot' });
  try {
    const percent = await measurePercent(
      () => readProcessStat(fs, child.pid ?? 0)?.cpuSeconds ?? NaN,
    );
    const text = await (await fetch(url)).text();
    const nrRegions = Number(/^damon_regions\{.*\} (\d+)$/m.exec(text)?.[1]);
    if (nrRegions >= NR_REGIONS / 2) return percent;
    throw new Error(`found ${nrRegions} regions, expected about ${NR_REGIONS}`);
  } finally {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

/** What `serve` takes of a processor while nobody scrapes it, beyond the kernel it simulates. */
export async function benchServeCpu(): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-bench-'));
  const found = { alone: Infinity, metrics: Infinity, recording: Infinity };
  try {
    for (let round = 0; round < NR_ROUNDS; round += 1) {
      const recordPath = join(dir, String(round));
      found.alone = Math.min(found.alone, await measureKernelAlone());
      found.metrics = Math.min(found.metrics, await measureServe([]));
      const recording = await measureServe(['--record.path', recordPath]);
      found.recording = Math.min(found.recording, recording);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
  const row = (name: string, percent: number): BenchRow => ({
    name: `serve, ${NR_REGIONS} regions at 5 ms/100 ms${name}: CPU`,
    figure: percent - found.alone,
    unit: '% of a core',
    peer: { name: 'the simulated kernel alone, taken off', figure: found.alone },
    goal: GOAL_PERCENT,
  });
  return [row('', found.metrics), row(', recording', found.recording)];
}
