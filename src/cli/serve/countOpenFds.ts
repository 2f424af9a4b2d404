import { readdirSync } from 'node:fs';

/** Descriptors this process has open; undefined where /proc does not tell. */
export function countOpenFds(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
