import { constants, lstatSync, readlinkSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';

/** Of an open file of this process, whatever it is. */
const DESCRIPTOR_PATH = /^\/(?:dev\/(?:stdin|stdout|stderr|fd\/\d+)|proc\/self\/fd\/\d+)$/;

/** Undefined where nothing is, or nothing can be seen. */
function look(stat: typeof lstatSync, path: string): Stats | undefined {
  try {
    return stat(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function describeKind(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isBlockDevice() || stats.isCharacterDevice() ? 'a device' : 'a special file';
}

/**
 * Why nothing may take the name of what is there: it is no plain file, so replacing it would harm
 * more than old content, and writing through a link would harm what somebody made it lead to.
 *
 * @returns What was found and what to do; undefined for a plain file and for nothing at all, also
 *   where nothing can be seen: whoever writes there learns why.
 */
export function findObstacle(path: string): string | undefined {
  const stats = look(lstatSync, path);
  if (stats === undefined || stats.isFile()) return undefined;
  if (!stats.isSymbolicLink()) {
    return `found ${describeKind(stats)}, which is not replaced; name a file`;
  }
  return `found a symbolic link to ${readlinkSync(path)}, which is neither followed nor replaced; name the file itself, or remove the link`;
}

/** Whether anything has the name. */
export function isTaken(path: string): boolean {
  return look(lstatSync, path) !== undefined;
}

/** To open a stream with: neither made nor emptied, what it holds was put there by somebody else. */
export const STREAM_FLAGS: number = constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY;

/** Others can make links and pipes where all may write, as in /tmp. */
export function isOfOwnOrRoot({ uid }: Pick<Stats, 'uid'>): boolean {
  return uid === 0 || uid === (process.geteuid?.() ?? 0);
}

/**
 * Whether what is there is fed like standard output instead of being replaced: a device such as
 * /dev/null, a named pipe, an open file such as /dev/stdout. Not through links and pipes of others.
 */
export function isStreamPlace(path: string): boolean {
  const [named, behind] = [look(lstatSync, path), look(statSync, path)];
  if (named === undefined || behind === undefined) return false;
  if (DESCRIPTOR_PATH.test(path)) return true;
  return (behind.isCharacterDevice() || behind.isFIFO()) && isOfOwnOrRoot(named);
}
