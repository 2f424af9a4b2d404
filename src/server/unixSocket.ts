import { lstatSync, unlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { connect } from 'node:net';
import type { Server } from 'node:net';

/** Of `sun_path` in Linux, without the byte that ends it. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** Nobody but the owner and the group. */
const SOCKET_UMASK = 0o117;

function readStats(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Undefined where nobody listens. */
function findListener(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.on('connect', () => {
      socket.destroy();
      resolve('another program listens there already');
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === 'ECONNREFUSED' ? undefined : `who listens there cannot be told (${code})`);
    });
  });
}

/**
 * Removes a socket that a dead process of this user left behind.
 *
 * @returns Why it is not removed; undefined where it is.
 */
export async function removeStaleSocket(path: string): Promise<string | undefined> {
  const stats = readStats(path);
  if (stats === undefined) return undefined;
  if (!stats.isSocket()) return 'a file that is no socket is there';
  const ownUid = process.geteuid?.() ?? 0;
  if (stats.uid !== ownUid) return `a socket of user ${stats.uid} is there`;
  const listener = await findListener(path);
  if (listener !== undefined) return listener;
  if (readStats(path)?.ino !== stats.ino) return 'another program has just come to listen there';
  unlinkSync(path);
  return undefined;
}

/** Begins to listen; the file never has other permissions than it keeps. */
export function listenOnPath(server: Server, path: string, listening: () => void): void {
  const before = process.umask(SOCKET_UMASK);
  try {
    // Binds before it returns: the mask holds for no other file of this thread.
    server.listen({ path }, listening);
  } finally {
    process.umask(before);
  }
}
