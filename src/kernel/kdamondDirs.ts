import { KernelError } from '../base/errors.ts';
import { readInteger } from './attribute.ts';
import { withBusyRetry, type BusyRetry } from './busyRetry.ts';
import { KDAMONDS } from './kdamonds.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

/**
 * Makes `kdamonds/0` to `kdamonds/<count - 1>`, where there are none at all.
 *
 * @throws KernelError EBUSY when there are kdamonds already: every write of `nr_kdamonds` throws
 * away what is staged in all of them, and they are somebody's.
 */
export async function createKdamondDirs(
  fs: KernelFs,
  count: number,
  retry: BusyRetry,
): Promise<void> {
  const path: KernelPath = `${KDAMONDS}/nr_kdamonds`;
  const present = readInteger(fs, path);
  if (present > 0) {
    throw new KernelError({
      operation: 'write',
      path: fs.describePath(path),
      value: String(count),
      errno: 'EBUSY',
      hint: `${present} staged by another program would be lost; if nobody needs them, write 0 there`,
    });
  }
  await withBusyRetry(() => {
    fs.writeText(path, String(count));
  }, retry);
}

/** Three looks of a writer that waits for a kdamond, and sees that it does not run any more. */
const LAST_LOOKS_MS = 300;

/**
 * Takes away all kdamond directories, stopped: only for those who made every one of them.
 *
 * Up to 6.13 a write to `state` that waits for the kdamond needs DAMON's lock to return, and the
 * kernel holds that lock here while it waits for writers to leave the file: both for ever, and DAMON
 * is out of reach until the next boot. So this comes after all such writes of this process, and
 * leaves those of others (damo, one that was killed) the time to return. Seen on 6.12.
 */
export async function removeKdamondDirs(fs: KernelFs, retry: BusyRetry): Promise<void> {
  const isSafe = fs.exists(`${KDAMONDS}/0/refresh_ms`);
  if (!isSafe) await retry.sleep(LAST_LOOKS_MS);
  await withBusyRetry(() => fs.writeTextBlocking(`${KDAMONDS}/nr_kdamonds`, '0'), retry);
}
