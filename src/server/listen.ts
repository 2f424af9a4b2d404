import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { describeError, ExporterError, UsageError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { createFront } from './front.ts';
import type { Front } from './front.ts';
import type { TlsServing } from './tlsServing.ts';

export interface ListenAddress {
  /** Undefined = every address of the machine. */
  readonly host: string | undefined;
  /** 0 = any free one. */
  readonly port: number;
}

export interface RunningServer {
  /** Where a person on this machine finds it, with a slash at the end. */
  readonly url: string;
  /** Takes no new connections, lets answers in progress finish for a moment, then ends the rest. */
  close(graceMs?: number): Promise<void>;
}

const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this user may not use that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no host of that name',
};

/**
 * Reads `:10077`, `127.0.0.1:0`, `[::1]:10077`, `localhost:10077`.
 *
 * @throws UsageError for anything else.
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^:[\]\s/]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new UsageError(
      `listen address: found "${text}", expected host:port such as ":10077", "127.0.0.1:10077" or "[::1]:10077"`,
    );
  }
  const host = match[1] ?? match[2];
  return { host: host === '' ? undefined : host, port };
}

function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host?.includes(':') === true ? `[${host}]` : (host ?? '')}:${port}`;
}

/** How connections are secured. */
export interface ListenSecurity {
  /** What is in force now; undefined = no TLS. */
  readonly readTls: () => TlsServing | undefined;
  readonly logger: Pick<Logger, 'debug'>;
}

const NO_SECURITY: ListenSecurity = {
  readTls: () => undefined,
  logger: { debug: () => undefined },
};

/** More at a time are dropped at once; each costs memory and a descriptor. */
const MAX_CONNECTIONS = 512;

function describeUrl(server: Server, host: string | undefined, scheme: string): string {
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  const isAnywhere = host === undefined || host === '0.0.0.0' || host === '::';
  return `${scheme}://${formatListenAddress({ host: isAnywhere ? 'localhost' : host, port })}/`;
}

function closeServer(server: Server, front: Front, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => {
      front.endAll();
    }, graceMs);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
    front.endIdle();
  });
}

/**
 * Serves HTTP until closed, with TLS as `security` says for each new connection.
 *
 * @throws ExporterError when the address cannot be had.
 */
export function listen(
  listener: RequestListener,
  address: ListenAddress,
  security: ListenSecurity = NO_SECURITY,
): Promise<RunningServer> {
  const front = createFront({ listener, ...security });
  const options = { allowHalfOpen: true, noDelay: true };
  const server = createServer(options, (socket) => {
    front.accept(socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
  const scheme = security.readTls() === undefined ? 'http' : 'https';
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const reason = REFUSALS[error.code ?? ''] ?? describeError(error);
      const where = formatListenAddress(address);
      const advice = 'choose another with --web.listen-address';
      front.endIdle();
      reject(
        new ExporterError('failure', `listen on ${where}: ${reason}; ${advice}`, { cause: error }),
      );
    };
    server.once('error', refuse);
    server.listen({ port: address.port, host: address.host }, () => {
      server.off('error', refuse);
      resolve({
        url: describeUrl(server, address.host, scheme),
        close: (graceMs = 2000) => closeServer(server, front, graceMs),
      });
    });
  });
}
