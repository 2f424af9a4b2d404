import { readFileSync } from 'node:fs';

/** More at a time are dropped at once; each costs memory and a descriptor. */
const MAX_CONNECTIONS = 512;
/** For the kernel's files, the trace of each CPU, the record and Node itself. */
const RESERVED_FDS = 64;
const MIN_CONNECTIONS = 4;

/** Undefined where /proc does not tell. */
function readFdLimit(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

/** Connections that each of so many servers takes, so that clients leave descriptors for the rest. */
export function countConnections(
  nrServers: number,
  fdLimit: number = readFdLimit() ?? Infinity,
): number {
  const room = Math.floor((fdLimit - RESERVED_FDS) / Math.max(1, nrServers));
  return Math.max(MIN_CONNECTIONS, Math.min(MAX_CONNECTIONS, room));
}
