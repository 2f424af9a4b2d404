import { createServer as createHttpServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from '../base/log.ts';
import type { TlsServing } from './tlsServing.ts';

/** Speaks HTTP on connections that others accept, with TLS or without. */
export interface Front {
  accept(socket: Socket): void;
  /** Ends connections on which nothing is being answered. */
  endIdle(): void;
  /** Ends all connections. */
  endAll(): void;
}

export interface FrontOptions {
  readonly listener: RequestListener;
  /** What is in force now: another object is another server. Undefined = no TLS. */
  readonly readTls: () => TlsServing | undefined;
  readonly logger: Pick<Logger, 'debug'>;
}

/** Limits that keep slow or broken clients from holding memory and connections for long. */
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than usual scrape intervals, so that a scraper keeps its connection.
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5_000,
} as const;
const INACTIVITY_MS = 120_000;
const FIRST_BYTE_MS = 10_000;

const HANDSHAKE = 0x16;
const PLAIN_REFUSAL = 'this port speaks TLS: ask with https://\n';
const PLAIN_ANSWER = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${PLAIN_REFUSAL.length}`,
  'Connection: close',
  '',
  PLAIN_REFUSAL,
].join('\r\n');

function createHttp(listener: RequestListener, tls: TlsServing | undefined): Server {
  const server =
    tls === undefined
      ? createHttpServer(LIMITS, listener)
      : createHttpsServer({ ...LIMITS, ...tls.options }, listener);
  server.setTimeout(INACTIVITY_MS);
  // It never listens itself, but looks for slow requests only from then on.
  server.emit('listening');
  return server;
}

/** Passes a connection on once its first byte is that of a handshake; answers others in plain. */
function expectHandshake(socket: Socket, pass: () => void): void {
  const giveUp = (): void => {
    socket.destroy();
  };
  socket.setTimeout(FIRST_BYTE_MS, giveUp);
  socket.once('readable', () => {
    const first = socket.read() as Buffer | null;
    socket.setTimeout(0, giveUp);
    if (first === null) socket.destroy();
    else if (first[0] === HANDSHAKE) {
      socket.unshift(first);
      pass();
    } else if (/^[A-Z]+ /.test(first.subarray(0, 16).toString('latin1'))) {
      socket.end(PLAIN_ANSWER, () => socket.destroy());
    } else socket.destroy();
  });
}

/**
 * New connections are served by what is in force when they come. Those of before get one more
 * answer.
 */
export function createFront({ listener, readTls, logger }: FrontOptions): Front {
  const sockets = new Set<Socket>();
  const waiting = new Set<Socket>();

  const create = (tls: TlsServing | undefined): { tls: TlsServing | undefined; server: Server } => {
    const server = createHttp((request, response) => {
      if (current.server !== server) response.setHeader('Connection', 'close');
      listener(request, response);
    }, tls);
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      const reason = tls?.refuseClient(socket);
      if (reason === undefined) return;
      logger.debug('a client was refused', { address: socket.remoteAddress, reason });
      socket.destroy();
    });
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      logger.debug('a handshake failed', { address: socket.remoteAddress, reason: error.message });
    });
    return { tls, server };
  };
  let current = create(readTls());

  const getServer = (): Server => {
    const tls = readTls();
    if (tls !== current.tls) {
      const old = current.server;
      current = create(tls);
      old.close();
    }
    return current.server;
  };

  return {
    accept: (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // The servers have listeners of their own; this is for the time before.
      socket.on('error', () => socket.destroy());
      const server = getServer();
      if (current.tls === undefined) {
        server.emit('connection', socket);
        return;
      }
      waiting.add(socket);
      socket.once('close', () => waiting.delete(socket));
      expectHandshake(socket, () => {
        waiting.delete(socket);
        server.emit('connection', socket);
      });
    },
    endIdle: () => {
      for (const socket of waiting) socket.destroy();
      current.server.close();
    },
    endAll: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
