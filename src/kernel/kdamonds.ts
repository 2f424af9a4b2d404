import { setImmediate as nextTurn } from 'node:timers/promises';
import { isKernelErrno, KernelError } from '../base/errors.ts';
import type { KdamondState } from '../damon/kdamond.ts';
import {
  omitAbsent,
  readIfPresent,
  readInteger,
  readNumbered,
  readWord,
  selectIndexes,
} from './attribute.ts';
import { withBusyRetry, type BusyRetry } from './busyRetry.ts';
import { readContext } from './contexts.ts';
import { DAMON_ADMIN, type KernelFs, type KernelPath } from './kernelFs.ts';

/** The directory that holds every kdamond made through sysfs. */
export const KDAMONDS: `${typeof DAMON_ADMIN}/kdamonds` = `${DAMON_ADMIN}/kdamonds`;

/** Whether a kdamond runs, and as what: the two files that DAMON's lock guards even for readers. */
export interface RunState {
  readonly isRunning: boolean;
  readonly pid: number | undefined;
}

function readRunStateOnce(fs: KernelFs, path: KernelPath): RunState {
  const state = readWord(fs, `${path}/state`);
  if (state !== 'on' && state !== 'off') {
    throw new KernelError({
      operation: 'read',
      path: fs.describePath(`${path}/state`),
      hint: `found "${state}", expected on or off`,
    });
  }
  const pid = readInteger(fs, `${path}/pid`);
  return { isRunning: state === 'on', pid: state === 'on' && pid > 0 ? pid : undefined };
}

/**
 * Whether kdamond `index` runs, tried again while another program waits in a `state` write.
 *
 * Files: `kdamonds/<K>/{state,pid}`
 *
 * @throws KernelError EBUSY when the lock stayed taken: such a write can take minutes.
 */
export function readRunState(fs: KernelFs, index: number, retry: BusyRetry): Promise<RunState> {
  return withBusyRetry(() => readRunStateOnce(fs, `${KDAMONDS}/${index}`), retry);
}

export interface KdamondsOptions {
  readonly retry: BusyRetry;
  readonly withTriedRegions: boolean;
  /**
   * By index, from an earlier reading: used at once where the kernel answers EBUSY, instead of
   * waiting for a writer that may take minutes.
   */
  readonly lastRunStates: ReadonlyMap<number, RunState>;
}

export interface KdamondsReading {
  readonly kdamonds: readonly KdamondState[];
  /** Kdamonds that are there and could not be read; the others are in the list above. */
  readonly problems: readonly KdamondProblem[];
}

interface KdamondProblem {
  readonly index: number;
  readonly error: KernelError;
}

async function readRunStateOrLast(
  fs: KernelFs,
  index: number,
  options: KdamondsOptions,
): Promise<RunState> {
  const last = options.lastRunStates.get(index);
  if (last === undefined) return readRunState(fs, index, options.retry);
  try {
    return readRunStateOnce(fs, `${KDAMONDS}/${index}`);
  } catch (error) {
    if (!isKernelErrno(error, 'EBUSY')) throw error;
    options.retry.onBusy();
    return last;
  }
}

/**
 * One kdamond made through sysfs.
 *
 * Files: `kdamonds/<K>`
 *
 * @throws KernelError ENOENT when there is none of that index.
 */
export async function readKdamond(
  fs: KernelFs,
  index: number,
  options: KdamondsOptions,
): Promise<KdamondState> {
  const path: KernelPath = `${KDAMONDS}/${index}`;
  const runState = await readRunStateOrLast(fs, index, options);
  return {
    index,
    ...runState,
    ...omitAbsent({ refreshMs: readIfPresent(readInteger, fs, `${path}/refresh_ms`) }),
    contexts:
      readNumbered(fs, `${path}/contexts`, (context) => readContext(fs, context, options)) ?? [],
  };
}

/** Kdamonds read before everybody else has a turn: a few milliseconds. */
const NR_PER_TURN = 8;

/**
 * Every kdamond made through sysfs, whoever made it, as staged and reported there. One that
 * vanishes while it is read is left out.
 *
 * Files: `kdamonds/<K>`
 *
 * @throws KernelError when the tree itself cannot be listed (ENOENT: no DAMON sysfs interface).
 */
export async function readKdamonds(
  fs: KernelFs,
  options: KdamondsOptions,
): Promise<KdamondsReading> {
  const kdamonds: KdamondState[] = [];
  const problems: KdamondProblem[] = [];
  for (const [at, index] of selectIndexes(fs.list(KDAMONDS)).entries()) {
    if (at % NR_PER_TURN === NR_PER_TURN - 1) await nextTurn();
    try {
      kdamonds.push(await readKdamond(fs, index, options));
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      if (!isKernelErrno(error, 'ENOENT', 'ENODEV')) problems.push({ index, error });
    }
  }
  return { kdamonds, problems };
}
