import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A disk of 1 MiB, nearly full, which only the program run through `wrapper` has. */
export interface SmallDisk {
  /** Executes its arguments in its own place. */
  readonly wrapper: readonly [string, ...string[]];
  readonly path: string;
  /** Takes most of the room. */
  readonly ballast: string;
  /** The same path as seen from outside, while a process with this disk runs. */
  seenFrom(pid: number | undefined, path: string): string;
}

/**
 * Whether this machine lets a test have a disk of its own.
 *
 * @throws Error where that is not so in CI.
 */
export function canMountDisks(dir: string): boolean {
  const mount = ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', dir];
  const isPossible = spawnSync('unshare', mount).status === 0;
  if (!isPossible && process.env['CI'] === 'true') {
    throw new Error('unshare and mount are required here');
  }
  return isPossible;
}

/** A disk in `dir`, of which so much is left. */
export function createSmallDisk(dir: string, freeBytes: number): SmallDisk {
  const path = join(dir, 'disk');
  const ballast = join(path, 'ballast');
  mkdirSync(path, { recursive: true });
  const ballastBytes = 2 ** 20 - freeBytes;
  const setup = `mount -t tmpfs -o size=1m none ${path} && head -c ${ballastBytes} /dev/zero >${ballast}`;
  return {
    wrapper: ['unshare', '-m', 'sh', '-c', `${setup} && exec "$@"`, 'sh'],
    path,
    ballast,
    seenFrom: (pid, inside) => join(`/proc/${String(pid)}/root`, inside),
  };
}
