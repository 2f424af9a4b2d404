import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { describeError, ExporterError, UsageError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { createFront } from './front.ts';
import type { Front } from './front.ts';
import type { TlsServing } from './tlsServing.ts';
import { listenOnPath, MAX_SOCKET_PATH_BYTES, removeStaleSocket } from './unixSocket.ts';

export type ListenAddress = TcpAddress | UnixAddress | InheritedSocket;

export interface TcpAddress {
  /** Undefined = every address of the machine. */
  readonly host: string | undefined;
  /** 0 = any free one. */
  readonly port: number;
}

export interface UnixAddress {
  readonly path: string;
}

/** A listening socket that whoever started this program has left open for it. */
export interface InheritedSocket {
  readonly fd: number;
}

export interface RunningServer {
  /** Where a person on this machine finds it: with a slash at the end, `unix:/…` or `fd:3`. */
  readonly url: string;
  /** Takes no new connections, lets answers in progress finish for a moment, then ends the rest. */
  close(graceMs?: number): Promise<void>;
}

const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this user may not listen there',
  ENOENT: 'there is no such directory',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no host of that name',
};

const ADVICE = 'choose another with --web.listen-address';

function parseUnixAddress(text: string): UnixAddress {
  const path = text.slice('unix:'.length);
  const isLong = Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES;
  // eslint-disable-next-line no-control-regex -- which is what is looked for
  if (/^\/[^\u0000-\u001f]*[^/\u0000-\u001f]$/.test(path) && !isLong) return { path };
  throw new UsageError(
    `listen address: found ${JSON.stringify(text)}, expected unix:/PATH of at most ${MAX_SOCKET_PATH_BYTES} bytes`,
  );
}

/**
 * Reads `:10077`, `127.0.0.1:0`, `[::1]:10077`, `localhost:10077`, `unix:/run/damon.sock`.
 *
 * @throws UsageError for anything else.
 */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('unix:')) return parseUnixAddress(text);
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^:[\]\s/]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new UsageError(
      `listen address: found "${text}", expected host:port such as ":10077", "127.0.0.1:10077" or "[::1]:10077", or unix:/PATH`,
    );
  }
  const host = match[1] ?? match[2];
  return { host: host === '' ? undefined : host, port };
}

function formatListenAddress(address: ListenAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  if ('fd' in address) return `fd:${address.fd}`;
  const { host, port } = address;
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

const MAX_CONNECTIONS = 512;

function describeUrl(server: Server, address: ListenAddress, scheme: string): string {
  const bound = server.address();
  if (bound === null || typeof bound !== 'object') return formatListenAddress(address);
  const host = 'host' in address ? address.host : bound.address;
  const isAnywhere = host === undefined || host === '0.0.0.0' || host === '::';
  const shown = { host: isAnywhere ? 'localhost' : host, port: bound.port };
  return `${scheme}://${formatListenAddress(shown)}/`;
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

function startListening(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const finish = (): void => {
      server.off('error', reject);
      resolve();
    };
    if ('path' in address) listenOnPath(server, address.path, finish);
    else server.listen({ ...address }, finish);
  });
}

/** The same, in the place of a socket that a dead process has left. */
async function startListeningAnew(server: Server, address: ListenAddress): Promise<void> {
  try {
    await startListening(server, address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!('path' in address) || code !== 'EADDRINUSE') throw error;
    const reason = await removeStaleSocket(address.path);
    if (reason !== undefined) throw new Error(reason, { cause: error });
    await startListening(server, address);
  }
}

/**
 * Serves HTTP until closed, with TLS as `security` says for each new connection. More connections
 * than `maxConnections` at a time are dropped at once.
 *
 * @throws ExporterError when the address cannot be had.
 */
export async function listen(
  listener: RequestListener,
  address: ListenAddress,
  security: ListenSecurity = NO_SECURITY,
  maxConnections: number = MAX_CONNECTIONS,
): Promise<RunningServer> {
  const front = createFront({ listener, ...security });
  const options = { allowHalfOpen: true, noDelay: true };
  const server = createServer(options, (socket) => {
    front.accept(socket);
  });
  server.maxConnections = maxConnections;
  try {
    await startListeningAnew(server, address);
  } catch (error) {
    front.endIdle();
    const { code = '' } = error as NodeJS.ErrnoException;
    const reason = ('fd' in address ? undefined : REFUSALS[code]) ?? describeError(error);
    const where = formatListenAddress(address);
    const advice = 'fd' in address ? 'is it a listening socket?' : ADVICE;
    throw new ExporterError('failure', `listen on ${where}: ${reason}; ${advice}`, {
      cause: error,
    });
  }
  const scheme = security.readTls() === undefined ? 'http' : 'https';
  return {
    url: describeUrl(server, address, scheme),
    close: (graceMs = 2000) => closeServer(server, front, graceMs),
  };
}
