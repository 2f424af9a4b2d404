import assert from 'node:assert/strict';
import { findCapability, isSince } from '../../src/damon/capabilities.ts';
import { isKernelErrno, KernelError } from '../../src/base/errors.ts';
import { selectIndexes, trimAttribute } from '../../src/kernel/attribute.ts';
import { KDAMONDS } from '../../src/kernel/kdamonds.ts';
import type { KernelPath } from '../../src/kernel/kernelFs.ts';
import type { ContractKernel } from './contractKernel.ts';

/** What a write came to: `ok` or the errno. */
export type Outcome = string;

export const CONTEXT: `${typeof KDAMONDS}/0/contexts/0` = `${KDAMONDS}/0/contexts/0`;
export const SCHEME: `${typeof CONTEXT}/schemes/0` = `${CONTEXT}/schemes/0`;

/** By the version in the capability table: the contract is the place where versions are compared. */
export function hasCapability(kernel: ContractKernel, id: string): boolean {
  return isSince(kernel.release, findCapability(id).since);
}

/** The text without the final newline, or the errno of a read that failed. */
export function tryRead(kernel: ContractKernel, path: KernelPath): string {
  try {
    return trimAttribute(kernel.fs.readText(path));
  } catch (error) {
    return toErrno(error);
  }
}

/** A kdamond holds the lock for a moment after each aggregation. */
const NR_BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 50;

/**
 * The text of a file that can be read, without the final newline. While somebody else holds the
 * lock it is tried again, and no time passes but the machine's.
 */
export function read(kernel: ContractKernel, path: KernelPath): string {
  for (let left = NR_BUSY_TRIES; ; left -= 1) {
    try {
      return trimAttribute(kernel.fs.readText(path));
    } catch (error) {
      if (left === 0 || !isKernelErrno(error, 'EBUSY')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
  }
}

/** The same, or the errno of a read that failed. */
export function tryReadFree(kernel: ContractKernel, path: KernelPath): string {
  try {
    return read(kernel, path);
  } catch (error) {
    return toErrno(error);
  }
}

function toErrno(error: unknown): string {
  if (error instanceof KernelError && error.errno !== undefined) return error.errno;
  throw error;
}

/** Writes a file that answers at once. */
export function tryWrite(kernel: ContractKernel, path: KernelPath, value: string): Outcome {
  try {
    kernel.fs.writeText(path, value);
    return 'ok';
  } catch (error) {
    return toErrno(error);
  }
}

/** Writes a file that answers at once and takes the value. */
export function write(
  kernel: ContractKernel,
  path: KernelPath,
  value: bigint | number | string,
): void {
  assert.equal(tryWrite(kernel, path, String(value)), 'ok', `write "${value}" to ${path}`);
}

/** Writes a file that may keep the writer waiting. */
export async function tryWriteBlocking(
  kernel: ContractKernel,
  path: KernelPath,
  value: string,
): Promise<Outcome> {
  try {
    await kernel.settle(kernel.fs.writeTextBlocking(path, value));
    return 'ok';
  } catch (error) {
    return toErrno(error);
  }
}

/** Gives kdamond `index` a command. */
export function tryCommand(kernel: ContractKernel, keyword: string, index = 0): Promise<Outcome> {
  return tryWriteBlocking(kernel, `${KDAMONDS}/${index}/state`, keyword);
}

/** Gives kdamond `index` a command that it takes, if not at once. */
export async function command(kernel: ContractKernel, keyword: string, index = 0): Promise<void> {
  let outcome = await tryCommand(kernel, keyword, index);
  for (let left = NR_BUSY_TRIES; outcome === 'EBUSY' && left > 0; left -= 1) {
    await kernel.sleep(BUSY_PAUSE_MS);
    outcome = await tryCommand(kernel, keyword, index);
  }
  assert.equal(outcome, 'ok', `state of ${index}: ${keyword}`);
}

/** `on` or `off`, and the pid as text: the two files read together. */
export function readState(kernel: ContractKernel, index = 0): { state: string; pid: string } {
  const path: KernelPath = `${KDAMONDS}/${index}`;
  return { state: read(kernel, `${path}/state`), pid: read(kernel, `${path}/pid`) };
}

/** Looks until it is so, or fails after a time that no kernel needs. */
export async function eventually(
  kernel: ContractKernel,
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let left = 600; left > 0; left -= 1) {
    if (await isSo()) return;
    await kernel.sleep(50);
  }
  assert.fail(`within 30 s: ${what}`);
}

/** Numbered directories, ascending. */
export function listNumbers(kernel: ContractKernel, path: KernelPath): number[] {
  return selectIndexes(kernel.fs.list(path));
}

/** Stops everything that uses DAMON, and leaves nothing behind. */
export async function resetDamon(kernel: ContractKernel): Promise<void> {
  for (const index of listNumbers(kernel, KDAMONDS)) {
    await eventually(
      kernel,
      'state can be read',
      () => tryRead(kernel, `${KDAMONDS}/${index}/state`) !== 'EBUSY',
    );
    if (readState(kernel, index).state === 'on') await tryCommand(kernel, 'off', index);
  }
  await kernel.killAll();
  await eventually(
    kernel,
    'nr_kdamonds takes 0',
    () => tryWrite(kernel, `${KDAMONDS}/nr_kdamonds`, '0') === 'ok',
  );
  for (const name of ['damon_stat', 'damon_reclaim', 'damon_lru_sort']) {
    const path: KernelPath = `sys/module/${name}/parameters/enabled`;
    if (tryRead(kernel, path) === 'Y') {
      assert.equal(await tryWriteBlocking(kernel, path, 'N'), 'ok');
    }
  }
  removeInstance(kernel);
}

/** The tracefs instance of the cases. */
export const INSTANCE: KernelPath = 'trace/instances/contract';

function removeInstance(kernel: ContractKernel): void {
  try {
    kernel.fs.removeDir(INSTANCE);
  } catch (error) {
    if (!isKernelErrno(error, 'ENOENT')) throw error;
  }
}
