import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProcessStat } from '../src/kernel/processes.ts';
import { createNodeKernelFs } from '../src/kernel/nodeFs.ts';
import { findFreePort } from '../test/support/freePort.ts';
import type { BenchRow } from './support/benchRow.ts';
import { PROGRAM } from './support/program.ts';

const FETCH_PEER = join(import.meta.dirname, '../test/peers/fetchNodeExporter.sh');
const NR_WARM_UPS = 40;
const NR_SCRAPES = 400;
const MIN_SERIES = 500;
const START_TIMEOUT_MS = 20_000;
/** As the reference allows a program of its kind beside bare Node's 41 MB. */
const GOAL_RSS_MB = 75;

interface Exporter {
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
}

async function start(name: string, command: readonly string[], port: number): Promise<Exporter> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/metrics`;
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      const text = await (await fetch(url)).text();
      if (countSeries(text) >= MIN_SERIES) return { name, url, child };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    if (performance.now() > deadline || child.exitCode !== null) {
      child.kill();
      throw new Error(`${name} did not serve ${MIN_SERIES} series at ${url}`);
    }
    await sleep(100);
  }
}

function countSeries(text: string): number {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

async function scrapeMs({ url }: Exporter): Promise<number> {
  const begin = process.hrtime.bigint();
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
  await response.arrayBuffer();
  return Number(process.hrtime.bigint() - begin) / 1e6;
}

interface ScrapeCost {
  readonly nrSeries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

function readRssMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

function pick(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** In turn, one scrape each, so that all meet the same noise. */
async function measure(exporters: readonly Exporter[]): Promise<ScrapeCost[]> {
  const roots = { sys: '/sys', proc: '/proc', trace: undefined, boot: '/boot' };
  const fs = createNodeKernelFs(roots);
  const readCpu = ({ child }: Exporter): number =>
    readProcessStat(fs, child.pid ?? 0)?.cpuSeconds ?? Number.NaN;
  const times = exporters.map((): number[] => []);
  for (let round = 0; round < NR_WARM_UPS; round += 1) await Promise.all(exporters.map(scrapeMs));
  const cpuBefore = exporters.map(readCpu);
  for (let round = 0; round < NR_SCRAPES; round += 1) {
    for (const [index, exporter] of exporters.entries()) {
      times[index]?.push(await scrapeMs(exporter));
    }
  }
  return Promise.all(
    exporters.map(async (exporter, index) => {
      const sorted = (times[index] ?? []).toSorted((a, b) => a - b);
      return {
        nrSeries: countSeries(await (await fetch(exporter.url)).text()),
        p50Ms: pick(sorted, 0.5),
        p99Ms: pick(sorted, 0.99),
        cpuMs: ((readCpu(exporter) - cpuBefore[index]!) * 1000) / NR_SCRAPES,
        rssMb: readRssMb(exporter.child.pid ?? 0),
      };
    }),
  );
}

function makeRows(own: ScrapeCost, peer: ScrapeCost): BenchRow[] {
  const peerName = `node_exporter, ${peer.nrSeries} series`;
  const note = `${own.nrSeries} series; the simulated kernel works in the same process`;
  const row = (name: string, select: (cost: ScrapeCost) => number): BenchRow => ({
    name: `scrape: ${name}`,
    figure: select(own),
    unit: 'ms',
    peer: { name: peerName, figure: select(peer) },
    isTime: true,
    note,
  });
  return [
    { ...row('p50', ({ p50Ms }) => p50Ms), timesFaster: 5 },
    { ...row('p99', ({ p99Ms }) => p99Ms), timesFaster: 1 },
    row('CPU, with all collecting', ({ cpuMs }) => cpuMs),
    {
      name: 'serve: resident memory',
      figure: own.rssMb,
      unit: 'MB',
      peer: { name: peerName, figure: peer.rssMb },
      goal: GOAL_RSS_MB,
      note,
    },
  ];
}

/** What a scrape costs, beside the exporter that is on every machine. */
export async function benchScrape(): Promise<BenchRow[]> {
  const peerProgram = execFileSync('bash', [FETCH_PEER], { encoding: 'utf8' }).trim();
  const [ownPort, peerPort] = [await findFreePort(), await findFreePort()];
  const listen = `--web.listen-address=127.0.0.1`;
  const own = await start(
    'serve',
    [...PROGRAM, 'serve', '--source', 'simulator', `${listen}:${ownPort}`],
    ownPort,
  );
  try {
    const peer = await start('node_exporter', [peerProgram, `${listen}:${peerPort}`], peerPort);
    try {
      const [ownCost, peerCost] = await measure([own, peer]);
      return makeRows(ownCost!, peerCost!);
    } finally {
      peer.child.kill();
      await once(peer.child, 'exit');
    }
  } finally {
    own.child.kill();
    await once(own.child, 'exit');
  }
}
