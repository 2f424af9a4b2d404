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
import { createScrapeClient } from './support/scrapeClient.ts';
import type { ScrapeClient } from './support/scrapeClient.ts';

const FETCH_PEER = join(import.meta.dirname, '../test/peers/fetchNodeExporter.sh');
const NR_WARM_UPS = 40;
const NR_SCRAPES = 4000;
/** Goals are for as many series as the peer has, or half as many again. */
const MOST_ALIKE = 1.5;
/** With new snapshots before each one; a scraper's usual 15 seconds would take an hour. */
const NR_PACED = 20;
const PACE_MS = 1000;
const MIN_SERIES = 500;
const START_TIMEOUT_MS = 20_000;
/** As the reference allows a program of its kind beside bare Node's 41 MB. */
const GOAL_RSS_MB = 75;
/** Processes of the simulated machine: about as many series as node_exporter has. */
const PROCESSES = ['815', '818', '821'];

interface Exporter {
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
  readonly client: ScrapeClient;
}

async function start(name: string, command: readonly string[], port: number): Promise<Exporter> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/metrics`;
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      const text = await (await fetch(url)).text();
      if (countSeries(text) >= MIN_SERIES) {
        return { name, url, child, client: await createScrapeClient(url) };
      }
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

interface ScrapeCost {
  readonly nrSeries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of scrapes that each find new snapshots. */
  readonly pacedP50Ms: number;
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

/** In turn, one scrape each, so that all meet the same noise; milliseconds ascending, by exporter. */
async function measureTimes(
  exporters: readonly Exporter[],
  nrScrapes: number,
  pauseMs: number,
): Promise<number[][]> {
  const times = exporters.map((): number[] => []);
  for (let round = 0; round < nrScrapes; round += 1) {
    if (pauseMs > 0) await sleep(pauseMs);
    for (const [index, exporter] of exporters.entries()) {
      times[index]?.push(await exporter.client.scrapeMs());
    }
  }
  return times.map((each) => each.toSorted((a, b) => a - b));
}

async function measure(exporters: readonly Exporter[]): Promise<ScrapeCost[]> {
  const roots = { sys: '/sys', proc: '/proc', trace: undefined, boot: '/boot' };
  const fs = createNodeKernelFs(roots);
  const readCpu = ({ child }: Exporter): number =>
    readProcessStat(fs, child.pid ?? 0)?.cpuSeconds ?? Number.NaN;
  for (let round = 0; round < NR_WARM_UPS; round += 1) {
    for (const { client } of exporters) await client.scrapeMs();
  }
  const cpuBefore = exporters.map(readCpu);
  const times = await measureTimes(exporters, NR_SCRAPES, 0);
  const cpuAfter = exporters.map(readCpu);
  const paced = await measureTimes(exporters, NR_PACED, PACE_MS);
  return Promise.all(
    exporters.map(async (exporter, index) => ({
      nrSeries: countSeries(await (await fetch(exporter.url)).text()),
      p50Ms: pick(times[index]!, 0.5),
      p99Ms: pick(times[index]!, 0.99),
      pacedP50Ms: pick(paced[index]!, 0.5),
      cpuMs: ((cpuAfter[index]! - cpuBefore[index]!) * 1000) / NR_SCRAPES,
      rssMb: readRssMb(exporter.child.pid ?? 0),
    })),
  );
}

function makeRows(own: ScrapeCost, peer: ScrapeCost): BenchRow[] {
  const peerName = `node_exporter, ${peer.nrSeries} series`;
  const isAlike = own.nrSeries <= MOST_ALIKE * peer.nrSeries;
  const note = isAlike
    ? 'the simulated kernel works in the same process'
    : `no goal: ${(own.nrSeries / peer.nrSeries).toFixed(1)} times the series`;
  const row = (name: string, select: (cost: ScrapeCost) => number): BenchRow => ({
    name: `scrape of ${own.nrSeries} series: ${name}`,
    figure: select(own),
    unit: 'ms',
    peer: { name: peerName, figure: select(peer) },
    isTime: true,
    note,
  });
  return [
    { ...row('p50', ({ p50Ms }) => p50Ms), ...(isAlike && { timesFaster: 5 }) },
    { ...row('p99', ({ p99Ms }) => p99Ms), ...(isAlike && { timesFaster: 1 }) },
    row('p50, one each second', ({ pacedP50Ms }) => pacedP50Ms),
    row('CPU, with all collecting', ({ cpuMs }) => cpuMs),
    {
      name: `serve, ${own.nrSeries} series: resident memory`,
      figure: own.rssMb,
      unit: 'MB',
      peer: { name: peerName, figure: peer.rssMb },
      ...(isAlike && { goal: GOAL_RSS_MB }),
      note,
    },
  ];
}

async function stop({ child, client }: Exporter): Promise<void> {
  client.close();
  child.kill();
  await once(child, 'exit');
}

/** What a scrape costs, beside the exporter that is on every machine; one of ours at a time. */
export async function benchScrape(): Promise<BenchRow[]> {
  const peerProgram = execFileSync('bash', [FETCH_PEER], { encoding: 'utf8' }).trim();
  const startOn = async (name: string, command: readonly string[]): Promise<Exporter> => {
    const port = await findFreePort();
    return start(name, [...command, `--web.listen-address=127.0.0.1:${port}`], port);
  };
  const serve = [...PROGRAM, 'serve', '--source', 'simulator'];
  const rows: BenchRow[] = [];
  for (const own of [[...serve, ...PROCESSES], serve]) {
    const exporters: Exporter[] = [];
    try {
      exporters.push(await startOn('node_exporter', [peerProgram]));
      exporters.push(await startOn('serve', own));
      const [peerCost, ownCost] = await measure(exporters);
      rows.push(...makeRows(ownCost!, peerCost!));
    } finally {
      await Promise.all(exporters.map(stop));
    }
  }
  return rows;
}
