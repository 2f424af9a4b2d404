import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { describeError, ExporterError, UsageError } from '../base/errors.ts';

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

/** Limits that keep slow or broken clients from holding memory and connections for long. */
function createLimitedServer(listener: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // Longer than usual scrape intervals, so that a scraper keeps its connection.
      keepAliveTimeout: 75_000,
      connectionsCheckingInterval: 5_000,
    },
    listener,
  );
  server.maxConnections = 512;
  server.setTimeout(120_000);
  return server;
}

function describeUrl(server: Server, host: string | undefined): string {
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  const isAnywhere = host === undefined || host === '0.0.0.0' || host === '::';
  return `http://${formatListenAddress({ host: isAnywhere ? 'localhost' : host, port })}/`;
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/**
 * Serves HTTP until closed.
 *
 * @throws ExporterError when the address cannot be had.
 */
export function listen(listener: RequestListener, address: ListenAddress): Promise<RunningServer> {
  const server = createLimitedServer(listener);
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const reason = REFUSALS[error.code ?? ''] ?? describeError(error);
      const where = formatListenAddress(address);
      const advice = 'choose another with --web.listen-address';
      reject(
        new ExporterError('failure', `listen on ${where}: ${reason}; ${advice}`, { cause: error }),
      );
    };
    server.once('error', refuse);
    server.listen({ port: address.port, host: address.host }, () => {
      server.off('error', refuse);
      resolve({
        url: describeUrl(server, address.host),
        close: (graceMs = 2000) => closeServer(server, graceMs),
      });
    });
  });
}
