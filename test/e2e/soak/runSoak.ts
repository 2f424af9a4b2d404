import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { askServer } from '../../support/askServer.ts';
import { parseSamples, selectValues } from '../../vm/guest/serve/metricsText.ts';
import { startServe } from '../program.ts';
import { hangUp, readSlowly, scrapeOn, watch, watchBlindly } from './soakClients.ts';
import type { ClientContext, Tally } from './soakClients.ts';

/** What the exporter says and uses at one moment. */
export interface SoakSample {
  readonly seconds: number;
  readonly residentMb: number;
  readonly openFds: number;
  /** Collected since the start. */
  readonly snapshots: number;
  readonly lostEvents: number;
  readonly spoiledSnapshots: number;
  /** Of the target that waits longest for its next one. */
  readonly snapshotAgeSeconds: number;
}

export interface SoakOutcome {
  readonly before: SoakSample;
  /** Every second under load, without the first ones. */
  readonly samples: readonly SoakSample[];
  /** When all clients are gone. */
  readonly after: SoakSample;
  readonly tally: Tally;
  readonly nrTargets: number;
}

export interface SoakOptions {
  readonly seconds: number;
  /** Until code is compiled and buffers have grown. */
  readonly warmUpSeconds: number;
  readonly onSample?: (sample: SoakSample, tally: Tally) => void;
}

const NR_SCRAPERS = 40;
const NR_OTHERS = 5;
/** Fewer than the scrapers that ask at the same moment for what takes long: compressed answers. */
const MAX_REQUESTS = 4;
/** A second of nobody asking, so that what the kernel's sockets still hold is let go of. */
const SETTLE_SECONDS = 5;

function readSum(samples: ReturnType<typeof parseSamples>, name: string): number {
  return selectValues(samples, name).reduce((sum, value) => sum + value, 0);
}

/** Asks again where there are too many that ask. */
async function ask(url: string, path: string): Promise<string> {
  for (;;) {
    const { status, body } = await askServer(url, path);
    if (status === 200) return body;
    await sleep(100);
  }
}

async function takeSample(url: string, pid: number, beganMs: number): Promise<SoakSample> {
  // On a connection of its own, which is one open file.
  const body = await ask(url, '/metrics?collect[]=exporter');
  const samples = parseSamples(body);
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    seconds: (performance.now() - beganMs) / 1000,
    residentMb: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024,
    openFds: readdirSync(`/proc/${pid}/fd`).length,
    snapshots: readSum(samples, 'damon_exporter_snapshots_total'),
    lostEvents: readSum(samples, 'damon_exporter_lost_events_total'),
    spoiledSnapshots: readSum(samples, 'damon_exporter_spoiled_snapshots_total'),
    snapshotAgeSeconds: Math.max(...selectValues(samples, 'damon_exporter_snapshot_age_seconds')),
  };
}

function startClients(context: ClientContext): Promise<unknown> {
  const others = [readSlowly, hangUp, watchBlindly, watch];
  return Promise.all([
    ...Array.from({ length: NR_SCRAPERS }, (_, nr) => scrapeOn(context, nr)),
    ...others.flatMap((run) => Array.from({ length: NR_OTHERS }, () => run(context))),
  ]);
}

/** Everything at once, on the simulated kernel: scrapers, slow ones, rude ones, live pages. */
export async function runSoak(options: SoakOptions): Promise<SoakOutcome> {
  const { seconds, warmUpSeconds, onSample } = options;
  const exporter = await startServe(
    ...['--source', 'simulator', '--trace.buffer-size', '4M'],
    ...['--web.max-requests', String(MAX_REQUESTS)],
  );
  let isStopping = false;
  const tally: Tally = { statuses: new Map(), nrTorn: 0, nrHangUps: 0, nrDropped: 0 };
  const beganMs = performance.now();
  const sample = (): Promise<SoakSample> =>
    takeSample(exporter.url, exporter.child.pid ?? 0, beganMs);
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const before = await sample();
    const body = await ask(exporter.url, '/metrics?collect[]=target');
    const nrTargets = selectValues(parseSamples(body), 'damon_target_info').length;
    const clients = startClients({
      url: new URL(exporter.url),
      tally,
      isOver: () => isStopping,
    });
    const samples: SoakSample[] = [];
    for (let now = before; now.seconds - before.seconds < seconds;) {
      // What fails a client fails the soak at once.
      await Promise.race([sleep(1000), clients]);
      now = await sample();
      onSample?.(now, tally);
      if (now.seconds - before.seconds >= warmUpSeconds) samples.push(now);
    }
    isStopping = true;
    await clients;
    await sleep(SETTLE_SECONDS * 1000);
    return { before, samples, after: await sample(), tally, nrTargets };
  } finally {
    isStopping = true;
    await exporter.stop();
  }
}
