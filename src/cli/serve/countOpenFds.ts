import { readdirSync, statSync } from 'node:fs';

const FD_DIR = '/proc/self/fd';

/**
 * Descriptors this process has open; undefined where /proc does not tell.
 *
 * Source: proc_fd_getattr, fs/proc/fd.c (6.2): the size of the directory; 0 before.
 */
export function countOpenFds(): number | undefined {
  try {
    const { size } = statSync(FD_DIR);
    // One of those that are listed is for the listing.
    return size > 0 ? size : readdirSync(FD_DIR).length - 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
