import { fstatSync } from 'node:fs';
import { UsageError } from '../../base/errors.ts';
import type { InheritedSocket } from '../../server/listen.ts';
import type { Environment } from './otlpVariables.ts';

/** Source: sd_listen_fds(3). */
const FIRST_FD = 3;
const MAX_SOCKETS = 64;

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    // Not open at all.
    return false;
  }
}

/**
 * The sockets that systemd listens on for this process.
 *
 * @throws UsageError where it left none, or for another process.
 */
export function findSystemdSockets(
  { LISTEN_PID: pid, LISTEN_FDS: count }: Environment,
  ownPid: number,
): InheritedSocket[] {
  const refuse = (problem: string): never => {
    const expected = 'expected to be started by a systemd socket unit';
    throw new UsageError(`--web.systemd-socket: ${problem}; ${expected}`);
  };
  if (pid === undefined || count === undefined) refuse('found no LISTEN_PID and LISTEN_FDS');
  if (pid !== String(ownPid)) refuse(`LISTEN_PID is ${pid}, and this process ${ownPid}`);
  const nrSockets = /^\d{1,9}$/.test(count ?? '') ? Number(count) : 0;
  if (nrSockets < 1 || nrSockets > MAX_SOCKETS) {
    refuse(`LISTEN_FDS is "${count}", not 1 to ${MAX_SOCKETS}`);
  }
  const sockets = Array.from({ length: nrSockets }, (_, index) => ({ fd: FIRST_FD + index }));
  for (const { fd } of sockets) if (!isSocket(fd)) refuse(`descriptor ${fd} is no socket`);
  return sockets;
}
