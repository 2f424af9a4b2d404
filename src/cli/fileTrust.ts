import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

function findStranger({ uid, mode }: Stats, ownUid: number): string | undefined {
  if (uid !== 0 && uid !== ownUid) return `belongs to user ${uid}`;
  return (mode & WRITABLE_BY_OTHERS) === 0 ? undefined : 'can be written by others';
}

/** A file in a directory that others can write to can be replaced, unless it is like /tmp. */
function findStrangerOfDirectory(stats: Stats, ownUid: number): string | undefined {
  const isSticky = (stats.mode & STICKY) !== 0 && stats.uid === 0;
  return isSticky ? undefined : findStranger(stats, ownUid);
}

/**
 * Who else could have written what a file says, and so have this program, with all its rights, do
 * something.
 *
 * @param stats Of the file as it was opened; undefined where there is none yet.
 * @returns Undefined for nobody but root and the own user.
 * @throws the file system's error when there is no directory.
 */
export function findDistrust(path: string, stats: Stats | undefined): string | undefined {
  const ownUid = process.geteuid?.() ?? 0;
  const stranger = stats && findStranger(stats, ownUid);
  if (stranger !== undefined) return `the file ${stranger}`;
  const directory = dirname(resolve(path));
  const around = findStrangerOfDirectory(statSync(directory), ownUid);
  return around && `its directory ${directory} ${around}`;
}
