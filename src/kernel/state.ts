import { isKernelErrno, KernelError } from '../base/errors.ts';
import { withBusyRetry, type BusyRetry } from './busyRetry.ts';
import { KDAMONDS, readRunState } from './kdamonds.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

/**
 * Every word `state` takes, and how long the kernel may keep the writer waiting. Since 6.14 a
 * "sample" really is one sampling interval; before, and in a kdamond that watermarks keep inactive,
 * it is an aggregation or a watermark interval.
 */
export const STATE_KEYWORDS = {
  on: 'at once',
  off: 'sample',
  commit: 'sample',
  commit_schemes_quota_goals: 'sample',
  update_schemes_stats: 'sample',
  update_schemes_effective_quotas: 'sample',
  update_tuned_intervals: 'sample',
  update_schemes_tried_regions: 'longest apply interval',
  update_schemes_tried_bytes: 'longest apply interval',
  clear_schemes_tried_regions: 'at once',
} as const;
export type StateKeyword = keyof typeof STATE_KEYWORDS;

/** How long to wait for `state` to read as asked for. */
const POLL_ATTEMPTS = 40;
const POLL_DELAY_MS = 50;

function getStatePath(index: number): KernelPath {
  return `${KDAMONDS}/${index}/state`;
}

/**
 * Gives a kdamond one command, off the event loop, and resolves when the kernel has done it: for
 * the tried regions that can take minutes.
 *
 * Files: `kdamonds/<K>/state`
 *
 * @throws KernelError EINVAL: this kernel lacks the keyword (or, before 6.14, the kdamond is off);
 * ECANCELED: it is off, paused or inactive; EBUSY: another writer stayed.
 */
export function writeState(
  fs: KernelFs,
  index: number,
  keyword: StateKeyword,
  retry: BusyRetry,
): Promise<void> {
  return withBusyRetry(() => fs.writeTextBlocking(getStatePath(index), keyword), retry);
}

async function waitForState(
  fs: KernelFs,
  index: number,
  wanted: 'on' | 'off',
  retry: BusyRetry,
): Promise<void> {
  for (let left = POLL_ATTEMPTS; left > 0; left -= 1) {
    const { isRunning } = await readRunState(fs, index, retry);
    if (isRunning === (wanted === 'on')) return;
    await retry.sleep(POLL_DELAY_MS);
  }
  throw new KernelError({
    operation: 'write',
    path: fs.describePath(getStatePath(index)),
    value: wanted,
    hint: `the kernel took it, but the state never read ${wanted}; see dmesg`,
  });
}

/**
 * Starts what is staged.
 *
 * @throws KernelError EBUSY when another user of DAMON runs, EINVAL when what is staged cannot run;
 * without errno when it ended at once, as it does with no target or when the process is gone.
 */
export async function startKdamond(fs: KernelFs, index: number, retry: BusyRetry): Promise<void> {
  await writeState(fs, index, 'on', retry);
  await waitForState(fs, index, 'on', retry);
}

/**
 * Past our own writes first: on 6.12 a commit to a kdamond that watermarks keep inactive comes back
 * only after `off`. Where another write holds DAMON's lock, after it.
 */
async function writeOff(fs: KernelFs, index: number, retry: BusyRetry): Promise<void> {
  try {
    const path = getStatePath(index);
    await withBusyRetry(() => fs.writeTextBlocking(path, 'off', { overtakes: true }), retry);
  } catch (error) {
    if (!isKernelErrno(error, 'EBUSY')) throw error;
    await writeState(fs, index, 'off', retry);
  }
}

/** Stops a kdamond; one that is off already is fine. */
export async function stopKdamond(fs: KernelFs, index: number, retry: BusyRetry): Promise<void> {
  let refusal: unknown;
  try {
    await writeOff(fs, index, retry);
  } catch (error) {
    // It is off already: EPERM, or EINVAL if it never ran.
    if (!isKernelErrno(error, 'EPERM', 'EINVAL')) throw error;
    refusal = error;
  }
  try {
    await waitForState(fs, index, 'off', retry);
  } catch (error) {
    throw refusal ?? error;
  }
}

/**
 * Gives everything staged to the running kdamond.
 *
 * @throws KernelError EINVAL when the kernel refuses it and goes on as before; without errno when
 * it took it and ended the kdamond, as 6.12 does with intervals or region bounds it cannot use.
 * Never resolves on 6.12 while watermarks keep the kdamond inactive, unless it is stopped.
 */
export async function commitKdamond(fs: KernelFs, index: number, retry: BusyRetry): Promise<void> {
  await writeState(fs, index, 'commit', retry);
  if ((await readRunState(fs, index, retry)).isRunning) return;
  throw new KernelError({
    operation: 'write',
    path: fs.describePath(getStatePath(index)),
    value: 'commit',
    hint: 'the kernel took it and the kdamond ended: correct what is staged and start it again',
  });
}
