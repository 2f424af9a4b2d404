import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What clients saw, added up. */
export interface Tally {
  /** Answers by status; those that were not waited for do not count. */
  readonly statuses: Map<number, number>;
  /** Whole answers whose body did not end as it must. */
  nrTorn: number;
  nrHangUps: number;
  /** Connections of those who read slowly or not at all, that the exporter ended. */
  nrDropped: number;
}

export interface ClientContext {
  readonly url: URL;
  readonly tally: Tally;
  readonly isOver: () => boolean;
}

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const SCRAPE_INTERVAL_MS = 1000;

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Every second, all of them at the same moment; by turns text, OpenMetrics and compressed. */
export async function scrapeOn({ url, tally, isOver }: ClientContext, nr: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const isOpenMetrics = nr % 3 === 1;
  const headers = {
    ...(isOpenMetrics && { accept: OPENMETRICS }),
    ...(nr % 3 === 2 && { 'accept-encoding': 'gzip' }),
  };
  while (!isOver()) {
    await sleep(SCRAPE_INTERVAL_MS - (Date.now() % SCRAPE_INTERVAL_MS));
    const request = get(new URL('/metrics', url), { agent, headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await readBody(response);
    const status = response.statusCode ?? 0;
    tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
    if (status === 200 && isOpenMetrics && !body.subarray(-6).equals(Buffer.from('# EOF\n'))) {
      tally.nrTorn += 1;
    }
  }
  agent.destroy();
}

async function open({ url }: ClientContext, path: string): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname);
  // Whoever hangs up may be hung up on.
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

/** Asks for the metrics and takes them a kilobyte at a time. */
export async function readSlowly(context: ClientContext): Promise<void> {
  const { tally, isOver } = context;
  while (!isOver()) {
    const socket = await open(context, '/metrics');
    socket.pause();
    for (let nr = 0; nr < 100 && !isOver() && !socket.destroyed; nr += 1) {
      socket.read(1024);
      await sleep(100);
    }
    if (socket.destroyed) tally.nrDropped += 1;
    socket.destroy();
  }
}

const HANG_UP_PATHS = ['/metrics', '/live/events', '/live', '/metrics', '/api/v1/observation'];

/** Asks and is gone: before, in the middle of, or after the answer. */
export async function hangUp(context: ClientContext): Promise<void> {
  for (let nr = 0; !context.isOver(); nr += 1) {
    const socket = await open(context, HANG_UP_PATHS[nr % HANG_UP_PATHS.length] ?? '/');
    if (nr % 2 === 0) await Promise.race([once(socket, 'data'), sleep(200)]);
    socket.resetAndDestroy();
    context.tally.nrHangUps += 1;
    await sleep(50);
  }
}

/** A live page that takes nothing; comes again when it is sent away. */
export async function watchBlindly(context: ClientContext): Promise<void> {
  const { tally, isOver } = context;
  while (!isOver()) {
    const socket = await open(context, '/live/events?target=0/0/0');
    socket.pause();
    while (!isOver() && !socket.destroyed) await sleep(200);
    if (!isOver()) tally.nrDropped += 1;
    socket.destroy();
  }
}

/** A live page as it should be. */
export async function watch(context: ClientContext): Promise<void> {
  const { tally, isOver } = context;
  while (!isOver()) {
    const socket = await open(context, '/live/events?target=0/0/0');
    socket.resume();
    while (!isOver() && !socket.destroyed) await sleep(200);
    if (!isOver()) tally.nrDropped += 1;
    socket.destroy();
  }
}
